package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import java.util.List;

/** {@code atom} and {@code red} (PTX ISA 9.7.13.6 and 7). */
final class AtomicFamily implements OperationFamily {
  @Override
  public Operation decode(Instruction instruction, DecodeContext decodeContext) {
    boolean reduction = instruction.opcode().equals("red");
    if (!reduction && !instruction.opcode().equals("atom")) {
      return null;
    }
    EngineContext context = (EngineContext) decodeContext;
    Modifiers modifiers = context.modifiers(instruction);
    String order = modifiers.takeOneOf("relaxed", "acquire", "release", "acq_rel");
    if (reduction && order != null && !order.equals("relaxed") && !order.equals("release")) {
      throw modifiers.unsupported();
    }
    AccessModifiers.takeScope(modifiers);
    StateSpace space = AccessModifiers.takeSpace(modifiers);
    if (space != null && space != StateSpace.GLOBAL && space != StateSpace.SHARED) {
      throw modifiers.unsupported();
    }
    String name =
        modifiers.takeOneOf("and", "or", "xor", "cas", "exch", "add", "inc", "dec", "min", "max");
    boolean unflushed = modifiers.take("noftz");
    boolean hint = modifiers.take("L2::cache_hint");
    int vector = AccessModifiers.takeVector(modifiers);
    ScalarType type = modifiers.takeType();
    modifiers.finish();
    AtomicFunction function = name == null ? null : function(name, type, false);
    boolean half = type.bits() == 16 || type.kind() == ScalarType.Kind.PACKED;
    boolean known =
        function != null
            && (!name.equals("cas") && !name.equals("exch") || !reduction)
            && unflushed == (half && type.kind() != ScalarType.Kind.BITS)
            && (vector == 1 || vectorIsKnown(type, vector) && space != StateSpace.SHARED);
    List<Operand> operands = instruction.operands();
    int first = reduction ? 0 : 1;
    int count = first + 2 + ("cas".equals(name) ? 1 : 0) + (hint ? 1 : 0);
    if (!known || operands.size() != count) {
      throw context.unsupported(instruction);
    }
    int[] values = sources(instruction, context, operands.get(first + 1), type, vector);
    int[] swaps =
        name.equals("cas")
            ? sources(instruction, context, operands.get(first + 2), type, vector)
            : values;
    int[] results = reduction ? null : results(instruction, context, type, vector);
    return new AtomicOperation(
        context.address(instruction, operands.get(first), space),
        new AtomicChange(function(name, type, true), element(type)),
        new AtomicChange(function, element(type)),
        results,
        values,
        swaps,
        order(order),
        context.site(instruction));
  }

  private static MemoryOrder order(String name) {
    return switch (name) {
      case "acquire" -> MemoryOrder.ACQUIRE;
      case "release" -> MemoryOrder.RELEASE;
      case "acq_rel" -> MemoryOrder.ACQUIRE_RELEASE;
      case null, default -> MemoryOrder.RELAXED;
    };
  }

  private static boolean vectorIsKnown(ScalarType type, int vector) {
    return switch (type) {
      case F32, F16X2, BF16X2 -> vector <= 4;
      case F16, BF16 -> true;
      default -> false;
    };
  }

  static AtomicChange.Element element(ScalarType type) {
    return type.kind() == ScalarType.Kind.PACKED
        ? AtomicChange.Element.PAIR
        : switch (type.bits()) {
          case 16 -> AtomicChange.Element.HALF;
          case 32 -> AtomicChange.Element.WORD;
          default -> AtomicChange.Element.LONG;
        };
  }

  private static int[] sources(
      Instruction instruction,
      EngineContext context,
      Operand operand,
      ScalarType type,
      int vector) {
    return elements(instruction, context, operand, vector).stream()
        .mapToInt(element -> context.source(instruction, element, type))
        .toArray();
  }

  private static int[] results(
      Instruction instruction, EngineContext context, ScalarType type, int vector) {
    return elements(instruction, context, instruction.operands().getFirst(), vector).stream()
        .mapToInt(element -> context.destination(instruction, element, type))
        .toArray();
  }

  private static List<Operand> elements(
      Instruction instruction, EngineContext context, Operand operand, int vector) {
    if (vector == 1) {
      return List.of(operand);
    }
    if (operand instanceof Operand.Vector(List<Operand> elements) && elements.size() == vector) {
      return elements;
    }
    throw context.unsupported(instruction);
  }

  /**
   * What an operation does; null where it does not know the type.
   *
   * @param global whether in global memory, where sums in fp32 are flushed
   */
  static AtomicFunction function(String name, ScalarType type, boolean global) {
    boolean bits = type == ScalarType.B32 || type == ScalarType.B64;
    boolean signed = type == ScalarType.S32 || type == ScalarType.S64;
    boolean unsigned = type == ScalarType.U32 || type == ScalarType.U64;
    boolean half = type == ScalarType.F16 || type == ScalarType.F16X2;
    boolean brain = type == ScalarType.BF16 || type == ScalarType.BF16X2;
    return switch (name) {
      case "and" -> bits ? AtomicFunction.AND : null;
      case "or" -> bits ? AtomicFunction.OR : null;
      case "xor" -> bits ? AtomicFunction.XOR : null;
      case "exch" -> bits ? AtomicFunction.EXCHANGE : null;
      case "cas" -> bits || type == ScalarType.B16 ? AtomicFunction.COMPARE_AND_SWAP : null;
      case "inc" -> type == ScalarType.U32 ? AtomicFunction.INC : null;
      case "dec" -> type == ScalarType.U32 ? AtomicFunction.DEC : null;
      case "add" -> {
        if (signed || unsigned) {
          yield AtomicFunction.ADD;
        }
        if (type == ScalarType.F32) {
          yield global ? AtomicFunction.ADD_F32_FLUSHED : AtomicFunction.ADD_F32;
        }
        if (type == ScalarType.F64) {
          yield global ? AtomicFunction.ADD_F64_KEEPING_NAN : AtomicFunction.ADD_F64;
        }
        yield half ? AtomicFunction.ADD_F16 : brain ? AtomicFunction.ADD_BF16 : null;
      }
      case "min" ->
          signed
              ? AtomicFunction.MIN_SIGNED
              : unsigned
                  ? AtomicFunction.MIN_UNSIGNED
                  : half ? AtomicFunction.MIN_F16 : brain ? AtomicFunction.MIN_BF16 : null;
      default ->
          signed
              ? AtomicFunction.MAX_SIGNED
              : unsigned
                  ? AtomicFunction.MAX_UNSIGNED
                  : half ? AtomicFunction.MAX_F16 : brain ? AtomicFunction.MAX_BF16 : null;
    };
  }
}
