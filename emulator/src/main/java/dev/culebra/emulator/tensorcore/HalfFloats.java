package dev.culebra.emulator.tensorcore;

/** Conversions to f16. */
final class HalfFloats {
  private static final long BELOW_FLOAT = (1L << 29) - 1;
  private static final long LAST_OF_FLOAT = 1L << 29;

  /** What tensor cores give where a result is no number. */
  static final short NAN = 0x7fff;

  private HalfFloats() {}

  /** The nearest f16, of two the even one. */
  static short round(double value) {
    if (Double.isNaN(value)) {
      return NAN;
    }
    // A float that is odd where bits were lost has bits enough to round only once.
    long bits = Double.doubleToRawLongBits(value);
    if ((bits & BELOW_FLOAT) != 0) {
      bits = bits & ~BELOW_FLOAT | LAST_OF_FLOAT;
    }
    return Float.floatToFloat16((float) Double.longBitsToDouble(bits));
  }

  /** The nearest f16 to an f32. */
  static short round(float value) {
    return Float.isNaN(value) ? NAN : Float.floatToFloat16(value);
  }
}
