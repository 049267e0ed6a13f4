package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums over the rows of a matrix, in the order of the rows: a bias' gradient. */
final class ColumnSums {
  private static final int LANES = Lanes.LENGTH;

  /** Columns summed at a time; 4 vectors hide the latency of an addition. */
  private static final int WIDTH = 4 * LANES;

  private ColumnSums() {}

  /**
   * {@code out (+)= Σ_r x[r]}, each worker its columns.
   *
   * @param out F32 {@code [C]}
   */
  static void run(Worker worker, Tensor x, boolean accumulate, Tensor out) {
    long to = worker.to(x.columns(), LANES);
    long column = worker.from(x.columns(), LANES);
    for (; column <= to - WIDTH; column += WIDTH) {
      sumWide(x, column, accumulate, out.address() + column * Float.BYTES);
    }
    for (; column <= to - LANES; column += LANES) {
      sum(x, column, accumulate, out.address() + column * Float.BYTES);
    }
    if (column < to) {
      VectorMask<Float> mask = Lanes.first((int) (to - column));
      sum(x, column, mask, accumulate, out.address() + column * Float.BYTES);
    }
  }

  private static void sumWide(Tensor x, long column, boolean accumulate, long out) {
    int bytes = x.dtype().bytes();
    long step = (long) LANES * bytes;
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long rows = x.rows();
    long address = x.address() + column * bytes;
    for (long row = 0; row < rows; row++) {
      s0 = s0.add(Lanes.load(address, bytes));
      s1 = s1.add(Lanes.load(address + step, bytes));
      s2 = s2.add(Lanes.load(address + 2 * step, bytes));
      s3 = s3.add(Lanes.load(address + 3 * step, bytes));
      address += x.rowStride() * bytes;
    }
    long next = (long) LANES * Float.BYTES;
    if (accumulate) {
      s0 = s0.add(Lanes.load(out));
      s1 = s1.add(Lanes.load(out + next));
      s2 = s2.add(Lanes.load(out + 2 * next));
      s3 = s3.add(Lanes.load(out + 3 * next));
    }
    Lanes.store(s0, out);
    Lanes.store(s1, out + next);
    Lanes.store(s2, out + 2 * next);
    Lanes.store(s3, out + 3 * next);
  }

  private static void sum(Tensor x, long column, boolean accumulate, long out) {
    int bytes = x.dtype().bytes();
    FloatVector sum = accumulate ? Lanes.load(out) : FloatVector.zero(Lanes.FLOATS);
    for (long row = 0; row < x.rows(); row++) {
      sum = sum.add(Lanes.load(x.rowAddress(row) + column * bytes, bytes));
    }
    Lanes.store(sum, out);
  }

  private static void sum(
      Tensor x, long column, VectorMask<Float> mask, boolean accumulate, long out) {
    int bytes = x.dtype().bytes();
    FloatVector sum = accumulate ? Lanes.load(out, mask) : FloatVector.zero(Lanes.FLOATS);
    for (long row = 0; row < x.rows(); row++) {
      sum = sum.add(Lanes.load(x.rowAddress(row) + column * bytes, bytes, mask));
    }
    Lanes.store(sum, out, mask);
  }
}
