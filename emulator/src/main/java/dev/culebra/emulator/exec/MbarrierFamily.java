package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.util.List;

/** {@code mbarrier} (PTX ISA 9.7.13.15). */
final class MbarrierFamily implements OperationFamily {
  private final Instruction instruction;
  private final EngineContext context;
  private final Modifiers modifiers;

  MbarrierFamily() {
    this(null, null, null);
  }

  private MbarrierFamily(Instruction instruction, EngineContext context, Modifiers modifiers) {
    this.instruction = instruction;
    this.context = context;
    this.modifiers = modifiers;
  }

  @Override
  public Operation decode(Instruction decoded, DecodeContext decodeContext) {
    if (!decoded.opcode().equals("mbarrier")) {
      return null;
    }
    EngineContext engine = (EngineContext) decodeContext;
    return new MbarrierFamily(decoded, engine, engine.modifiers(decoded)).decode();
  }

  private Operation decode() {
    String kind = modifiers.takeNext();
    return switch (kind) {
      case null -> throw modifiers.unsupported();
      case "init", "inval" -> {
        StateSpace space = finish();
        AddressOperand address = address(0, space);
        yield kind.equals("init")
            ? new MbarrierOperations.Init(address, word(1, 2), site())
            : new MbarrierOperations.Invalidate(address, site());
      }
      case "expect_tx", "complete_tx" -> {
        modifiers.take("relaxed");
        AccessModifiers.takeScope(modifiers);
        StateSpace space = finish();
        yield new MbarrierOperations.Bytes(
            kind.equals("complete_tx"), address(0, space), word(1, 2), site());
      }
      case "arrive", "arrive_drop" -> arrive(kind.equals("arrive_drop"));
      case "pending_count" -> {
        finish();
        yield new MbarrierOperations.PendingCount(
            context.destination(instruction, operand(0), ScalarType.U32),
            context.source(instruction, operand(1), ScalarType.B64));
      }
      case "test_wait", "try_wait" -> test(kind.equals("try_wait"));
      default -> throw modifiers.unsupported();
    };
  }

  private Operation arrive(boolean drop) {
    boolean bytes = modifiers.take("expect_tx");
    boolean incomplete = modifiers.take("noComplete");
    modifiers.takeOneOf("release", "relaxed");
    AccessModifiers.takeScope(modifiers);
    StateSpace space = finish();
    if (bytes && incomplete) {
      throw context.unsupported(instruction);
    }
    // Without a state, the address comes first (PTX ISA 9.7.13.15.13).
    int first = operand(0) instanceof Operand.Address ? 0 : 1;
    int result =
        first == 0 || operand(0) instanceof Operand.Sink
            ? -1
            : context.destination(instruction, operand(0), ScalarType.B64);
    boolean counted = instruction.operands().size() > first + 1;
    if (!counted && (bytes || incomplete)) {
      throw context.unsupported(instruction);
    }
    return new MbarrierOperations.Arrive(
        bytes
            ? MbarrierOperations.Arrive.Kind.EXPECT_BYTES
            : incomplete
                ? MbarrierOperations.Arrive.Kind.NO_COMPLETE
                : MbarrierOperations.Arrive.Kind.PLAIN,
        drop,
        address(first, space),
        result,
        counted ? word(first + 1, first + 2) : -1,
        site());
  }

  private Operation test(boolean waits) {
    boolean parity = modifiers.take("parity");
    modifiers.takeOneOf("acquire", "relaxed");
    AccessModifiers.takeScope(modifiers);
    StateSpace space = finish();
    List<Operand> operands = instruction.operands();
    if (operands.size() != 3 && !(waits && operands.size() == 4)) {
      throw context.unsupported(instruction);
    }
    return new MbarrierOperations.Wait(
        waits,
        address(1, space),
        parity,
        context.source(instruction, operand(2), parity ? ScalarType.U32 : ScalarType.B64),
        context.destination(instruction, operand(0), ScalarType.PRED),
        site());
  }

  /** Takes off space and type, after which nothing may be left. */
  private StateSpace finish() {
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (space != null && space != StateSpace.SHARED || modifiers.takeType() != ScalarType.B64) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    return space;
  }

  private Operand operand(int index) {
    if (index >= instruction.operands().size()) {
      throw context.unsupported(instruction);
    }
    return instruction.operands().get(index);
  }

  private AddressOperand address(int index, StateSpace space) {
    return context.address(instruction, operand(index), space);
  }

  private int word(int index, int operands) {
    if (instruction.operands().size() != operands) {
      throw context.unsupported(instruction);
    }
    return context.source(instruction, operand(index), ScalarType.U32);
  }

  private Site site() {
    return context.site(instruction);
  }
}
