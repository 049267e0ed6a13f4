package dev.culebra.emulator.exec;

/**
 * A binary floating format: sign, exponent, fraction, with subnormal numbers. Rounds exactly, in
 * any mode, with integers only.
 *
 * @param exponentBits width of the exponent
 * @param fractionBits width of the fraction, without the hidden bit
 * @param infinities whether the highest exponent is for infinity and NaN, as in IEEE 754; else NaN
 *     is all ones, and what lies beyond the largest number becomes that
 */
record BinaryFormat(int exponentBits, int fractionBits, boolean infinities) {
  static final BinaryFormat F16 = new BinaryFormat(5, 10, true);
  static final BinaryFormat BF16 = new BinaryFormat(8, 7, true);
  static final BinaryFormat F32 = new BinaryFormat(8, 23, true);
  static final BinaryFormat F64 = new BinaryFormat(11, 52, true);
  static final BinaryFormat E5M2 = new BinaryFormat(5, 2, true);
  static final BinaryFormat E4M3 = new BinaryFormat(4, 3, false);

  /** The smallest exponent of a normal number. */
  int minimalExponent() {
    return 2 - (1 << exponentBits - 1);
  }

  long signBit() {
    return 1L << exponentBits + fractionBits;
  }

  /** Positive infinity, or the largest number where there is none. */
  long infinity() {
    return infinities ? ((1L << exponentBits) - 1) << fractionBits : largest();
  }

  /** The largest finite number. */
  long largest() {
    return infinities ? infinity() - 1 : nan() - 1;
  }

  /** NaN as the chips give it: all bits but the sign. */
  long nan() {
    return signBit() - 1;
  }

  /**
   * The number {@code significand * 2^exponent}, rounded.
   *
   * @param significand unsigned
   * @param sticky whether the number is larger than that, by less than one unit of the significand,
   *     which then has to have three bits more than the format
   */
  long round(boolean negative, long significand, int exponent, boolean sticky, Rounding rounding) {
    long sign = negative ? signBit() : 0;
    if (significand == 0 && !sticky) {
      return sign;
    }
    int magnitude = exponent + Long.SIZE - 1 - Long.numberOfLeadingZeros(significand);
    int normal = Math.max(magnitude, minimalExponent());
    int largestField = (1 << exponentBits) - (infinities ? 2 : 1);
    if (normal - minimalExponent() >= largestField) {
      return sign | overflow(negative, rounding);
    }
    int cut = normal - fractionBits - exponent;
    long kept;
    int rest;
    boolean exact;
    if (cut <= 0) {
      kept = significand << -cut;
      rest = -1;
      exact = !sticky;
    } else if (cut > Long.SIZE) {
      kept = 0;
      rest = -1;
      exact = false;
    } else {
      kept = cut == Long.SIZE ? 0 : significand >>> cut;
      long below = cut == Long.SIZE ? significand : significand & ((1L << cut) - 1);
      long half = 1L << cut - 1;
      rest = Long.compareUnsigned(below, half);
      if (rest == 0 && sticky) {
        rest = 1;
      }
      exact = below == 0 && !sticky;
    }
    if (rounding.roundsUp(negative, (kept & 1) != 0, rest, exact)) {
      kept++;
    }
    // the hidden bit of a normal number adds one to the exponent's field
    long encoded = ((long) (normal - minimalExponent()) << fractionBits) + kept;
    return sign | (encoded > largest() ? overflow(negative, rounding) : encoded);
  }

  private long overflow(boolean negative, Rounding rounding) {
    return rounding.overflowsToInfinity(negative) ? infinity() : largest();
  }

  /** A double, rounded; NaN becomes {@link #nan}. */
  long round(double value, Rounding rounding) {
    if (value != value) {
      return nan();
    }
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    if (Double.isInfinite(value)) {
      return negative ? signBit() | infinity() : infinity();
    }
    int exponent = Math.max(Math.getExponent(value), Double.MIN_EXPONENT);
    long fraction = Double.doubleToRawLongBits(value) & ((1L << 52) - 1);
    boolean normal = Math.getExponent(value) >= Double.MIN_EXPONENT;
    return round(negative, normal ? fraction | 1L << 52 : fraction, exponent - 52, false, rounding);
  }

  /** The value of an encoding. */
  double decode(long bits) {
    long magnitude = bits & signBit() - 1;
    double value;
    if (magnitude > largest()) {
      value = magnitude == infinity() ? Double.POSITIVE_INFINITY : Double.NaN;
    } else {
      int field = (int) (magnitude >>> fractionBits);
      long fraction = magnitude & (1L << fractionBits) - 1;
      long significand = field == 0 ? fraction : fraction | 1L << fractionBits;
      int exponent = Math.max(field, 1) - 1 + minimalExponent() - fractionBits;
      value = Math.scalb((double) significand, exponent);
    }
    return (bits & signBit()) != 0 ? -value : value;
  }
}
