package dev.culebra.emulator.exec;

import java.math.BigDecimal;
import java.util.TreeMap;

/** Rounds exact decimal numbers to binary formats by comparing with neighbouring numbers. */
final class ExactRounding {
  /** PTX's modifiers. */
  static final String[] MODES = {"rn", "rz", "rm", "rp"};

  /** All finite numbers of a format of 16 bits that are not negative, by value. */
  private static final TreeMap<BigDecimal, Integer> F16 = table(false);

  private static final TreeMap<BigDecimal, Integer> BF16 = table(true);

  private ExactRounding() {}

  /** The value of half bits, by the definition of the format. */
  static double half(int bits, boolean bf16) {
    int fractionBits = bf16 ? 7 : 10;
    int bias = bf16 ? 127 : 15;
    int top = bf16 ? 255 : 31;
    int exponent = (bits & 0x7fff) >> fractionBits;
    double fraction = (bits & (1 << fractionBits) - 1) / (double) (1 << fractionBits);
    double magnitude =
        exponent == top
            ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
            : exponent == 0
                ? fraction * Math.pow(2, 1 - bias)
                : (1 + fraction) * Math.pow(2, exponent - bias);
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static TreeMap<BigDecimal, Integer> table(boolean bf16) {
    TreeMap<BigDecimal, Integer> table = new TreeMap<>();
    int end = bf16 ? 0x7f80 : 0x7c00;
    for (int bits = 0; bits < end; bits++) {
      table.put(new BigDecimal(half(bits, bf16)), bits);
    }
    // one beyond the largest, as if the exponent went on: what is nearer to it overflows
    table.put(new BigDecimal(Math.pow(2, bf16 ? 128 : 16)), end);
    return table;
  }

  /** An exact number, not zero, to f16 or bf16. */
  static int half(BigDecimal exact, boolean bf16, String mode) {
    boolean negative = exact.signum() < 0;
    TreeMap<BigDecimal, Integer> table = bf16 ? BF16 : F16;
    BigDecimal magnitude = exact.abs();
    var below = table.floorEntry(magnitude);
    var above = table.ceilingEntry(magnitude);
    int infinity = bf16 ? 0x7f80 : 0x7c00;
    boolean away = mode.equals("rp") && !negative || mode.equals("rm") && negative;
    int bits;
    if (above == null) {
      bits = mode.equals("rn") || away ? infinity : infinity - 1;
    } else if (below.getValue().equals(above.getValue())) {
      bits = below.getValue();
    } else if (mode.equals("rn")) {
      BigDecimal down = magnitude.subtract(below.getKey());
      BigDecimal up = above.getKey().subtract(magnitude);
      int nearer = down.compareTo(up);
      bits =
          nearer < 0 || nearer == 0 && below.getValue() % 2 == 0
              ? below.getValue()
              : above.getValue();
    } else {
      bits = away ? above.getValue() : below.getValue();
    }
    return negative ? bits | 0x8000 : bits;
  }

  /** An exact number, not zero, to f32. */
  static float single(BigDecimal exact, String mode) {
    float near = exact.floatValue();
    int order = Float.isInfinite(near) ? exact.signum() : new BigDecimal(near).compareTo(exact);
    return (float) next(near, order, mode, false);
  }

  /** An exact number, not zero, to f64. */
  static double real(BigDecimal exact, String mode) {
    double near = exact.doubleValue();
    int order = Double.isInfinite(near) ? exact.signum() : new BigDecimal(near).compareTo(exact);
    return next(near, order, mode, true);
  }

  /**
   * The number that a mode rounds to, next to the nearest one or that itself.
   *
   * @param order how the nearest number compares with the exact one
   */
  static double next(double near, int order, String mode, boolean f64) {
    boolean negative = Double.doubleToRawLongBits(near) < 0;
    boolean up = mode.equals("rp") || mode.equals("rz") && negative;
    if (mode.equals("rn") || order == 0 || up == (order > 0)) {
      return near;
    }
    if (f64) {
      return up ? Math.nextUp(near) : Math.nextDown(near);
    }
    return up ? Math.nextUp((float) near) : Math.nextDown((float) near);
  }
}
