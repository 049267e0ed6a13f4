package dev.culebra.emulator.exec;

/**
 * Approximations as wrong as the PTX manual allows (9.7.3, 9.7.4.9, 9.7.4.10), too large for some
 * operands and too small for others, so that nothing passes only because {@link Approximations} are
 * better than a chip. Results that the manual gives exactly (of zeros, infinities, NaN) stay as
 * they are, and so do those of instructions without a documented bound.
 */
final class PerturbedApproximations {
  private static final double RCP_ULPS = 1;
  private static final double DIV_ULPS = 2;
  private static final double EX2_ULPS = 2;
  private static final double SQRT_RELATIVE = 0x1p-23;
  private static final double RSQRT_RELATIVE = Math.pow(2, -22.9);
  private static final double LG2_ERROR = 0x1p-22;
  private static final double SIN_NEAR_ABSOLUTE = Math.pow(2, -20.5);
  private static final double SIN_NEAR = 2 * Math.PI;
  private static final double SIN_FAR_ABSOLUTE = Math.pow(2, -14.7);
  private static final double TANH_RELATIVE = 0x1p-11;
  private static final double TANH_F16_ABSOLUTE = Math.pow(2, -10.987);
  private static final double TANH_BF16_ABSOLUTE = 0x1p-8;
  private static final double EX2_F16_RELATIVE = Math.pow(2, -9.9);
  private static final double EX2_BF16_RELATIVE = 0x1p-7;

  private PerturbedApproximations() {}

  /**
   * Whether the error for these bits goes up: as good as a throw of a coin, but always the same.
   */
  static boolean upwards(int bits) {
    return (bits * 0x9e37_79b9 >>> 15 & 1) != 0;
  }

  private static boolean special(float a) {
    return a == 0 || !(Math.abs(a) <= Float.MAX_VALUE);
  }

  /** The f32 number furthest from {@code exact}, on the side that the operand chooses. */
  private static float perturb(double exact, double bound, float operand) {
    float far =
        upwards(Float.floatToRawIntBits(operand))
            ? FloatConversions.f64ToRmF32(exact + bound)
            : FloatConversions.f64ToRpF32(exact - bound);
    return Math.abs(far - exact) <= bound ? far : (float) exact;
  }

  private static double ulps(double number, double exact) {
    return number * Math.ulp((float) exact);
  }

  static float rcpF32(float a) {
    double exact = 1d / a;
    return special(a) ? Approximations.rcpF32(a) : perturb(exact, ulps(RCP_ULPS, exact), a);
  }

  static float divApproxF32(float a, float b) {
    return Math.abs(b) > Approximations.LARGE_DIVISOR
        ? Approximations.divApproxF32(a, b)
        : divFullF32(a, b);
  }

  static float divFullF32(float a, float b) {
    double exact = (double) a / b;
    boolean plain = special(a) || special(b) || Math.abs(exact) > Float.MAX_VALUE;
    return plain ? a / b : perturb(exact, ulps(DIV_ULPS, exact), a + b);
  }

  static float sqrtF32(float a) {
    double exact = Math.sqrt(a);
    return special(a) || a < 0
        ? Approximations.sqrtF32(a)
        : perturb(exact, exact * SQRT_RELATIVE, a);
  }

  static float rsqrtF32(float a) {
    double exact = Approximations.reciprocalRoot(a);
    return special(a) || a < 0
        ? Approximations.rsqrtF32(a)
        : perturb(exact, exact * RSQRT_RELATIVE, a);
  }

  static float sinF32(float a) {
    return special(a) ? Approximations.sinF32(a) : perturb(Math.sin(a), sinError(a), a);
  }

  static float cosF32(float a) {
    return special(a) ? Approximations.cosF32(a) : perturb(Math.cos(a), sinError(a), a);
  }

  private static double sinError(float a) {
    return Math.abs(a) <= SIN_NEAR ? SIN_NEAR_ABSOLUTE : SIN_FAR_ABSOLUTE;
  }

  static float lg2F32(float a) {
    if (special(a) || a < 0) {
      return Approximations.lg2F32(a);
    }
    double exact = Approximations.log2(a);
    boolean near = a > 0.5 && a < 2;
    return perturb(exact, near ? LG2_ERROR : Math.abs(exact) * LG2_ERROR, a);
  }

  static float ex2F32(float a) {
    double exact = Approximations.exp2(a);
    boolean plain = special(a) || exact > Float.MAX_VALUE;
    return plain ? Approximations.ex2F32(a) : perturb(exact, ulps(EX2_ULPS, exact), a);
  }

  static float tanhF32(float a) {
    double exact = Approximations.tanh(a);
    boolean passes = special(a) || Math.abs(a) < Float.MIN_NORMAL;
    return passes ? Approximations.tanhF32(a) : perturb(exact, Math.abs(exact) * TANH_RELATIVE, a);
  }

  private static char perturb(double exact, double bound, char operand, BinaryFormat format) {
    boolean up = upwards(operand);
    double end = up ? exact + bound : exact - bound;
    char far = (char) format.round(end, up ? Rounding.DOWN : Rounding.UP);
    return Math.abs(format.decode(far) - exact) <= bound
        ? far
        : (char) format.round(exact, Rounding.NEAREST_EVEN);
  }

  static char tanhF16(char a) {
    float value = FloatConversions.f16ToF32(a);
    return special(value)
        ? Approximations.tanhF16(a)
        : perturb(Approximations.tanh(value), TANH_F16_ABSOLUTE, a, BinaryFormat.F16);
  }

  static char tanhBF16(char a) {
    float value = FloatConversions.bf16ToF32(a);
    return special(value)
        ? Approximations.tanhBF16(a)
        : perturb(Approximations.tanh(value), TANH_BF16_ABSOLUTE, a, BinaryFormat.BF16);
  }

  static char ex2F16(char a) {
    float value = FloatConversions.f16ToF32(a);
    double exact = Approximations.exp2(value);
    return special(value) || exact > BinaryFormat.F16.decode(BinaryFormat.F16.largest())
        ? Approximations.ex2F16(a)
        : perturb(exact, exact * EX2_F16_RELATIVE, a, BinaryFormat.F16);
  }

  static char ex2BF16(char a) {
    float value = FloatConversions.bf16ToF32(a);
    double exact = Approximations.exp2(value);
    return special(value) || exact > Float.MAX_VALUE
        ? Approximations.ex2BF16(a)
        : perturb(exact, exact * EX2_BF16_RELATIVE, a, BinaryFormat.BF16);
  }
}
