package dev.culebra.emulator.tensorcore;

/** What one thread needs while it multiplies tiles; nothing in it outlives a multiplication. */
public final class TileBuffers {
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
  final SumUnit sums = SumUnit.fastest();
}
