package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Sums over the rows of a matrix, in the order of the rows: a bias' gradient. */
final class ColumnSums {
  private ColumnSums() {}

  /**
   * {@code out (+)= Σ_r x[r]}, each worker its columns.
   *
   * @param out F32 {@code [C]}
   */
  static void run(Worker worker, Tensor x, boolean accumulate, Tensor out) {
    long to = worker.to(x.columns(), Lanes.LENGTH);
    long column = worker.from(x.columns(), Lanes.LENGTH);
    for (; column < to; column += Spans.LONGEST) {
      int count = (int) Math.min(Spans.LONGEST, to - column);
      sum(x, column, count, accumulate, out.address() + column * Float.BYTES, worker.blocks());
    }
  }

  /** Adds row by row, as memory has them, to sums in the first cache. */
  private static void sum(
      Tensor x, long column, int count, boolean accumulate, long out, long block) {
    int bytes = x.dtype().bytes();
    long sums = Spans.block(block, 1);
    Moves.fill(sums, 0, count);
    for (long row = 0; row < x.rows(); row++) {
      long source = Blocks.read(Spans.address(x, row, column), bytes, block, count);
      Moves.add(sums, source, sums, count);
    }
    if (accumulate) {
      Moves.add(out, sums, out, count);
    } else {
      Moves.copy(sums, out, (long) count * Float.BYTES);
    }
  }
}
