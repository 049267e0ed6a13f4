package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;
import jdk.incubator.vector.VectorMask;

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
    for (long row = rowFrom; row < rowTo; row++) {
      long source = tensor.rowAddress(row);
      for (long column = columnFrom; column < columnTo; column += Lanes.LENGTH) {
        long address = target + (column - columnFrom) * Float.BYTES;
        if (columnTo - column >= Lanes.LENGTH) {
          Lanes.store(Lanes.load(source + column * bytes, bytes), address);
        } else {
          VectorMask<Float> mask = Lanes.first((int) (columnTo - column));
          Lanes.store(Lanes.load(source + column * bytes, bytes, mask), address, mask);
        }
      }
      target += (columnTo - columnFrom) * Float.BYTES;
    }
  }
}
