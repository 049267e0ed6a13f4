package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import java.util.List;
import java.util.Locale;

/** What lanes of a warp exchange (PTX ISA 9.7.9.5, 9.7.9.6 and 9.7.13.8 to 14). */
final class ExchangeFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    EngineContext context = (EngineContext) decodeContext;
    Modifiers modifiers = context.modifiers(instruction);
    return switch (instruction.opcode()) {
      case "shfl" -> shuffle(instruction, context, modifiers);
      case "vote" -> vote(instruction, context, modifiers);
      case "match" -> match(instruction, context, modifiers);
      case "redux" -> reduce(instruction, context, modifiers);
      case "elect" -> elect(instruction, context, modifiers);
      case "activemask" -> {
        if (modifiers.takeType() != ScalarType.B32) {
          throw modifiers.unsupported();
        }
        modifiers.finish();
        yield new ExchangeOperations.ActiveMask(
            context.destination(instruction, instruction.operands().getFirst(), ScalarType.B32));
      }
      default -> null;
    };
  }

  private static Operation shuffle(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean sync = modifiers.take("sync");
    String mode = modifiers.takeOneOf("up", "down", "bfly", "idx");
    if (mode == null || modifiers.takeType() != ScalarType.B32) {
      throw modifiers.unsupported();
    }
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    require(instruction, context, operands.size() == (sync ? 5 : 4));
    Operand first = operands.getFirst();
    int predicate = -1;
    if (first instanceof Operand.Pair(Operand result, Operand inRange)) {
      first = result;
      predicate = context.destination(instruction, inRange, ScalarType.PRED);
    }
    ShuffleOperation operation =
        new ShuffleOperation(
            ShuffleOperation.Mode.valueOf(mode.toUpperCase(Locale.ROOT)),
            context.source(instruction, operands.get(1), ScalarType.B32),
            context.source(instruction, operands.get(2), ScalarType.B32),
            context.source(instruction, operands.get(3), ScalarType.B32),
            context.destination(instruction, first, ScalarType.B32),
            predicate,
            mask(instruction, context, sync, 4),
            context.site(instruction));
    return sync ? operation : new ExchangeOperations.Unsynchronised(operation);
  }

  private static int mask(
      Instruction instruction, EngineContext context, boolean sync, int operand) {
    return sync
        ? context.source(instruction, instruction.operands().get(operand), ScalarType.B32)
        : context.layout().word(Operation.ALL);
  }

  private static Operation vote(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean sync = modifiers.take("sync");
    String kind = modifiers.takeOneOf("all", "any", "uni", "ballot");
    boolean ballot = "ballot".equals(kind);
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    require(
        instruction,
        context,
        kind != null
            && type == (ballot ? ScalarType.B32 : ScalarType.PRED)
            && operands.size() == (sync ? 3 : 2));
    SyncOperation operation =
        new ExchangeOperations.Vote(
            ExchangeOperations.Vote.Kind.valueOf(kind.toUpperCase(Locale.ROOT)),
            context.predicate(instruction, operands.get(1)),
            operands.get(1) instanceof Operand.NegatedPredicate,
            context.destination(instruction, operands.getFirst(), type),
            mask(instruction, context, sync, 2),
            context.site(instruction));
    return sync ? operation : new ExchangeOperations.Unsynchronised(operation);
  }

  private static Operation match(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean sync = modifiers.take("sync");
    String kind = modifiers.takeOneOf("any", "all");
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    require(
        instruction,
        context,
        sync && kind != null && (type == ScalarType.B32 || type == ScalarType.B64));
    List<Operand> operands = instruction.operands();
    Operand first = operands.getFirst();
    int predicate = -1;
    if (kind.equals("all") && first instanceof Operand.Pair(Operand result, Operand same)) {
      first = result;
      predicate = context.destination(instruction, same, ScalarType.PRED);
    }
    return new ExchangeOperations.Match(
        kind.equals("all"),
        type == ScalarType.B64,
        context.source(instruction, operands.get(1), type),
        context.destination(instruction, first, ScalarType.B32),
        predicate,
        mask(instruction, context, true, 2),
        context.site(instruction));
  }

  private static Operation reduce(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean sync = modifiers.take("sync");
    String name = modifiers.takeOneOf("add", "min", "max", "and", "or", "xor");
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    require(instruction, context, sync && name != null && type.bits() == 32);
    boolean signed = type == ScalarType.S32;
    boolean number = signed || type == ScalarType.U32;
    ExchangeOperations.Reduce.Kind kind =
        switch (name) {
          case "add" -> ExchangeOperations.Reduce.Kind.ADD;
          case "min" ->
              signed
                  ? ExchangeOperations.Reduce.Kind.MIN_SIGNED
                  : ExchangeOperations.Reduce.Kind.MIN_UNSIGNED;
          case "max" ->
              signed
                  ? ExchangeOperations.Reduce.Kind.MAX_SIGNED
                  : ExchangeOperations.Reduce.Kind.MAX_UNSIGNED;
          case "and" -> ExchangeOperations.Reduce.Kind.AND;
          case "or" -> ExchangeOperations.Reduce.Kind.OR;
          default -> ExchangeOperations.Reduce.Kind.XOR;
        };
    boolean bitwise = name.equals("and") || name.equals("or") || name.equals("xor");
    require(instruction, context, bitwise ? type == ScalarType.B32 : number);
    List<Operand> operands = instruction.operands();
    return new ExchangeOperations.Reduce(
        kind,
        context.source(instruction, operands.get(1), type),
        context.destination(instruction, operands.getFirst(), type),
        mask(instruction, context, true, 2),
        context.site(instruction));
  }

  private static Operation elect(
      Instruction instruction, EngineContext context, Modifiers modifiers) {
    boolean sync = modifiers.take("sync");
    modifiers.finish();
    List<Operand> operands = instruction.operands();
    require(instruction, context, sync && operands.size() == 2);
    if (!(operands.getFirst() instanceof Operand.Pair(Operand leader, Operand elected))) {
      throw context.unsupported(instruction);
    }
    return new ExchangeOperations.Elect(
        leader instanceof Operand.Sink
            ? -1
            : context.destination(instruction, leader, ScalarType.B32),
        context.destination(instruction, elected, ScalarType.PRED),
        mask(instruction, context, true, 1),
        context.site(instruction));
  }

  private static void require(Instruction instruction, EngineContext context, boolean known) {
    if (!known) {
      throw context.unsupported(instruction);
    }
  }
}
