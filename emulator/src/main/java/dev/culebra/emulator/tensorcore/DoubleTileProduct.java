package dev.culebra.emulator.tensorcore;

/** {@code f64}: each product is added with one rounding, the lowest {@code k} first. */
final class DoubleTileProduct extends TileProduct {
  private final TileShape shape;
  private final DoubleRounding rounding;

  DoubleTileProduct(TileShape shape, DoubleRounding rounding) {
    super(
        FragmentLayout.a(shape, ElementType.F64),
        FragmentLayout.b(shape, ElementType.F64),
        FragmentLayout.accumulators(shape, ElementType.F64),
        FragmentLayout.accumulators(shape, ElementType.F64));
    this.shape = shape;
    this.rounding = rounding;
  }

  @Override
  public void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers) {
    double[] rows = buffers.wideA;
    double[] columns = buffers.wideB;
    double[] accumulators = buffers.wideAccumulators;
    a.gather(longs, registers.a(), rows);
    b.gather(longs, registers.b(), columns);
    c.gather(longs, registers.c(), accumulators);
    for (int row = 0; row < shape.m(); row++) {
      for (int column = 0; column < shape.n(); column++) {
        double total = accumulators[row * shape.n() + column];
        for (int k = 0; k < shape.k(); k++) {
          total =
              rounding.multiplyAdd(
                  rows[row * shape.k() + k], columns[k * shape.n() + column], total);
        }
        accumulators[row * shape.n() + column] = total;
      }
    }
    d.scatter(accumulators, longs, registers.d());
  }
}
