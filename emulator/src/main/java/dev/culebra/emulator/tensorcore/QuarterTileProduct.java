package dev.culebra.emulator.tensorcore;

/**
 * {@code mma.m8n8k4} of f16: four products of shape m8n8k4, each by eight lanes (PTX ISA
 * 9.7.14.5.1). Only compute capability 7.0 has an instruction for it. For all that came after ptxas
 * (13.0) makes ordinary f32 arithmetic of it, whose order is followed here, rounded to nearest
 * even: with an f32 result {@code c + fma(a3, b3, fma(a2, b2, fma(a1, b1, a0 * b0)))}, with an f16
 * one {@code (c + fma(a1, b1, a0 * b0)) + fma(a3, b3, a2 * b2)}.
 */
final class QuarterTileProduct extends TileProduct {
  private static final int QUARTERS = 4;
  private static final int SIDE = 8;
  private static final int DEPTH = 4;

  private final boolean half;

  /**
   * @param rowsOfA whether A is row-major
   * @param rowsOfB whether B is row-major
   */
  QuarterTileProduct(boolean rowsOfA, boolean rowsOfB, ElementType typeOfC, ElementType typeOfD) {
    super(
        FragmentLayout.quartersOfA(rowsOfA),
        FragmentLayout.quartersOfB(rowsOfB),
        FragmentLayout.quartersOfAccumulators(typeOfC),
        FragmentLayout.quartersOfAccumulators(typeOfD));
    half = typeOfD == ElementType.F16;
  }

  @Override
  public void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers) {
    int[] rows = buffers.a.bits;
    int[] columns = buffers.b.bits;
    int[] accumulators = buffers.accumulators;
    int count = QUARTERS * SIDE * SIDE;
    FloatTileProduct.gatherFloats(a, words, registers.a(), rows, QUARTERS * SIDE * DEPTH);
    FloatTileProduct.gatherFloats(b, words, registers.b(), columns, QUARTERS * DEPTH * SIDE);
    FloatTileProduct.gatherFloats(c, words, registers.c(), accumulators, count);
    for (int at = 0; at < count; at++) {
      int row = at / SIDE * DEPTH;
      int column = at / (SIDE * SIDE) * DEPTH * SIDE + at % SIDE;
      float total = sum(rows, row, columns, column, Float.intBitsToFloat(accumulators[at]));
      accumulators[at] = Float.isNaN(total) ? SumUnit.F32_NAN : Float.floatToRawIntBits(total);
    }
    FloatTileProduct.scatterFloats(accumulators, count, d, words, registers.d());
  }

  private float sum(int[] rows, int row, int[] columns, int column, float c) {
    float a0 = Float.intBitsToFloat(rows[row]);
    float a1 = Float.intBitsToFloat(rows[row + 1]);
    float a2 = Float.intBitsToFloat(rows[row + 2]);
    float a3 = Float.intBitsToFloat(rows[row + 3]);
    float b0 = Float.intBitsToFloat(columns[column]);
    float b1 = Float.intBitsToFloat(columns[column + SIDE]);
    float b2 = Float.intBitsToFloat(columns[column + 2 * SIDE]);
    float b3 = Float.intBitsToFloat(columns[column + 3 * SIDE]);
    return half
        ? c + Math.fma(a1, b1, a0 * b0) + Math.fma(a3, b3, a2 * b2)
        : c + Math.fma(a3, b3, Math.fma(a2, b2, Math.fma(a1, b1, Math.fma(a0, b0, 0f))));
  }
}
