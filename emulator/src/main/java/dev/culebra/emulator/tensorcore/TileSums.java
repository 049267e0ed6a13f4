package dev.culebra.emulator.tensorcore;

/**
 * The same sums, a tile at a time, where no exponent is far out and nothing is special. A group is
 * added in passes over the tile: exponents of the accumulators, largest exponents, accumulators
 * aligned, products aligned and added, sums cut off. Each pass is a short loop over eight columns
 * that lie together.
 *
 * <p>Terms are below {@code 2^(fractionBits + 2)}. Two sums of at most eight of them, and an
 * accumulator in the first, fit an int each; their total fits 33 bits.
 */
class TileSums extends SumUnit {
  static final int INT_BITS = 31;
  static final int FIELD = 0xff;
  static final int BIAS = 127;
  static final int FRACTION_BITS = 23;
  static final int FRACTION = (1 << FRACTION_BITS) - 1;
  static final int MAX_SHIFT = 31;

  /** Exponents in between need no care: results are neither subnormal nor infinite. */
  static final int MAX_EXPONENT = 90;

  private static final int MAX_GROUP = 16;
  private static final int F64_BIAS = 1023;
  private static final int F64_FRACTION_BITS = 52;
  private static final long BELOW_FLOAT = (1L << F64_FRACTION_BITS - FRACTION_BITS) - 1;

  final int[] exponents = new int[MAX_ROWS * COLUMNS];

  /** Sums of the products with even k, and the accumulators. */
  final int[] even = new int[MAX_ROWS * COLUMNS];

  /** Sums of the products with odd k. */
  final int[] odd = new int[MAX_ROWS * COLUMNS];

  private final int[] scaled = new int[MAX_ROWS * MAX_GROUP];

  @Override
  final void add(
      AlignedSum sum,
      FloatOperand a,
      FloatOperand b,
      int rows,
      int depth,
      int k,
      int count,
      int[] accumulators) {
    int productBits = a.format.fractionBits() + b.format.fractionBits();
    if (a.special
        || b.special
        || sum.fractionBits() < FRACTION_BITS
        || sum.resultFractionBits() != FRACTION_BITS
        || count % 2 != 0
        || count > MAX_GROUP) {
      super.add(sum, a, b, rows, depth, k, count, accumulators);
      return;
    }
    int tile = rows * COLUMNS;
    exponentsOf(accumulators, tile);
    largest(a.exponents, k, depth, b.exponents, k * COLUMNS, count, rows);
    if (!alignAccumulators(accumulators, tile, sum.fractionBits())) {
      super.add(sum, a, b, rows, depth, k, count, accumulators);
      return;
    }
    scale(a.significands, k, depth, count, rows, sum.fractionBits() - productBits);
    addProducts(scaled, a.exponents, k, depth, b, k * COLUMNS, count, rows);
    if (sum.half()) {
      for (int i = 0; i < tile; i++) {
        accumulators[i] = round(sum, (long) even[i] + odd[i], exponents[i] - sum.fractionBits());
      }
    } else {
      cutOff(accumulators, tile, sum.fractionBits());
    }
  }

  /** Exponents of the accumulators to {@link #exponents}. */
  void exponentsOf(int[] accumulators, int tile) {
    for (int i = 0; i < tile; i++) {
      int c = accumulators[i];
      int exponent = Math.max(c >>> FRACTION_BITS & FIELD, 1) - BIAS;
      exponents[i] = c << 1 == 0 ? FloatFormat.ZERO_EXPONENT : exponent;
    }
  }

  /** The larger of them and of the exponents of the products. */
  void largest(
      int[] exponentsOfA, int a, int depth, int[] exponentsOfB, int b, int count, int rows) {
    for (int row = 0; row < rows; row++) {
      for (int n = 0; n < count; n++) {
        maximum(
            exponents,
            row * COLUMNS,
            exponentsOfA[a + row * depth + n],
            exponentsOfB,
            b + n * COLUMNS);
      }
    }
  }

  private static void maximum(int[] to, int at, int exponent, int[] exponentsOfB, int from) {
    for (int column = 0; column < COLUMNS; column++) {
      to[at + column] = Math.max(to[at + column], exponent + exponentsOfB[from + column]);
    }
  }

  /**
   * Accumulators, aligned, to {@link #even}; zeros to {@link #odd}, and for exponents of what is
   * all zero.
   *
   * @return false where an exponent is too far out for what follows
   */
  boolean alignAccumulators(int[] accumulators, int tile, int fractionBits) {
    int farthest = 0;
    for (int i = 0; i < tile; i++) {
      int c = accumulators[i];
      int largest = exponents[i] < FloatFormat.ZERO_EXPONENT / 2 ? 0 : exponents[i];
      exponents[i] = largest;
      farthest = Math.max(farthest, Math.abs(largest));
      int field = c >>> FRACTION_BITS & FIELD;
      int shift = Math.min(largest - Math.max(field, 1) + BIAS, MAX_SHIFT);
      int significand = c & FRACTION | Math.min(field, 1) << FRACTION_BITS;
      int magnitude = significand << fractionBits - FRACTION_BITS >>> shift;
      int sign = c >> INT_BITS;
      even[i] = (magnitude ^ sign) - sign;
      odd[i] = 0;
    }
    return farthest < MAX_EXPONENT;
  }

  /** Significands of A's group with the bits that products lack. */
  private void scale(int[] significands, int from, int depth, int count, int rows, int shift) {
    for (int row = 0; row < rows; row++) {
      for (int n = 0; n < count; n++) {
        scaled[row * count + n] = significands[from + row * depth + n] << shift;
      }
    }
  }

  /** Products, aligned, onto {@link #even} and {@link #odd}. */
  void addProducts(
      int[] significandsOfA,
      int[] exponentsOfA,
      int from,
      int depth,
      FloatOperand b,
      int start,
      int count,
      int rows) {
    for (int row = 0; row < rows; row++) {
      for (int n = 0; n < count; n++) {
        products(
            n % 2 == 0 ? even : odd,
            row * COLUMNS,
            significandsOfA[row * count + n],
            exponentsOfA[from + row * depth + n],
            b,
            start + n * COLUMNS);
      }
    }
  }

  private void products(int[] to, int at, int significand, int exponent, FloatOperand b, int from) {
    int[] significands = b.significands;
    int[] exponentsOfB = b.exponents;
    for (int column = 0; column < COLUMNS; column++) {
      int product = significands[from + column] * significand;
      int shift =
          Math.min(exponents[at + column] - exponentsOfB[from + column] - exponent, MAX_SHIFT);
      int sign = product >> INT_BITS;
      to[at + column] += ((product ^ sign) - sign >>> shift ^ sign) - sign;
    }
  }

  /** Sums to f32. */
  void cutOff(int[] accumulators, int tile, int fractionBits) {
    for (int i = 0; i < tile; i++) {
      long unit = (long) (F64_BIAS + exponents[i] - fractionBits) << F64_FRACTION_BITS;
      double value = (double) ((long) even[i] + odd[i]) * Double.longBitsToDouble(unit);
      accumulators[i] =
          Float.floatToRawIntBits(
              (float) Double.longBitsToDouble(Double.doubleToRawLongBits(value) & ~BELOW_FLOAT));
    }
  }
}
