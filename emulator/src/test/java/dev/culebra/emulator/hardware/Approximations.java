package dev.culebra.emulator.hardware;

/**
 * How far two results of an approximate instruction may be apart when each is as far from the true
 * value as the manual allows (PTX ISA 9.7.3, 9.7.4).
 */
final class Approximations {
  private Approximations() {}

  /**
   * Whether a measured and a computed result of a case agree, given as its output words.
   *
   * @param input the instruction's first
   */
  static boolean agree(String text, long input, long measured, long computed) {
    if (measured == computed) {
      return true;
    }
    if (text.contains(".f64")) {
      return near(Double.longBitsToDouble(measured), Double.longBitsToDouble(computed), 0x1p-19, 0);
    }
    if (text.contains("f16x2")) {
      return half(text, measured, computed, text.contains("bf16"))
          && half(text, measured >>> 16, computed >>> 16, text.contains("bf16"));
    }
    if (text.contains("f16")) {
      return half(text, measured, computed, text.contains("bf16"));
    }
    double a = Float.intBitsToFloat((int) measured);
    double b = Float.intBitsToFloat((int) computed);
    return switch (text.substring(0, text.indexOf('.'))) {
      case "sin", "cos" -> near(a, b, 0, angleError(Float.intBitsToFloat((int) input)));
      case "lg2" -> near(a, b, 0x1p-21, 0x1p-21);
      case "tanh" -> near(a, b, 0x1p-10, 0);
      default -> near(a, b, 0x1p-21, 2 * Float.MIN_NORMAL * 0x1p-22);
    };
  }

  /** Twice the bound on sines: none beyond 100 pi, where all results are from -1 to 1. */
  private static double angleError(float angle) {
    double size = Math.abs(angle);
    return size <= 2 * Math.PI ? 0x1p-19 : size <= 100 * Math.PI ? 0x1p-13 : 2;
  }

  private static boolean half(String text, long measured, long computed, boolean bf16) {
    double a = bf16 ? bf16((int) measured & 0xFFFF) : Float.float16ToFloat((short) measured);
    double b = bf16 ? bf16((int) computed & 0xFFFF) : Float.float16ToFloat((short) computed);
    return text.startsWith("tanh")
        ? near(a, b, 0, bf16 ? 0x1p-7 : 0x1p-9)
        : near(a, b, bf16 ? 0x1p-6 : 0x1p-8, bf16 ? Float.MIN_NORMAL : 0x1p-23);
  }

  private static double bf16(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  private static boolean near(double a, double b, double relative, double absolute) {
    if (Double.isNaN(a) || Double.isNaN(b) || Double.isInfinite(a) || Double.isInfinite(b)) {
      return Double.isNaN(a) && Double.isNaN(b) || a == b;
    }
    return Math.abs(a - b) <= Math.max(relative * Math.max(Math.abs(a), Math.abs(b)), absolute);
  }
}
