package dev.culebra.emulator.tensorcore;

import java.util.Arrays;

/**
 * Floats of 8 bits on compute capability 9.0, whose {@code mma.sync} ptxas (13.0) makes of
 * instructions for f16: the elements whose {@code k % 4} is 0 or 1 are widened, multiplied and
 * added as one f16 product, then the others onto that; an ordinary addition, rounded to nearest
 * even, adds C last.
 */
final class WidenedTileProduct extends TileProduct {
  private static final int QUAD = 4;

  private final TileShape shape;
  private final FloatFormat formatOfA;
  private final FloatFormat formatOfB;
  private final AlignedSum sum;

  WidenedTileProduct(
      TileShape shape,
      ElementType typeOfA,
      ElementType typeOfB,
      ElementType accumulators,
      AlignedSum sum) {
    super(
        FragmentLayout.a(shape, typeOfA),
        FragmentLayout.b(shape, typeOfB),
        FragmentLayout.accumulators(shape, accumulators),
        FragmentLayout.accumulators(shape, accumulators));
    this.shape = shape;
    formatOfA = FloatFormat.of(typeOfA);
    formatOfB = FloatFormat.of(typeOfB);
    this.sum = sum;
  }

  @Override
  public void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers) {
    int[] partial = buffers.partial;
    int count = shape.m() * shape.n();
    Arrays.fill(partial, 0, count, 0);
    // Both gathered anew: taking the elements of one half apart overwrites those of the other.
    for (int half = 0; half < QUAD; half += QUAD / 2) {
      a.gather(words, registers.a(), buffers.a.bits);
      b.gather(words, registers.b(), buffers.b.bits);
      halfOfA(buffers.a.bits, half);
      halfOfB(buffers.b.bits, half);
      int depth = shape.k() / 2;
      buffers.a.decode(formatOfA, shape.m() * depth);
      buffers.b.decode(formatOfB, depth * shape.n());
      buffers.sums().multiplyAdd(sum, buffers.a, buffers.b, shape.m(), depth, partial);
    }
    int[] accumulators = buffers.accumulators;
    FloatTileProduct.gatherFloats(c, words, registers.c(), accumulators, count);
    for (int i = 0; i < count; i++) {
      // Of two f16 too: a float has bits enough that rounding twice is rounding once.
      float total = Float.intBitsToFloat(accumulators[i]) + Float.intBitsToFloat(partial[i]);
      accumulators[i] = Float.isNaN(total) ? SumUnit.F32_NAN : Float.floatToRawIntBits(total);
    }
    FloatTileProduct.scatterFloats(accumulators, count, d, words, registers.d());
  }

  /** Moves the columns of A whose number, modulo 4, is {@code half} or one more to the front. */
  private void halfOfA(int[] bits, int half) {
    int to = 0;
    for (int i = 0; i < shape.m() * shape.k(); i += QUAD) {
      bits[to++] = bits[i + half];
      bits[to++] = bits[i + half + 1];
    }
  }

  private void halfOfB(int[] bits, int half) {
    int pair = 2 * shape.n();
    for (int quad = 0; quad < shape.k() / QUAD; quad++) {
      System.arraycopy(bits, (QUAD * quad + half) * shape.n(), bits, quad * pair, pair);
    }
  }
}
