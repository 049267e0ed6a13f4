package dev.culebra.emulator.tensorcore;

import java.math.BigDecimal;

/** Where results of {@code f64} that are no doubles go (PTX ISA 9.7.14.5.14). */
public enum DoubleRounding {
  /** To the nearest, of two the even one. */
  RN,
  /** Towards zero. */
  RZ,
  /** Down. */
  RM,
  /** Up. */
  RP;

  /** {@code a * b + c}, rounded once. */
  double multiplyAdd(double a, double b, double c) {
    double nearest = Math.fma(a, b, c);
    if (this == RN || !Double.isFinite(a) || !Double.isFinite(b) || !Double.isFinite(c)) {
      return nearest;
    }
    BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
    int sign = exact.signum();
    if (sign == 0) {
      return this == RM && differ(a, b, c) ? -0.0 : nearest;
    }
    boolean up = this == RP || this == RZ && sign < 0;
    if (Double.isInfinite(nearest)) {
      return nearest > 0 == up ? nearest : Math.copySign(Double.MAX_VALUE, nearest);
    }
    int above = new BigDecimal(nearest).compareTo(exact);
    if (above == 0 || above > 0 == up) {
      return nearest;
    }
    return up ? Math.nextUp(nearest) : Math.nextDown(nearest);
  }

  /** Whether product and addend, whose sum is zero, have different signs. */
  private static boolean differ(double a, double b, double c) {
    boolean product = Math.copySign(1, a) != Math.copySign(1, b);
    return product != Math.copySign(1, c) < 0;
  }
}
