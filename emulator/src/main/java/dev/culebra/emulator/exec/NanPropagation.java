package dev.culebra.emulator.exec;

/**
 * Which NaN an f64 instruction gives. The manual leaves it open; this is what an H100 does: the
 * first operand's that is NaN, made quiet, of an fma the third before the others. Where no operand
 * is NaN, as in infinity minus infinity, it is the negative one.
 */
final class NanPropagation {
  private static final long QUIET = 1L << 51;
  private static final long INVALID = 0xfff8_0000_0000_0000L;

  private NanPropagation() {}

  /** Bits of a result of one operand. */
  static long bits(double result, double a) {
    return result == result ? Double.doubleToRawLongBits(result) : either(a, a);
  }

  /** Bits of a result of two operands. */
  static long bits(double result, double a, double b) {
    return result == result ? Double.doubleToRawLongBits(result) : either(a, b);
  }

  /** Bits of {@code a * b + c}. */
  static long bits(double result, double a, double b, double c) {
    return result == result ? Double.doubleToRawLongBits(result) : c == c ? either(a, b) : quiet(c);
  }

  private static long either(double a, double b) {
    return a == a ? b == b ? INVALID : quiet(b) : quiet(a);
  }

  private static long quiet(double nan) {
    return Double.doubleToRawLongBits(nan) | QUIET;
  }
}
