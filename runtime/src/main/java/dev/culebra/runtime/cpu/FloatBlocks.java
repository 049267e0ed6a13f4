package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** A factor of a product, of which parts can be had as F32. */
sealed interface FloatBlocks permits FloatBlocks.Rows, FloatBlocks.Columns, QuantizedRows {
  /**
   * Writes parts {@code [from, to)} to {@code target}, which has room for that many and no more.
   */
  void widen(long from, long to, long target);

  /** Rows of a tensor. */
  record Rows(Tensor tensor) implements FloatBlocks {
    @Override
    public void widen(long from, long to, long target) {
      rectangle(tensor, from, to, 0, tensor.columns(), target);
    }
  }

  /** Columns of a tensor, all its rows. */
  record Columns(Tensor tensor) implements FloatBlocks {
    @Override
    public void widen(long from, long to, long target) {
      rectangle(tensor, 0, tensor.rows(), from, to, target);
    }
  }

  private static void rectangle(
      Tensor tensor, long rowFrom, long rowTo, long columnFrom, long columnTo, long target) {
    int bytes = tensor.dtype().bytes();
    int count = Math.toIntExact(columnTo - columnFrom);
    for (long row = rowFrom; row < rowTo; row++) {
      long source = tensor.rowAddress(row) + columnFrom * bytes;
      Moves.convert(source, bytes, target, Float.BYTES, count);
      target += (long) count * Float.BYTES;
    }
  }
}
