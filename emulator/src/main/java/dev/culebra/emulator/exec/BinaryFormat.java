package dev.culebra.emulator.exec;

/**
 * A binary interchange format of IEEE 754: sign, exponent, fraction, with subnormal numbers and
 * infinities. Rounds exactly, in any mode, with integers only.
 *
 * @param exponentBits width of the exponent
 * @param fractionBits width of the fraction, without the hidden bit
 */
record BinaryFormat(int exponentBits, int fractionBits) {
  static final BinaryFormat F16 = new BinaryFormat(5, 10);
  static final BinaryFormat BF16 = new BinaryFormat(8, 7);
  static final BinaryFormat TF32 = new BinaryFormat(8, 10);
  static final BinaryFormat F32 = new BinaryFormat(8, 23);
  static final BinaryFormat F64 = new BinaryFormat(11, 52);
  static final BinaryFormat E5M2 = new BinaryFormat(5, 2);

  /** The smallest exponent of a normal number. */
  int minimalExponent() {
    return 2 - (1 << exponentBits - 1);
  }

  long signBit() {
    return 1L << exponentBits + fractionBits;
  }

  /** Positive infinity. */
  long infinity() {
    return ((1L << exponentBits) - 1) << fractionBits;
  }

  /** The largest finite number. */
  long largest() {
    return infinity() - 1;
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
    if (encoded >= infinity()) {
      encoded = rounding.overflowsToInfinity(negative) ? infinity() : largest();
    }
    return sign | encoded;
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

  /** The value of an encoding; exact, for all formats but F64's own NaNs. */
  double decode(long bits) {
    boolean negative = (bits & signBit()) != 0;
    long magnitude = bits & signBit() - 1;
    double value;
    if (magnitude >= infinity()) {
      value = magnitude == infinity() ? Double.POSITIVE_INFINITY : Double.NaN;
    } else {
      int field = (int) (magnitude >>> fractionBits);
      long fraction = magnitude & ((1L << fractionBits) - 1);
      long significand = field == 0 ? fraction : fraction | 1L << fractionBits;
      value =
          Math.scalb(
              (double) significand, Math.max(field, 1) - 1 + minimalExponent() - fractionBits);
    }
    return negative ? -value : value;
  }
}
