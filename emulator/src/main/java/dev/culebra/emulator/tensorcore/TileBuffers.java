package dev.culebra.emulator.tensorcore;

/** What one thread needs while it multiplies tiles; nothing in it outlives a multiplication. */
public final class TileBuffers {
  private static final int LOOK_EVERY = 256;

  /** Products after which a program is taken for one that needs many. */
  private static final int WORTH_VECTORS = 2048;

  /** Of m16n8k64. */
  private static final int MAX_A = 16 * 64;

  private static final int MAX_B = 64 * 8;

  /** Of m8n8k4, which is four products. */
  private static final int MAX_ACCUMULATORS = 4 * 8 * 8;

  final FloatOperand a = new FloatOperand(MAX_A);
  final FloatOperand b = new FloatOperand(MAX_B);
  final int[] accumulators = new int[MAX_ACCUMULATORS];
  final int[] partial = new int[MAX_ACCUMULATORS];
  final double[] wideA = new double[MAX_A];
  final double[] wideB = new double[MAX_B];
  final double[] wideAccumulators = new double[MAX_ACCUMULATORS];

  private SumUnit sums = new TileSums();
  private int products;
  private boolean settled;

  /** What adds products: plain at first, vectors as soon as these are worth it. */
  SumUnit sums() {
    if (!settled && ++products % LOOK_EVERY == 0) {
      look();
    }
    return sums;
  }

  private void look() {
    if (products >= WORTH_VECTORS) {
      VectorWarmUp.start();
    }
    if (VectorWarmUp.done()) {
      sums = new VectorSums();
      settled = true;
    }
  }
}
