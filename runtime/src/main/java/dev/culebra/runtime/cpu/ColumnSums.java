package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over the rows of a matrix, in the order of the rows: a bias' gradient. A few vectors of
 * columns are summed down the rows together, in registers.
 *
 * <p>Bytes: the matrix once. FLOPs: one an element.
 */
final class ColumnSums {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

  /** Columns summed together: four vectors, enough to hide an addition's latency. */
  private static final int GROUP = 4 * Lanes.LENGTH;

  private static final long GROUP_BYTES = GROUP * (long) Float.BYTES;

  /** What is not a group of F32 passes through a block, so many rows at a time. */
  private static final int BLOCK_ROWS = Spans.LONGEST / GROUP;

  private ColumnSums() {}

  /**
   * {@code out (+)= Σ_r x[r]}, each worker its columns.
   *
   * @param out F32 {@code [C]}
   */
  static void run(Worker worker, Tensor x, boolean accumulate, Tensor out) {
    long to = worker.to(x.columns(), Lanes.LENGTH);
    long sums = Spans.block(worker.blocks(), 1);
    for (long column = worker.from(x.columns(), Lanes.LENGTH); column < to; column += GROUP) {
      int count = (int) Math.min(GROUP, to - column);
      sum(x, column, count, worker.blocks(), sums);
      long target = out.address() + column * Float.BYTES;
      if (accumulate) {
        Moves.add(target, sums, target, count);
      } else {
        Moves.copy(sums, target, (long) count * Float.BYTES);
      }
    }
  }

  /** Sums of up to {@link #GROUP} columns; what is behind them in {@code sums} is undefined. */
  private static void sum(Tensor x, long column, int count, long block, long sums) {
    Moves.fill(sums, 0, GROUP);
    int bytes = x.dtype().bytes();
    long first = Spans.address(x, 0, column);
    long stride = x.rowStride() * bytes;
    int rows = Math.toIntExact(x.rows());
    if (x.dtype() == DType.F32 && count == GROUP) {
      add(first, stride, rows, sums);
      return;
    }
    for (int row = 0; row < rows; row += BLOCK_ROWS) {
      int together = Math.min(BLOCK_ROWS, rows - row);
      for (int i = 0; i < together; i++) {
        long from = first + (row + i) * stride;
        Moves.convert(from, bytes, block + i * GROUP_BYTES, Float.BYTES, count);
      }
      add(block, GROUP_BYTES, together, sums);
    }
  }

  /** Adds rows {@code stride} bytes apart to the sums of a group. */
  private static void add(long x, long stride, int rows, long sums) {
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums, ORDER);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums + VECTOR, ORDER);
    FloatVector s2 = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums + 2 * VECTOR, ORDER);
    FloatVector s3 = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums + 3 * VECTOR, ORDER);
    for (int row = 0; row < rows; row++) {
      s0 = s0.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, x, ORDER));
      s1 = s1.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, x + VECTOR, ORDER));
      s2 = s2.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, x + 2 * VECTOR, ORDER));
      s3 = s3.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, x + 3 * VECTOR, ORDER));
      x += stride;
    }
    s0.intoMemorySegment(MEMORY, sums, ORDER);
    s1.intoMemorySegment(MEMORY, sums + VECTOR, ORDER);
    s2.intoMemorySegment(MEMORY, sums + 2 * VECTOR, ORDER);
    s3.intoMemorySegment(MEMORY, sums + 3 * VECTOR, ORDER);
  }
}
