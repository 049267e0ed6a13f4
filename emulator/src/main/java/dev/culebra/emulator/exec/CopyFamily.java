package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.util.List;

/** {@code cp.async}, {@code cp.async.bulk} and {@code cp.reduce.async.bulk} (PTX ISA 9.7.9.25). */
final class CopyFamily implements OperationFamily {
  private final Instruction instruction;
  private final EngineContext context;
  private final Modifiers modifiers;

  CopyFamily() {
    this(null, null, null);
  }

  private CopyFamily(Instruction instruction, EngineContext context, Modifiers modifiers) {
    this.instruction = instruction;
    this.context = context;
    this.modifiers = modifiers;
  }

  @Override
  public Operation decode(Instruction decoded, DecodeContext decodeContext) {
    if (!decoded.opcode().equals("cp")) {
      return null;
    }
    EngineContext engine = (EngineContext) decodeContext;
    return new CopyFamily(decoded, engine, engine.modifiers(decoded)).decode();
  }

  private Operation decode() {
    boolean reduce = modifiers.take("reduce");
    if (!modifiers.take("async")) {
      throw modifiers.unsupported();
    }
    if (modifiers.take("bulk")) {
      return bulk(reduce);
    }
    if (reduce) {
      throw modifiers.unsupported();
    }
    String kind =
        modifiers.takeOneOf("commit_group", "wait_group", "wait_all", "mbarrier", "ca", "cg");
    return switch (kind) {
      case null -> throw modifiers.unsupported();
      case "commit_group" -> {
        finish(0);
        yield new CopyOperations.Commit(false);
      }
      case "wait_all" -> {
        finish(0);
        yield new CopyOperations.AwaitAll();
      }
      case "wait_group" -> {
        finish(1);
        yield new CopyOperations.Await(constant(0), false, false);
      }
      case "mbarrier" -> arrive();
      default -> copy(kind.equals("cg"));
    };
  }

  private Operation arrive() {
    boolean arrive = modifiers.take("arrive");
    boolean counted = modifiers.take("noinc");
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (!arrive
        || space != null && space != StateSpace.SHARED
        || modifiers.takeType() != ScalarType.B64) {
      throw modifiers.unsupported();
    }
    finish(1);
    return new MbarrierOperations.ArriveAfterCopies(
        counted, context.address(instruction, operand(0), space), site());
  }

  private Operation copy(boolean large) {
    boolean spaces =
        modifiers.takeOneOf("shared", "shared::cta") != null && modifiers.take("global");
    boolean hint = modifiers.take("L2::cache_hint");
    modifiers.takeOneOf("L2::64B", "L2::128B", "L2::256B");
    int count = instruction.operands().size() - (hint ? 1 : 0);
    if (!spaces || count < 3 || count > 4) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    long bytes = constant(2);
    if (bytes != 16 && (large || bytes != 4 && bytes != 8)) {
      throw modifiers.unsupported();
    }
    int sourceBytes = -1;
    int ignored = -1;
    if (count == 4) {
      if (operand(3) instanceof Operand.Register register && register.type() == ScalarType.PRED) {
        ignored = context.predicate(instruction, register);
      } else {
        sourceBytes = context.source(instruction, operand(3), ScalarType.U32);
      }
    }
    return new CopyOperations.Issue(
        port(0, StateSpace.SHARED, MemoryOperation.Kind.ASYNC_WRITE, (int) bytes, MemoryOrder.WEAK),
        port(1, StateSpace.GLOBAL, MemoryOperation.Kind.ASYNC_READ, (int) bytes, MemoryOrder.WEAK),
        (int) bytes,
        sourceBytes,
        ignored);
  }

