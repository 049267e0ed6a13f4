package dev.culebra.emulator.exec;

import static dev.culebra.emulator.ptx.ScalarType.BF16;
import static dev.culebra.emulator.ptx.ScalarType.BF16X2;
import static dev.culebra.emulator.ptx.ScalarType.F16;
import static dev.culebra.emulator.ptx.ScalarType.F16X2;
import static dev.culebra.emulator.ptx.ScalarType.F32;
import static dev.culebra.emulator.ptx.ScalarType.S16;
import static dev.culebra.emulator.ptx.ScalarType.S32;
import static dev.culebra.emulator.ptx.ScalarType.U16;
import static dev.culebra.emulator.ptx.ScalarType.U32;

import dev.culebra.emulator.ptx.ScalarType;

/** What the modifiers of {@code set} and {@code setp} compare (PTX ISA 9.7.6.1, 9.7.6.2, 9.7.7). */
final class Comparison {
  private static final ScalarMethods COMPARISONS = new ScalarMethods(Comparisons.class);
  private static final ScalarMethods FLOATS = new ScalarMethods(FloatArithmetic.class);
  private static final ScalarMethods HALVES = new ScalarMethods(HalfArithmetic.class);
  private static final ScalarMethods CONVERSIONS = new ScalarMethods(FloatConversions.class);
  private static final String[] OPERATORS = {
    "eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs", "equ", "neu", "ltu", "leu", "gtu",
    "geu", "num", "nan"
  };
  private static final int HALF_ONES = 0xffff;
  private static final int F16_ONE = 0x3c00;
  private static final int BF16_ONE = 0x3f80;

  private Comparison() {}

  /** The comparison of two elements, {@code .ftz} applied. */
  static LaneFunction decode(Decoding decoding, ScalarType type) {
    LaneFunction function = find(decoding.requireOneOf(OPERATORS), type);
    if (function == null) {
      throw decoding.unsupported();
    }
    boolean flushable = type == F32 || type == F16 || type == F16X2;
    if (!flushable || !decoding.modifiers.take("ftz")) {
      return function;
    }
    return function.withOperandsThrough(
        type == F32 ? FLOATS.method("flush") : HALVES.method("flushF16"));
  }

  private static LaneFunction find(String name, ScalarType type) {
    boolean equality = name.equals("eq") || name.equals("ne");
    return switch (type) {
      case F32, F64 -> COMPARISONS.find(name + type);
      case F16, F16X2 -> ofHalves(name, "halfToF32");
      case BF16, BF16X2 -> ofHalves(name, "bfloatToF32");
      case B16, B32, B64 -> equality ? COMPARISONS.find(name + type) : null;
      case S16, S32, S64 -> COMPARISONS.find(name + (equality ? "B" + type.bits() : type.name()));
      case U16, U32, U64 ->
          COMPARISONS.find(
              switch (name) {
                case "eq", "ne" -> name + "B" + type.bits();
                case "lo" -> "lt" + type;
                case "ls" -> "le" + type;
                case "hi" -> "gt" + type;
                case "hs" -> "ge" + type;
                default -> name + type;
              });
      default -> null;
    };
  }

  private static LaneFunction ofHalves(String name, String widen) {
    LaneFunction function = COMPARISONS.find(name + F32);
    return function == null ? null : function.withOperandsThrough(CONVERSIONS.method(widen));
  }

  /** The types that set can give of a comparison. */
  static ScalarType[] resultsOfSet(ScalarType compared) {
    return switch (compared) {
      case F16 -> new ScalarType[] {F16, BF16, U16, S16, U32, S32};
      case BF16 -> new ScalarType[] {BF16, U16, S16, U32, S32};
      case F16X2 -> new ScalarType[] {F16X2, U32, S32};
      case BF16X2 -> new ScalarType[] {BF16X2, U32, S32};
      default -> new ScalarType[] {U32, S32, F32, F16, BF16};
    };
  }

  /** What set writes where the comparison holds; for pairs, into one half. */
  static int truth(ScalarType result) {
    return switch (result) {
      case F32 -> Float.floatToRawIntBits(1);
      case F16, F16X2 -> F16_ONE;
      case BF16, BF16X2 -> BF16_ONE;
      case U16, S16 -> HALF_ONES;
      default -> -1;
    };
  }
}
