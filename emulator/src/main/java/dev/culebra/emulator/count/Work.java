package dev.culebra.emulator.count;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.tensorcore.ElementType;
import dev.culebra.emulator.tensorcore.TileShape;
import java.util.List;

/**
 * What an instruction is and what it gives pipes to do, told by its spelling.
 *
 * @param uses nothing for instructions that are not counted as operations
 */
record Work(InstructionClass kind, List<Use> uses) {
  private static final int LANES = 32;

  /**
   * Operations of one lane on one pipe; of a product of matrices, a warp's divided among its lanes.
   */
  record Use(Pipe pipe, long operations) {}

  static Work of(Instruction instruction) {
    return switch (instruction.opcode()) {
      case "add", "sub", "mul" -> arithmetic(instruction, 1);
      case "fma", "mad" -> arithmetic(instruction, 2);
      case "div" -> division(instruction);
      case "abs", "neg", "min", "max", "copysign", "testp" ->
          plain(arithmetic(instruction, 0).kind);
      case "set", "setp" -> plain(kind(lastType(instruction)));
      case "rcp", "sqrt", "rsqrt", "sin", "cos", "lg2", "ex2", "tanh" ->
          new Work(InstructionClass.SPECIAL, List.of(new Use(Pipe.SPECIAL, 1)));
      case "mma" -> product(instruction);
      case "wmma" ->
          instruction.modifiers().contains("mma")
              ? product(instruction)
              : plain(InstructionClass.MATRIX_MOVE);
      case "ld", "ldu", "st" -> plain(memory(instruction));
      default -> plain(kind(instruction.opcode()));
    };
  }

  private static InstructionClass kind(String opcode) {
    return switch (opcode) {
      case "cvt" -> InstructionClass.CONVERSION;
      case "mov", "selp", "slct", "cvta" -> InstructionClass.MOVE;
      case "ldmatrix", "stmatrix", "movmatrix" -> InstructionClass.MATRIX_MOVE;
      case "atom", "red" -> InstructionClass.ATOMIC;
      case "cp" -> InstructionClass.ASYNC_COPY;
      case "shfl", "vote", "match", "redux", "activemask", "elect" -> InstructionClass.EXCHANGE;
      case "bar", "barrier", "mbarrier", "fence", "membar" -> InstructionClass.BARRIER;
      case "bra", "brx", "call", "ret", "exit", "trap", "brkpt" -> InstructionClass.CONTROL;
      case "addc", "subc", "madc", "mul24", "mad24", "sad", "rem" -> InstructionClass.INTEGER;
      case "popc", "clz", "bfind", "fns", "brev", "bfe", "bfi", "bmsk", "szext", "dp4a", "dp2a" ->
          InstructionClass.INTEGER;
      case "prmt", "and", "or", "xor", "not", "cnot", "shl", "shr", "shf", "lop3" ->
          InstructionClass.INTEGER;
      default -> InstructionClass.OTHER;
    };
  }

  private static Work plain(InstructionClass kind) {
    return new Work(kind, List.of());
  }

  /** The first type says where it is computed: {@code fma.rn.f32.bf16} in f32. */
  private static Work arithmetic(Instruction instruction, int operations) {
    ScalarType type = firstType(instruction);
    InstructionClass kind = kind(type);
    Pipe pipe =
        switch (kind) {
          case FP32 -> Pipe.FP32;
          case FP64 -> Pipe.FP64;
          case FP16 -> Pipe.FP16;
          default -> null;
        };
    return pipe == null || operations == 0
        ? plain(kind)
        : new Work(kind, List.of(new Use(pipe, (long) operations * elements(type))));
  }

  /** Hardware begins a division of floats with an approximate reciprocal. */
  private static Work division(Instruction instruction) {
    Work one = arithmetic(instruction, 1);
    return one.uses.isEmpty()
        ? one
        : new Work(one.kind, List.of(one.uses.getFirst(), new Use(Pipe.SPECIAL, 1)));
  }

  private static ScalarType firstType(Instruction instruction) {
    for (String modifier : instruction.modifiers()) {
      ScalarType type = ScalarType.named(modifier);
      if (type != null) {
        return type;
      }
    }
    return ScalarType.B32;
  }

  private static ScalarType lastType(Instruction instruction) {
    ScalarType last = ScalarType.B32;
    for (String modifier : instruction.modifiers()) {
      ScalarType type = ScalarType.named(modifier);
      last = type == null ? last : type;
    }
    return last;
  }

  private static InstructionClass kind(ScalarType type) {
    return switch (type) {
      case F32, F32X2 -> InstructionClass.FP32;
      case F64 -> InstructionClass.FP64;
      case F16, BF16, F16X2, BF16X2 -> InstructionClass.FP16;
      default -> InstructionClass.INTEGER;
    };
  }

  private static int elements(ScalarType type) {
    return switch (type) {
      case F32X2, F16X2, BF16X2 -> 2;
      default -> 1;
    };
  }

  private static InstructionClass memory(Instruction instruction) {
    for (String modifier : instruction.modifiers()) {
      switch (modifier) {
        case "global" -> {
          return InstructionClass.GLOBAL_MEMORY;
        }
        case "shared", "shared::cta", "shared::cluster" -> {
          return InstructionClass.SHARED_MEMORY;
        }
        case "local" -> {
          return InstructionClass.LOCAL_MEMORY;
        }
        case "const", "param", "param::entry", "param::func" -> {
          return InstructionClass.CONSTANT_MEMORY;
        }
        default -> {
          // Cache hints, types and the like.
        }
      }
    }
    return InstructionClass.GENERIC_MEMORY;
  }

  /** A product of m by k with k by n elements is m n k multiply-adds. */
  private static Work product(Instruction instruction) {
    TileShape shape = null;
    List<ElementType> types =
        instruction.modifiers().stream()
            .map(ElementType::named)
            .filter(type -> type != null)
            .toList();
    for (String modifier : instruction.modifiers()) {
      TileShape named = TileShape.named(modifier);
      shape = named == null ? shape : named;
    }
    // wmma of f16 names its results alone: D and C.
    ElementType multiplicand = types.size() == 2 ? ElementType.F16 : types.get(1);
    boolean quarters = multiplicand == ElementType.F16 && shape.toString().equals("m8n8k4");
    long products = (long) shape.m() * shape.n() * shape.k() * (quarters ? 4 : 1);
    Pipe pipe = pipe(multiplicand, types.getFirst());
    return new Work(InstructionClass.TENSOR, List.of(new Use(pipe, 2 * products / LANES)));
  }

  private static Pipe pipe(ElementType multiplicand, ElementType result) {
    boolean half = result == ElementType.F16;
    return switch (multiplicand) {
      case F16, BF16 -> half ? Pipe.TENSOR_FP16_INTO_FP16 : Pipe.TENSOR_FP16;
      case TF32, F32 -> Pipe.TENSOR_TF32;
      case E4M3, E5M2 -> half ? Pipe.TENSOR_FP8_INTO_FP16 : Pipe.TENSOR_FP8;
      case F64 -> Pipe.TENSOR_FP64;
      case S8, U8, S32 -> Pipe.TENSOR_INT8;
      case S4, U4 -> Pipe.TENSOR_INT4;
      case B1 -> Pipe.TENSOR_BIT;
    };
  }
}