  private Operation bulk(boolean reduce) {
    if (!reduce && modifiers.take("commit_group")) {
      finish(0);
      return new CopyOperations.Commit(true);
    }
    if (!reduce && modifiers.take("wait_group")) {
      boolean read = modifiers.take("read");
      finish(1);
      return new CopyOperations.Await(constant(0), true, read);
    }
    if (!reduce && modifiers.take("prefetch")) {
      boolean known = modifiers.take("L2") & modifiers.take("global");
      boolean hint = modifiers.take("L2::cache_hint");
      if (!known) {
        throw modifiers.unsupported();
      }
      finish(hint ? 3 : 2);
      context.address(instruction, operand(0), StateSpace.GLOBAL);
      context.source(instruction, operand(1), ScalarType.U32);
      return new ControlFamily.Nothing();
    }
    return bulkCopy(reduce);
  }

  private Operation bulkCopy(boolean reduce) {
    String to = modifiers.takeNext();
    String from = modifiers.takeNext();
    String completion = modifiers.takeOneOf("mbarrier::complete_tx::bytes", "bulk_group");
    boolean intoShared = "shared::cluster".equals(to) || "shared::cta".equals(to);
    boolean counted = "mbarrier::complete_tx::bytes".equals(completion);
    boolean known =
        intoShared
            ? counted && ("shared::cta".equals(from) || "global".equals(from) && !reduce)
            : "global".equals(to) && "shared::cta".equals(from) && "bulk_group".equals(completion);
    boolean multicast = intoShared && !reduce && modifiers.take("multicast::cluster");
    boolean hint = modifiers.take("L2::cache_hint");
    if (!known || "shared::cta".equals(to) && "shared::cta".equals(from)) {
      throw modifiers.unsupported();
    }
    AsyncCopy.Action action = reduce ? reduction(!intoShared) : null;
    modifiers.finish();
    int operands = 3 + (counted ? 1 : 0) + (multicast ? 1 : 0) + (hint ? 1 : 0);
    if (instruction.operands().size() != operands) {
      throw context.unsupported(instruction);
    }
    if (multicast) {
      // With clusters of one, the mask can name this block alone.
      context.source(instruction, operand(4), ScalarType.B16);
    }
    return new CopyOperations.IssueBulk(
        port(
            0,
            intoShared ? StateSpace.SHARED : StateSpace.GLOBAL,
            MemoryOperation.Kind.ASYNC_WRITE,
            Port.BULK_ALIGNMENT,
            reduce ? MemoryOrder.RELAXED : MemoryOrder.WEAK),
        port(
            1,
            "global".equals(from) ? StateSpace.GLOBAL : StateSpace.SHARED,
            MemoryOperation.Kind.ASYNC_READ,
            Port.BULK_ALIGNMENT,
            MemoryOrder.WEAK),
        context.source(instruction, operand(2), ScalarType.U32),
        action,
        counted
            ? new MbarrierOperations.Counter(
                context.address(instruction, operand(3), StateSpace.SHARED), site())
            : null);
  }

  private AsyncCopy.Action reduction(boolean global) {
    String name = modifiers.takeOneOf("and", "or", "xor", "add", "inc", "dec", "min", "max");
    boolean unflushed = modifiers.take("noftz");
    ScalarType type = modifiers.takeType();
    boolean half = type == ScalarType.F16 || type == ScalarType.BF16;
    AtomicFunction function = name == null ? null : AtomicFamily.function(name, type, global);
    if (function == null || unflushed != (half && name.equals("add"))) {
      throw modifiers.unsupported();
    }
    return new AtomicChange(function, AtomicFamily.element(type))::all;
  }

  private void finish(int operands) {
    modifiers.finish();
    if (instruction.operands().size() != operands) {
      throw context.unsupported(instruction);
    }
  }

  private long constant(int index) {
    if (operand(index) instanceof Operand.IntegerConstant(long value) && value >= 0) {
      return value;
    }
    throw context.unsupported(instruction);
  }

  private Port port(
      int index, StateSpace space, MemoryOperation.Kind kind, int bytes, MemoryOrder order) {
    return new Port(
        context.address(instruction, operand(index), space), kind, bytes, order, site());
  }

  private Operand operand(int index) {
    List<Operand> operands = instruction.operands();
    return operands.get(index);
  }

  private Site site() {
    return context.site(instruction);
  }
}
