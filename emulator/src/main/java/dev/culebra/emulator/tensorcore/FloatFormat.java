package dev.culebra.emulator.tensorcore;

/**
 * The formats of multiplicands: sign, exponent, fraction. E4M3 has no infinities and one NaN (all
 * ones); the others are as IEEE 754 has it.
 */
public enum FloatFormat {
  F16(5, 10, 0),
  BF16(8, 7, 0),
  /** What a tensor core takes of a word: the lower 13 bits are not looked at. */
  TF32(8, 10, 13),
  E4M3(4, 3, 0),
  E5M2(5, 2, 0);

  /** Exponent of a zero: so low that no sum with another's is ever the largest. */
  static final int ZERO_EXPONENT = -1_000_000;

  private final int exponentBits;
  private final int fractionBits;
  private final int unusedBits;
  private final int bias;

  FloatFormat(int exponentBits, int fractionBits, int unusedBits) {
    this.exponentBits = exponentBits;
    this.fractionBits = fractionBits;
    this.unusedBits = unusedBits;
    bias = (1 << exponentBits - 1) - 1;
  }

  static FloatFormat of(ElementType type) {
    return switch (type) {
      case F16 -> F16;
      case BF16 -> BF16;
      case TF32 -> TF32;
      case E4M3 -> E4M3;
      case E5M2 -> E5M2;
      default -> throw new IllegalArgumentException(type + " is no format of floats");
    };
  }

  int fractionBits() {
    return fractionBits;
  }

  /**
   * Takes {@code count} elements apart: afterwards {@code x = significands[i] * 2^(exponents[i] -
   * fractionBits)}, and {@code exponents[i]} is that of the leading bit of a normal number, the
   * lowest for subnormal ones, {@link #ZERO_EXPONENT} for zero.
   *
   * @return whether any is infinite or no number
   */
  boolean decode(int[] bits, int count, int[] significands, int[] exponents) {
    int fractionMask = (1 << fractionBits) - 1;
    int exponentMask = (1 << exponentBits) - 1;
    int signShift = 31 - exponentBits - fractionBits - unusedBits;
    int implicit = 1 << fractionBits;
    int firstSpecial = this == E4M3 ? implicit << exponentBits : implicit * exponentMask;
    firstSpecial -= this == E4M3 ? 1 : 0;
    int special = 0;
    for (int i = 0; i < count; i++) {
      int magnitude = bits[i] >>> unusedBits & (implicit << exponentBits) - 1;
      int field = magnitude >>> fractionBits;
      int normal = Math.min(field, 1);
      int significand = magnitude & fractionMask | normal * implicit;
      int sign = bits[i] << signShift >> 31;
      int zero = significand - 1 >> 31;
      significands[i] = (significand ^ sign) - sign;
      exponents[i] = Math.max(field, 1) - bias & ~zero | ZERO_EXPONENT & zero;
      special |= firstSpecial - 1 - magnitude;
    }
    return special < 0;
  }

  /** The value of an element. */
  public double value(int bits) {
    int magnitude = bits >>> unusedBits & (1 << exponentBits + fractionBits) - 1;
    int field = magnitude >>> fractionBits;
    int fraction = magnitude & (1 << fractionBits) - 1;
    double value;
    if (field == (1 << exponentBits) - 1 && (this != E4M3 || fraction == (1 << fractionBits) - 1)) {
      value = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else {
      value =
          Math.scalb(
              (double) (fraction | Math.min(field, 1) << fractionBits),
              Math.max(field, 1) - bias - fractionBits);
    }
    return (bits >>> exponentBits + fractionBits + unusedBits & 1) == 0 ? value : -value;
  }
}
