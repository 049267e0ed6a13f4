package dev.culebra.emulator.exec;

/**
 * Arithmetic of f16 and bf16, rounded once to nearest even (PTX ISA 9.7.4). Every NaN is given as
 * {@code 0x7fff}.
 */
final class HalfArithmetic {
  private static final int SIGN = 0x8000;
  private static final int MAGNITUDE = 0x7fff;
  private static final char NAN = 0x7fff;
  private static final int F16_INFINITY = 0x7c00;
  private static final char F16_ONE = 0x3c00;
  private static final int BF16_INFINITY = 0x7f80;

  private HalfArithmetic() {}

  private static float f16(char a) {
    return FloatConversions.f16ToF32(a);
  }

  private static float bf16(char a) {
    return FloatConversions.bf16ToF32(a);
  }

  // f32 has more than twice the precision of either: rounding its sums and products of f16 again
  // changes nothing. Products of bf16 may be subnormal in f32; they go through f64, where exact.

  static char addF16(char a, char b) {
    return FloatConversions.f32ToRnF16(f16(a) + f16(b));
  }

  static char subF16(char a, char b) {
    return FloatConversions.f32ToRnF16(f16(a) - f16(b));
  }

  static char mulF16(char a, char b) {
    return FloatConversions.f32ToRnF16(f16(a) * f16(b));
  }

  static char fmaF16(char a, char b, char c) {
    return FloatConversions.f64ToRnF16(DirectedRounding.sumToOdd((double) f16(a) * f16(b), f16(c)));
  }

  static char addBF16(char a, char b) {
    return FloatConversions.f32ToRnBF16(bf16(a) + bf16(b));
  }

  static char subBF16(char a, char b) {
    return FloatConversions.f32ToRnBF16(bf16(a) - bf16(b));
  }

  static char mulBF16(char a, char b) {
    return FloatConversions.f64ToRnBF16((double) bf16(a) * bf16(b));
  }

  static char fmaBF16(char a, char b, char c) {
    return FloatConversions.f64ToRnBF16(
        DirectedRounding.sumToOdd((double) bf16(a) * bf16(b), bf16(c)));
  }

  static char negF16(char a) {
    return isNanF16(a) ? NAN : (char) (a ^ SIGN);
  }

  static char absF16(char a) {
    return isNanF16(a) ? NAN : (char) (a & MAGNITUDE);
  }

  static char negBF16(char a) {
    return isNanBF16(a) ? NAN : (char) (a ^ SIGN);
  }

  static char absBF16(char a) {
    return isNanBF16(a) ? NAN : (char) (a & MAGNITUDE);
  }

  private static boolean isNanF16(char a) {
    return (a & MAGNITUDE) > F16_INFINITY;
  }

  private static boolean isNanBF16(char a) {
    return (a & MAGNITUDE) > BF16_INFINITY;
  }

  /** A number that compares, as an integer, as the half does; -0 is less than +0. */
  private static int order(char a) {
    return a < SIGN ? a : ~a & MAGNITUDE | -SIGN;
  }

  private static char smaller(char a, char b) {
    return order(a) < order(b) ? a : b;
  }

  private static char larger(char a, char b) {
    return order(a) > order(b) ? a : b;
  }

  static char minF16(char a, char b) {
    return isNanF16(a) ? (isNanF16(b) ? NAN : b) : isNanF16(b) ? a : smaller(a, b);
  }

  static char maxF16(char a, char b) {
    return isNanF16(a) ? (isNanF16(b) ? NAN : b) : isNanF16(b) ? a : larger(a, b);
  }

  static char minNanF16(char a, char b) {
    return isNanF16(a) || isNanF16(b) ? NAN : smaller(a, b);
  }

  static char maxNanF16(char a, char b) {
    return isNanF16(a) || isNanF16(b) ? NAN : larger(a, b);
  }

  static char minBF16(char a, char b) {
    return isNanBF16(a) ? (isNanBF16(b) ? NAN : b) : isNanBF16(b) ? a : smaller(a, b);
  }

  static char maxBF16(char a, char b) {
    return isNanBF16(a) ? (isNanBF16(b) ? NAN : b) : isNanBF16(b) ? a : larger(a, b);
  }

  static char minNanBF16(char a, char b) {
    return isNanBF16(a) || isNanBF16(b) ? NAN : smaller(a, b);
  }

  static char maxNanBF16(char a, char b) {
    return isNanBF16(a) || isNanBF16(b) ? NAN : larger(a, b);
  }

  // .xorsign.abs: of the magnitudes, with the product's sign

  static char minXorF16(char a, char b) {
    return signed(minF16(absF16(a), absF16(b)), a ^ b, F16_INFINITY);
  }

  static char maxXorF16(char a, char b) {
    return signed(maxF16(absF16(a), absF16(b)), a ^ b, F16_INFINITY);
  }

  static char minNanXorF16(char a, char b) {
    return signed(minNanF16(absF16(a), absF16(b)), a ^ b, F16_INFINITY);
  }

  static char maxNanXorF16(char a, char b) {
    return signed(maxNanF16(absF16(a), absF16(b)), a ^ b, F16_INFINITY);
  }

  static char minXorBF16(char a, char b) {
    return signed(minBF16(absBF16(a), absBF16(b)), a ^ b, BF16_INFINITY);
  }

  static char maxXorBF16(char a, char b) {
    return signed(maxBF16(absBF16(a), absBF16(b)), a ^ b, BF16_INFINITY);
  }

  static char minNanXorBF16(char a, char b) {
    return signed(minNanBF16(absBF16(a), absBF16(b)), a ^ b, BF16_INFINITY);
  }

  static char maxNanXorBF16(char a, char b) {
    return signed(maxNanBF16(absBF16(a), absBF16(b)), a ^ b, BF16_INFINITY);
  }

  private static char signed(char magnitude, int sign, int infinity) {
    return magnitude > infinity ? NAN : (char) (magnitude | sign & SIGN);
  }

  /** {@code .ftz}: subnormal numbers become zeros. */
  static char flushF16(char a) {
    return (a & F16_INFINITY) == 0 ? (char) (a & SIGN) : a;
  }

  /** {@code .sat}: into [0, 1], NaN becomes +0. */
  static char saturateF16(char a) {
    return a > F16_INFINITY ? 0 : a > F16_ONE ? F16_ONE : a;
  }

  /** {@code .relu}: negative numbers become +0. */
  static char reluF16(char a) {
    return isNanF16(a) ? NAN : a >= SIGN ? 0 : a;
  }

  static char reluBF16(char a) {
    return isNanBF16(a) ? NAN : a >= SIGN ? 0 : a;
  }
}
