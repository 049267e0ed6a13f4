package dev.culebra.emulator.exec;

/**
 * Arithmetic that rounds towards zero, down or up (PTX ISA 9.7.3). For f32, sums and products are
 * formed in {@code double}, with whatever does not fit kept in the last bit, then rounded once.
 */
final class DirectedRounding {
  private DirectedRounding() {}

  /**
   * A sum rounded to odd: the last bit is set where the sum does not fit. Rounding that once more,
   * to two bits less or fewer, is as good as rounding the exact sum (S. Boldo, G. Melquiond,
   * "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008).
   */
  static double sumToOdd(double a, double b) {
    double sum = a + b;
    double other = sum - a;
    double error = (a - (sum - other)) + (b - other);
    long bits = Double.doubleToRawLongBits(sum);
    if (error != 0 && (bits & 1) == 0 && Double.isFinite(sum)) {
      return error > 0 ? Math.nextUp(sum) : Math.nextDown(sum);
    }
    return sum;
  }

  /** The same, with the zero that rounding down gives: negative unless both are +0. */
  private static double sumDown(double a, double b) {
    double sum = sumToOdd(a, b);
    boolean positive = (Double.doubleToRawLongBits(a) | Double.doubleToRawLongBits(b)) == 0;
    return sum == 0 && !positive ? -0.0 : sum;
  }

  static float addRzF32(float a, float b) {
    return FloatConversions.f64ToRzF32(sumToOdd(a, b));
  }

  static float addRmF32(float a, float b) {
    return FloatConversions.f64ToRmF32(sumDown(a, b));
  }

  static float addRpF32(float a, float b) {
    return FloatConversions.f64ToRpF32(sumToOdd(a, b));
  }

  static float subRzF32(float a, float b) {
    return addRzF32(a, -b);
  }

  static float subRmF32(float a, float b) {
    return addRmF32(a, -b);
  }

  static float subRpF32(float a, float b) {
    return addRpF32(a, -b);
  }

  static float mulRzF32(float a, float b) {
    return FloatConversions.f64ToRzF32((double) a * b);
  }

  static float mulRmF32(float a, float b) {
    return FloatConversions.f64ToRmF32((double) a * b);
  }

  static float mulRpF32(float a, float b) {
    return FloatConversions.f64ToRpF32((double) a * b);
  }

  static float fmaRzF32(float a, float b, float c) {
    return FloatConversions.f64ToRzF32(sumToOdd((double) a * b, c));
  }

  static float fmaRmF32(float a, float b, float c) {
    return FloatConversions.f64ToRmF32(sumDown((double) a * b, c));
  }

  static float fmaRpF32(float a, float b, float c) {
    return FloatConversions.f64ToRpF32(sumToOdd((double) a * b, c));
  }

  // A quotient or root of f32 numbers is an f32 number or further from each than a double's error.

  static float divRzF32(float a, float b) {
    return FloatConversions.f64ToRzF32((double) a / b);
  }

  static float divRmF32(float a, float b) {
    return FloatConversions.f64ToRmF32((double) a / b);
  }

  static float divRpF32(float a, float b) {
    return FloatConversions.f64ToRpF32((double) a / b);
  }

  static float rcpRzF32(float a) {
    return FloatConversions.f64ToRzF32(1d / a);
  }

  static float rcpRmF32(float a) {
    return FloatConversions.f64ToRmF32(1d / a);
  }

  static float rcpRpF32(float a) {
    return FloatConversions.f64ToRpF32(1d / a);
  }

  static float sqrtRzF32(float a) {
    return FloatConversions.f64ToRzF32(Math.sqrt(a));
  }

  static float sqrtRmF32(float a) {
    return FloatConversions.f64ToRmF32(Math.sqrt(a));
  }

  static float sqrtRpF32(float a) {
    return FloatConversions.f64ToRpF32(Math.sqrt(a));
  }

  static long addRzF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, b, Rounding.ZERO), a, b);
  }

  static long addRmF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, b, Rounding.DOWN), a, b);
  }

  static long addRpF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, b, Rounding.UP), a, b);
  }

  static long subRzF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, -b, Rounding.ZERO), a, b);
  }

  static long subRmF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, -b, Rounding.DOWN), a, b);
  }

  static long subRpF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.fma(a, 1, -b, Rounding.UP), a, b);
  }

  static long mulRzF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.multiply(a, b, Rounding.ZERO), a, b);
  }

  static long mulRmF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.multiply(a, b, Rounding.DOWN), a, b);
  }

  static long mulRpF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.multiply(a, b, Rounding.UP), a, b);
  }

  static long fmaRzF64(double a, double b, double c) {
    return NanPropagation.bits(ExactDoubles.fma(a, b, c, Rounding.ZERO), a, b, c);
  }

  static long fmaRmF64(double a, double b, double c) {
    return NanPropagation.bits(ExactDoubles.fma(a, b, c, Rounding.DOWN), a, b, c);
  }

  static long fmaRpF64(double a, double b, double c) {
    return NanPropagation.bits(ExactDoubles.fma(a, b, c, Rounding.UP), a, b, c);
  }

  static long divRzF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.divide(a, b, Rounding.ZERO), a, b);
  }

  static long divRmF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.divide(a, b, Rounding.DOWN), a, b);
  }

  static long divRpF64(double a, double b) {
    return NanPropagation.bits(ExactDoubles.divide(a, b, Rounding.UP), a, b);
  }

  static long rcpRzF64(double a) {
    return NanPropagation.bits(ExactDoubles.divide(1, a, Rounding.ZERO), a);
  }

  static long rcpRmF64(double a) {
    return NanPropagation.bits(ExactDoubles.divide(1, a, Rounding.DOWN), a);
  }

  static long rcpRpF64(double a) {
    return NanPropagation.bits(ExactDoubles.divide(1, a, Rounding.UP), a);
  }

  static long sqrtRzF64(double a) {
    return NanPropagation.bits(ExactDoubles.squareRoot(a, Rounding.ZERO), a);
  }

  static long sqrtRmF64(double a) {
    return NanPropagation.bits(ExactDoubles.squareRoot(a, Rounding.DOWN), a);
  }

  static long sqrtRpF64(double a) {
    return NanPropagation.bits(ExactDoubles.squareRoot(a, Rounding.UP), a);
  }
}
