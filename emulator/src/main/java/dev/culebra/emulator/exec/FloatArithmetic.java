package dev.culebra.emulator.exec;

/** Arithmetic of f32 and f64 that rounds to nearest (PTX ISA 9.7.3). */
final class FloatArithmetic {
  private FloatArithmetic() {}

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

  static double addRnF64(double a, double b) {
    return a + b;
  }

  static double subRnF64(double a, double b) {
    return a - b;
  }

  static double mulRnF64(double a, double b) {
    return a * b;
  }

  static double fmaRnF64(double a, double b, double c) {
    return Math.fma(a, b, c);
  }

  static float divRnF32(float a, float b) {
    return a / b;
  }

  static double divRnF64(double a, double b) {
    return a / b;
  }

  static float absF32(float a) {
    return Math.abs(a);
  }

  static double absF64(double a) {
    return Math.abs(a);
  }

  static float negF32(float a) {
    return -a;
  }

  static double negF64(double a) {
    return -a;
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

  // .NaN: NaN where either is.

  static float minNanF32(float a, float b) {
    return Math.min(a, b);
  }

  static float maxNanF32(float a, float b) {
    return Math.max(a, b);
  }
}
