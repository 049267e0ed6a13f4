package dev.culebra.emulator.tensorcore;

/**
 * How a tensor core adds a group of products to an accumulator (model of Khattak and Mikaitis,
 * <i>Accurate Models of NVIDIA Tensor Cores</i>, arXiv:2512.07004):
 *
 * <ol>
 *   <li>products are exact and not normalised: the exponent of a product is the sum of its factors'
 *       exponents; the accumulator is one more term; terms that are zero have no exponent;
 *   <li>all terms are aligned to the largest exponent, or {@code minimumExponent} where that is
 *       larger; {@code fractionBits} bits below it are kept, the rest of each magnitude is cut off;
 *   <li>what is kept is added exactly, and the magnitude of the sum is cut off after {@code
 *       resultFractionBits} bits below its leading one, or rounded to nearest even where the result
 *       is an f16.
 * </ol>
 *
 * Subnormal numbers are neither flushed when they come in nor when they go out. A sum that is zero
 * is +0, one that is too large is infinite. More products than a group has are added group after
 * group, each to the result of the one before, the lowest {@code k} first.
 *
 * @param group products that are added at once
 * @param fractionBits kept of each term, below the largest exponent
 * @param resultFractionBits kept of an f32 sum
 * @param minimumExponent that terms are aligned to
 * @param half whether the accumulator is an f16
 */
record AlignedSum(
    int group, int fractionBits, int resultFractionBits, int minimumExponent, boolean half) {

  private static final int F32_FRACTION_BITS = 23;
  private static final int NONE = Integer.MIN_VALUE;

  /** 23 bits and one more: measured on A100, A2, Ada and L40S. */
  private static final int AMPERE_FRACTION_BITS = F32_FRACTION_BITS + 1;

  /** 23 bits and two more: measured on H100, H200 and B200. */
  private static final int HOPPER_FRACTION_BITS = F32_FRACTION_BITS + 2;

  private static final int HOPPER_MINIMUM_EXPONENT = -133;

  /** The accumulator of 8-bit floats is that narrow: measured on Ada and L40S. */
  private static final int NARROW_FRACTION_BITS = F32_FRACTION_BITS - 10;

  /** Compute capability 8.0 to 8.9, and 16-bit floats, of which a group has 8, or TF32: 4. */
  static AlignedSum ampere(FloatFormat format, boolean half) {
    return switch (format) {
      case F16, BF16 -> new AlignedSum(8, AMPERE_FRACTION_BITS, F32_FRACTION_BITS, NONE, half);
      case TF32 -> new AlignedSum(4, AMPERE_FRACTION_BITS, F32_FRACTION_BITS, NONE, half);
      case E4M3, E5M2 -> new AlignedSum(16, NARROW_FRACTION_BITS, NARROW_FRACTION_BITS, NONE, half);
    };
  }

  /** Compute capability 9.0, and 16-bit floats, of which a group has 16, or TF32: 8. */
  static AlignedSum hopper(FloatFormat format, boolean half) {
    return switch (format) {
      case F16, BF16, E4M3, E5M2 -> hopper(16, half);
      case TF32 -> hopper(8, half);
    };
  }

  private static AlignedSum hopper(int group, boolean half) {
    return new AlignedSum(
        group, HOPPER_FRACTION_BITS, F32_FRACTION_BITS, HOPPER_MINIMUM_EXPONENT, half);
  }

  /** The same with other groups. */
  AlignedSum withGroup(int products) {
    return new AlignedSum(products, fractionBits, resultFractionBits, minimumExponent, half);
  }
}
