package dev.culebra.emulator.exec;

import java.math.BigInteger;

/**
 * Arithmetic of f64 in any rounding mode: exact with integers of any size, rounded once. Slow, for
 * the modes that Java lacks.
 */
final class ExactDoubles {
  private static final int KEPT_BITS = 62;

  private ExactDoubles() {}

  /** {@code a * b + c}. */
  static double fma(double a, double b, double c, Rounding rounding) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || !Double.isFinite(c)) {
      return Math.fma(a, b, c);
    }
    BigInteger product = significand(a).multiply(significand(b));
    int productExponent = exponent(a) + exponent(b);
    int exponent = Math.min(productExponent, exponent(c));
    BigInteger sum =
        product
            .shiftLeft(productExponent - exponent)
            .add(significand(c).shiftLeft(exponent(c) - exponent));
    if (sum.signum() == 0) {
      return sumOfZeros(negative(a) != negative(b), negative(c), rounding);
    }
    return round(sum, exponent, false, rounding);
  }

  /** The zero that two numbers of given signs sum up to (IEEE 754-2019, 6.3). */
  private static double sumOfZeros(boolean first, boolean second, Rounding rounding) {
    boolean negative = first == second ? first : rounding == Rounding.DOWN;
    return negative ? -0.0 : 0.0;
  }

  static double multiply(double a, double b, Rounding rounding) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || a == 0 || b == 0) {
      return a * b;
    }
    return round(
        significand(a).multiply(significand(b)), exponent(a) + exponent(b), false, rounding);
  }

  static double divide(double a, double b, Rounding rounding) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || a == 0 || b == 0) {
      return a / b;
    }
    int shift = 2 * KEPT_BITS;
    BigInteger[] quotient = significand(a).shiftLeft(shift).divideAndRemainder(significand(b));
    return round(
        quotient[0], exponent(a) - exponent(b) - shift, quotient[1].signum() != 0, rounding);
  }

  static double squareRoot(double a, Rounding rounding) {
    if (!(a > 0) || !Double.isFinite(a)) {
      return Math.sqrt(a);
    }
    int shift = 2 * KEPT_BITS + (exponent(a) & 1);
    BigInteger[] root = significand(a).shiftLeft(shift).sqrtAndRemainder();
    return round(root[0], (exponent(a) - shift) / 2, root[1].signum() != 0, rounding);
  }

  /** A number that is larger in magnitude where sticky, by less than a unit of the significand. */
  private static double round(
      BigInteger significand, int exponent, boolean sticky, Rounding rounding) {
    BigInteger magnitude = significand.abs();
    int cut = Math.max(magnitude.bitLength() - KEPT_BITS, 0);
    boolean rest = sticky || magnitude.getLowestSetBit() < cut;
    long bits =
        BinaryFormat.F64.round(
            significand.signum() < 0,
            magnitude.shiftRight(cut).longValue(),
            exponent + cut,
            rest,
            rounding);
    return Double.longBitsToDouble(bits);
  }

  private static boolean negative(double value) {
    return Double.doubleToRawLongBits(value) < 0;
  }

  private static BigInteger significand(double value) {
    long fraction = Double.doubleToRawLongBits(value) & (1L << 52) - 1;
    boolean normal = Math.getExponent(value) >= Double.MIN_EXPONENT;
    long magnitude = normal ? fraction | 1L << 52 : fraction;
    return BigInteger.valueOf(negative(value) ? -magnitude : magnitude);
  }

  private static int exponent(double value) {
    return Math.max(Math.getExponent(value), Double.MIN_EXPONENT) - 52;
  }
}
