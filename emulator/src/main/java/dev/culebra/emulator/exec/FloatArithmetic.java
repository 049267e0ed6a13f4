package dev.culebra.emulator.exec;

/** Arithmetic of f32 and f64 that rounds to nearest (PTX ISA 9.7.3). */
final class FloatArithmetic {
  private static final int CANONICAL_NAN = 0x7fff_ffff;

  private FloatArithmetic() {}

  /** An f32 result's bits: of every NaN those of the one that the manual calls canonical. */
  static int bits(float a) {
    return a == a ? Float.floatToRawIntBits(a) : CANONICAL_NAN;
  }

  /** What {@code .ftz} does to operands and results: subnormal numbers become zeros. */
  static float flush(float a) {
    return Math.abs(a) < Float.MIN_NORMAL ? Math.copySign(0f, a) : a;
  }

  /** What {@code .sat} does to results: into [0, 1], NaN becomes +0. */
  static float saturateF32(float a) {
    return a > 0 ? Math.min(a, 1f) : 0f;
  }

  static double saturateF64(double a) {
    return a > 0 ? Math.min(a, 1d) : 0d;
  }

  static float addRnF32(float a, float b) {
    return a + b;
  }

  static float subRnF32(float a, float b) {
    return a - b;
  }

  static float mulRnF32(float a, float b) {
    return a * b;
  }

  static float fmaRnF32(float a, float b, float c) {
    return Math.fma(a, b, c);
  }

  static long addRnF64(double a, double b) {
    return NanPropagation.bits(a + b, a, b);
  }

  static long subRnF64(double a, double b) {
    return NanPropagation.bits(a - b, a, b);
  }

  static long mulRnF64(double a, double b) {
    return NanPropagation.bits(a * b, a, b);
  }

  static long fmaRnF64(double a, double b, double c) {
    return NanPropagation.bits(Math.fma(a, b, c), a, b, c);
  }

  static float divRnF32(float a, float b) {
    return a / b;
  }

  static long divRnF64(double a, double b) {
    return NanPropagation.bits(a / b, a, b);
  }

  static float absF32(float a) {
    return Math.abs(a);
  }

  static long absF64(double a) {
    return NanPropagation.bits(Math.abs(a), a);
  }

  static float negF32(float a) {
    return -a;
  }

  static long negF64(double a) {
    return NanPropagation.bits(-a, a);
  }

  static float rcpRnF32(float a) {
    return 1 / a;
  }

  static long rcpRnF64(double a) {
    return NanPropagation.bits(1 / a, a);
  }

  static float sqrtRnF32(float a) {
    return (float) Math.sqrt(a);
  }

  static long sqrtRnF64(double a) {
    return NanPropagation.bits(Math.sqrt(a), a);
  }

  // The other operand where one is NaN; +0 is greater than -0.

  static float minF32(float a, float b) {
    return a != a ? b : b != b ? a : Math.min(a, b);
  }

  static float maxF32(float a, float b) {
    return a != a ? b : b != b ? a : Math.max(a, b);
  }

  static double minF64(double a, double b) {
    return a != a ? b : b != b ? a : Math.min(a, b);
  }

  static double maxF64(double a, double b) {
    return a != a ? b : b != b ? a : Math.max(a, b);
  }

  // .NaN: NaN where any is.

  static float minNanF32(float a, float b) {
    return Math.min(a, b);
  }

  static float maxNanF32(float a, float b) {
    return Math.max(a, b);
  }

  static float min3F32(float a, float b, float c) {
    return minF32(minF32(a, b), c);
  }

  static float max3F32(float a, float b, float c) {
    return maxF32(maxF32(a, b), c);
  }

  static float minNan3F32(float a, float b, float c) {
    return Math.min(Math.min(a, b), c);
  }

  static float maxNan3F32(float a, float b, float c) {
    return Math.max(Math.max(a, b), c);
  }

  // .xorsign.abs: of the magnitudes, with the sign of the product.

  static float minXorF32(float a, float b) {
    return withSignOfProduct(minF32(Math.abs(a), Math.abs(b)), a, b);
  }

  static float maxXorF32(float a, float b) {
    return withSignOfProduct(maxF32(Math.abs(a), Math.abs(b)), a, b);
  }

  static float minNanXorF32(float a, float b) {
    return withSignOfProduct(minNanF32(Math.abs(a), Math.abs(b)), a, b);
  }

  static float maxNanXorF32(float a, float b) {
    return withSignOfProduct(maxNanF32(Math.abs(a), Math.abs(b)), a, b);
  }

  private static float withSignOfProduct(float magnitude, float a, float b) {
    int sign = (Float.floatToRawIntBits(a) ^ Float.floatToRawIntBits(b)) & Integer.MIN_VALUE;
    return magnitude != magnitude
        ? magnitude
        : Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }

  /** The sign of a on b's magnitude. */
  static int copysignF32(int a, int b) {
    return a & Integer.MIN_VALUE | b & Integer.MAX_VALUE;
  }

  static long copysignF64(long a, long b) {
    return a & Long.MIN_VALUE | b & Long.MAX_VALUE;
  }

  static boolean finiteF32(float a) {
    return Math.abs(a) <= Float.MAX_VALUE;
  }

  static boolean infiniteF32(float a) {
    return Float.isInfinite(a);
  }

  static boolean numberF32(float a) {
    return a == a;
  }

  static boolean notanumberF32(float a) {
    return a != a;
  }

  /** Zeros count as normal. */
  static boolean normalF32(float a) {
    return finiteF32(a) && !subnormalF32(a);
  }

  static boolean subnormalF32(float a) {
    return a != 0 && Math.abs(a) < Float.MIN_NORMAL;
  }

  static boolean finiteF64(double a) {
    return Math.abs(a) <= Double.MAX_VALUE;
  }

  static boolean infiniteF64(double a) {
    return Double.isInfinite(a);
  }

  static boolean numberF64(double a) {
    return a == a;
  }

  static boolean notanumberF64(double a) {
    return a != a;
  }

  static boolean normalF64(double a) {
    return finiteF64(a) && !subnormalF64(a);
  }

  static boolean subnormalF64(double a) {
    return a != 0 && Math.abs(a) < Double.MIN_NORMAL;
  }
}
