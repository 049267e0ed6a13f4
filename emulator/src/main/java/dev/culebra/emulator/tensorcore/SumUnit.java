package dev.culebra.emulator.tensorcore;

/**
 * Adds products to accumulators as an {@link AlignedSum} says. A is {@code [rows, depth]}, row by
 * row; B is {@code [depth, 8]}; the accumulators are bits of f32, {@code [rows, 8]}. This class
 * works for any input, one sum at a time; {@link TileSums} is for what nearly all input is like.
 */
class SumUnit {
  static final int COLUMNS = 8;
  static final int MAX_ROWS = 16;

  /** What tensor cores give where a result is no number. */
  static final int F32_NAN = 0x7fffffff;

  private static final int F32_INFINITY = 0x7f800000;
  private static final int F32_MAGNITUDE = 0x7fffffff;
  private static final int F32_FRACTION_BITS = 23;
  private static final int F32_BIAS = 127;
  private static final int F32_MIN_EXPONENT = -126;
  private static final int F64_BIAS = 1023;
  private static final int F64_FRACTION_BITS = 52;
  private static final int MAX_SHIFT = 63;

  /** Adds the products of all {@code depth} pairs, a group after the other. */
  final void multiplyAdd(
      AlignedSum sum, FloatOperand a, FloatOperand b, int rows, int depth, int[] accumulators) {
    for (int k = 0; k < depth; k += sum.group()) {
      add(sum, a, b, rows, depth, k, Math.min(sum.group(), depth - k), accumulators);
    }
  }

  /** Adds one group of {@code count} products, from column {@code k} of A. */
  void add(
      AlignedSum sum,
      FloatOperand a,
      FloatOperand b,
      int rows,
      int depth,
      int k,
      int count,
      int[] accumulators) {
    boolean special = a.special || b.special;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        int at = row * COLUMNS + column;
        int i = row * depth + k;
        int j = k * COLUMNS + column;
        int c = accumulators[at];
        accumulators[at] =
            special || (c & F32_INFINITY) == F32_INFINITY
                ? special(sum, a, i, b, j, count, c)
                : finite(sum, a, i, b, j, count, c);
      }
    }
  }

  private int special(
      AlignedSum sum, FloatOperand a, int i, FloatOperand b, int j, int count, int c) {
    double total = Float.intBitsToFloat(c);
    for (int n = 0; n < count; n++) {
      total += a.format.value(a.bits[i + n]) * b.format.value(b.bits[j + n * COLUMNS]);
    }
    if (Double.isNaN(total)) {
      return F32_NAN;
    }
    return Double.isInfinite(total)
        ? Float.floatToRawIntBits((float) total)
        : finite(sum, a, i, b, j, count, c);
  }

  private static int finite(
      AlignedSum sum, FloatOperand a, int i, FloatOperand b, int j, int count, int c) {
    int magnitude = c & F32_MAGNITUDE;
    int normal = Math.min(magnitude >>> F32_FRACTION_BITS, 1);
    int exponentOfC = Math.max(magnitude >>> F32_FRACTION_BITS, 1) - F32_BIAS;
    int largest = magnitude == 0 ? FloatFormat.ZERO_EXPONENT : exponentOfC;
    for (int n = 0; n < count; n++) {
      largest = Math.max(largest, a.exponents[i + n] + b.exponents[j + n * COLUMNS]);
    }
    if (largest < FloatFormat.ZERO_EXPONENT / 2) {
      return 0;
    }
    largest = Math.max(largest, sum.minimumExponent());
    int productBits = a.format.fractionBits() + b.format.fractionBits();
    long significandOfC = magnitude & (1 << F32_FRACTION_BITS) - 1 | normal << F32_FRACTION_BITS;
    long total =
        term(
            c < 0 ? -significandOfC : significandOfC,
            sum.fractionBits() - F32_FRACTION_BITS - largest + exponentOfC);
    for (int n = 0; n < count; n++) {
      int exponent = a.exponents[i + n] + b.exponents[j + n * COLUMNS];
      long product = (long) a.significands[i + n] * b.significands[j + n * COLUMNS];
      total += term(product, sum.fractionBits() - productBits - largest + exponent);
    }
    return round(sum, total, largest - sum.fractionBits());
  }

  /** {@code significand * 2^shift}, its magnitude cut off. */
  private static long term(long significand, int shift) {
    if (shift >= 0) {
      return significand << shift;
    }
    long magnitude = Math.abs(significand) >> Math.min(-shift, MAX_SHIFT);
    return significand < 0 ? -magnitude : magnitude;
  }

  /** {@code total * 2^exponent} as bits of an f32, cut off or rounded to an f16. */
  static int round(AlignedSum sum, long total, int exponent) {
    if (total == 0) {
      return 0;
    }
    // Exact: the sum has fewer bits than a double, and no exponent is out of its range.
    double value =
        (double) total * Double.longBitsToDouble((long) (F64_BIAS + exponent) << F64_FRACTION_BITS);
    if (sum.half()) {
      return Float.floatToRawIntBits(Float.float16ToFloat(HalfFloats.round(value)));
    }
    int below = Math.max(0, F32_MIN_EXPONENT - Math.getExponent(value));
    int cut = F64_FRACTION_BITS - sum.resultFractionBits() + below;
    long kept = cut > F64_FRACTION_BITS ? Long.MIN_VALUE : -1L << cut;
    return Float.floatToRawIntBits(
        (float) Double.longBitsToDouble(Double.doubleToRawLongBits(value) & kept));
  }
}
