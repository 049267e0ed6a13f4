package dev.culebra.emulator.tensorcore;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The model of {@link AlignedSum} in exact arithmetic on decimals, written for nothing but clarity.
 */
final class ExactSum {
  private static final BigDecimal TWO = BigDecimal.valueOf(2);
  private static final BigDecimal HALF = new BigDecimal("0.5");
  private static final Map<Integer, BigDecimal> POWERS = new ConcurrentHashMap<>();

  private ExactSum() {}

  private static BigDecimal power(int exponent) {
    return POWERS.computeIfAbsent(exponent, e -> e >= 0 ? TWO.pow(e) : HALF.pow(-e));
  }

  /** Exponent of an element: that of the leading bit, or of the smallest normal number. */
  private static int exponent(double value, int smallest) {
    return Math.max(Math.getExponent(value), smallest);
  }

  private static int smallestNormal(FloatFormat format) {
    return switch (format) {
      case F16, E5M2 -> -14;
      case BF16, TF32 -> -126;
      case E4M3 -> -6;
    };
  }

  /** One group: what becomes of {@code c} when the products of a and b are added. */
  static int add(
      AlignedSum sum, FloatFormat formatOfA, int[] a, FloatFormat formatOfB, int[] b, int c) {
    double total = Float.intBitsToFloat(c);
    for (int i = 0; i < a.length; i++) {
      total += formatOfA.value(a[i]) * formatOfB.value(b[i]);
    }
    if (Double.isNaN(total)) {
      return 0x7fffffff;
    }
    if (Double.isInfinite(total)) {
      return total > 0 ? 0x7f800000 : 0xff800000;
    }
    float addend = Float.intBitsToFloat(c);
    int largest = addend == 0 ? Integer.MIN_VALUE : exponent(addend, -126);
    BigDecimal[] terms = new BigDecimal[a.length + 1];
    terms[a.length] = new BigDecimal(addend);
    for (int i = 0; i < a.length; i++) {
      double x = formatOfA.value(a[i]);
      double y = formatOfB.value(b[i]);
      terms[i] = new BigDecimal(x).multiply(new BigDecimal(y));
      if (x != 0 && y != 0) {
        largest =
            Math.max(
                largest,
                exponent(x, smallestNormal(formatOfA)) + exponent(y, smallestNormal(formatOfB)));
      }
    }
    if (largest == Integer.MIN_VALUE) {
      return 0;
    }
    int lowest = Math.max(largest, sum.minimumExponent()) - sum.fractionBits();
    BigInteger units = BigInteger.ZERO;
    for (BigDecimal term : terms) {
      units = units.add(term.multiply(power(-lowest)).toBigInteger());
    }
    return sum.half() ? half(units, lowest) : single(units, lowest, sum.resultFractionBits());
  }

  /** {@code units * 2^lowest}, cut off to f32. */
  private static int single(BigInteger units, int lowest, int fractionBits) {
    if (units.signum() == 0) {
      return 0;
    }
    BigInteger magnitude = units.abs();
    int leading = magnitude.bitLength() - 1 + lowest;
    int drop = Math.max(0, Math.max(leading, -126) - fractionBits - lowest);
    BigDecimal value =
        new BigDecimal(magnitude.shiftRight(drop).shiftLeft(drop)).multiply(power(lowest));
    float result = value.floatValue();
    return Float.floatToRawIntBits(units.signum() < 0 ? -result : result);
  }

  /** The same, rounded to the nearest f16, of two the even one. */
  private static int half(BigInteger units, int lowest) {
    if (units.signum() == 0) {
      return 0;
    }
    BigInteger magnitude = units.abs();
    int leading = magnitude.bitLength() - 1 + lowest;
    int unit = Math.max(leading, -14) - 10;
    BigInteger rounded =
        new BigDecimal(magnitude)
            .multiply(power(lowest - unit))
            .setScale(0, RoundingMode.HALF_EVEN)
            .toBigInteger();
    BigDecimal value = new BigDecimal(rounded).multiply(power(unit));
    float result =
        value.compareTo(BigDecimal.valueOf(65504)) > 0
            ? Float.POSITIVE_INFINITY
            : value.floatValue();
    return Float.floatToRawIntBits(units.signum() < 0 ? -result : result);
  }
}
