package dev.culebra.emulator.tensorcore;

/**
 * Floats of 16 or 19 bits, and those of 8 where tensor cores take them as they are (compute
 * capability 8.9). Accumulators are f32 where C or D is, else f16.
 *
 * <p>Measured (see {@link AlignedSum}): f16, bf16 and tf32 with f32 results, f16 with f16 results,
 * on compute capability 8.0 and 9.0, for as many products as a group has. Not measured: that larger
 * shapes add one group after the other, rounding to the type of the accumulator in between; what
 * becomes of NaN (here: f32 0x7fffffff, f16 0x7fff), infinities (here: as in IEEE 754) and the sign
 * of zero (here: + for every sum that is exactly zero).
 */
final class FloatTileProduct extends TileProduct {
  private final TileShape shape;
  private final FloatFormat formatOfA;
  private final FloatFormat formatOfB;
  private final AlignedSum sum;

  FloatTileProduct(
      TileShape shape,
      ElementType typeOfA,
      ElementType typeOfB,
      ElementType typeOfC,
      ElementType typeOfD,
      AlignedSum sum) {
    super(
        FragmentLayout.a(shape, typeOfA),
        FragmentLayout.b(shape, typeOfB),
        FragmentLayout.accumulators(shape, typeOfC),
        FragmentLayout.accumulators(shape, typeOfD));
    this.shape = shape;
    formatOfA = FloatFormat.of(typeOfA);
    formatOfB = FloatFormat.of(typeOfB);
    this.sum = sum;
  }

  @Override
  public void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers) {
    a.gather(words, registers.a(), buffers.a.bits);
    b.gather(words, registers.b(), buffers.b.bits);
    buffers.a.decode(formatOfA, shape.m() * shape.k());
    buffers.b.decode(formatOfB, shape.k() * shape.n());
    int[] accumulators = buffers.accumulators;
    gatherFloats(c, words, registers.c(), accumulators, shape.m() * shape.n());
    buffers.sums().multiplyAdd(sum, buffers.a, buffers.b, shape.m(), shape.k(), accumulators);
    scatterFloats(accumulators, shape.m() * shape.n(), d, words, registers.d());
  }

  /** Takes f32 or f16 from registers, as bits of f32. */
  static void gatherFloats(
      FragmentLayout layout, int[][] words, int[] slots, int[] matrix, int count) {
    layout.gather(words, slots, matrix);
    if (layout.perRegister() == 2) {
      for (int i = 0; i < count; i++) {
        matrix[i] = Float.floatToRawIntBits(Float.float16ToFloat((short) matrix[i]));
      }
    }
  }

  /** Puts bits of f32 into registers of f32 or f16. */
  static void scatterFloats(
      int[] matrix, int count, FragmentLayout layout, int[][] words, int[] slots) {
    if (layout.perRegister() == 2) {
      for (int i = 0; i < count; i++) {
        matrix[i] = HalfFloats.round(Float.intBitsToFloat(matrix[i]));
      }
    }
    layout.scatter(matrix, words, slots);
  }
}
