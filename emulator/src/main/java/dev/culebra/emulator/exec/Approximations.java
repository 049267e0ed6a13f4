package dev.culebra.emulator.exec;

/**
 * What {@code .approx} instructions approximate, computed in f64 and rounded to the result's type
 * (PTX ISA 9.7.3, 9.7.4.9, 9.7.4.10). {@link PerturbedApproximations} makes the same as wrong as
 * they may be.
 */
final class Approximations {
  /** From here on {@code div.approx} takes the divisor's reciprocal for zero. */
  static final float LARGE_DIVISOR = 0x1p126f;

  private static final double LOG2_E = 1 / Math.log(2);
  private static final long CANONICAL_NAN = 0x7fff_ffff_0000_0000L;
  private static final long UPPER_WORD = -1L << Integer.SIZE;
  private static final double SMALL = 0x1p-10;

  private Approximations() {}

  static float rcpF32(float a) {
    return 1 / a;
  }

  static float divApproxF32(float a, float b) {
    float divisor = Math.abs(b);
    if (divisor > LARGE_DIVISOR && divisor <= Float.MAX_VALUE) {
      return a * Math.copySign(0f, b);
    }
    return a / b;
  }

  static float divFullF32(float a, float b) {
    return a / b;
  }

  static float sqrtF32(float a) {
    return (float) Math.sqrt(a);
  }

  static float rsqrtF32(float a) {
    return (float) reciprocalRoot(a);
  }

  static float sinF32(float a) {
    return (float) Math.sin(a);
  }

  static float cosF32(float a) {
    return (float) Math.cos(a);
  }

  static float lg2F32(float a) {
    return (float) log2(a);
  }

  static float ex2F32(float a) {
    return (float) exp2(a);
  }

  static float tanhF32(float a) {
    return (float) tanh(a);
  }

  static double rsqrtF64(double a) {
    return reciprocalRoot(a);
  }

  /** Takes the upper words alone; subnormal numbers count as zeros. */
  static double rcpFtzF64(double a) {
    return upperWord(1 / flushedUpperWord(a));
  }

  static double rsqrtFtzF64(double a) {
    return upperWord(reciprocalRoot(flushedUpperWord(a)));
  }

  private static double flushedUpperWord(double a) {
    double upper = Double.longBitsToDouble(Double.doubleToRawLongBits(a) & UPPER_WORD);
    return Math.abs(upper) < Double.MIN_NORMAL ? Math.copySign(0.0, upper) : upper;
  }

  private static double upperWord(double a) {
    if (a != a) {
      return Double.longBitsToDouble(CANONICAL_NAN);
    }
    if (Math.abs(a) < Double.MIN_NORMAL) {
      return Math.copySign(0.0, a);
    }
    return Double.longBitsToDouble(Double.doubleToRawLongBits(a) & UPPER_WORD);
  }

  static char tanhF16(char a) {
    return FloatConversions.f64ToRnF16(tanh(FloatConversions.f16ToF32(a)));
  }

  static char tanhBF16(char a) {
    return FloatConversions.f64ToRnBF16(tanh(FloatConversions.bf16ToF32(a)));
  }

  static char ex2F16(char a) {
    return FloatConversions.f64ToRnF16(exp2(FloatConversions.f16ToF32(a)));
  }

  static char ex2BF16(char a) {
    return FloatConversions.f64ToRnBF16(exp2(FloatConversions.bf16ToF32(a)));
  }

  /** {@code .ftz} of bf16. */
  static char flushBF16(char a) {
    return (a & 0x7f80) == 0 ? (char) (a & 0x8000) : a;
  }

  /** {@code 1 / sqrt(a)}; of a zero the infinity with its sign. */
  static double reciprocalRoot(double a) {
    return 1 / Math.sqrt(a);
  }

  static double log2(double a) {
    return Math.log(a) * LOG2_E;
  }

  /** {@code 2^a}, by {@code e^(r ln 2)} where r is what remains after rounding a. */
  static double exp2(double a) {
    if (!(Math.abs(a) < 1000)) {
      return a > 0 ? Double.POSITIVE_INFINITY : a < 0 ? 0 : a;
    }
    double whole = Math.rint(a);
    double scale = Double.longBitsToDouble((long) whole + Double.MAX_EXPONENT << 52);
    return Math.exp((a - whole) / LOG2_E) * scale;
  }

  static double tanh(double a) {
    double magnitude = Math.abs(a);
    if (magnitude < SMALL) {
      return a - a * a * a / 3;
    }
    if (a != a) {
      return a;
    }
    return Math.copySign(1 - 2 / (Math.exp(2 * magnitude) + 1), a);
  }
}
