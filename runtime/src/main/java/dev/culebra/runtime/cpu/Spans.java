package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/**
 * Work on elements one by one, shared out in spans: pieces of a row, or of all rows together where
 * they follow each other without gaps in every operand.
 */
final class Spans {
  /** A worker's share begins at a multiple of so many elements: whole cache lines for BF16 too. */
  private static final long GRAIN = 64;

  /** Long enough to make the call free, short enough for int counters. */
  private static final int LONGEST = 1 << 16;

  private Spans() {}

  /** Works on {@code length} elements of a row, from a column on. */
  @FunctionalInterface
  interface Span {
    void run(long row, long column, int length);
  }

  /** Enqueues work on all elements of {@code first}, which the others have row by row. */
  static void enqueue(CpuStream stream, Span span, Tensor first, Tensor... others) {
    boolean flat = first.isContiguous();
    for (Tensor other : others) {
      flat &= other.isContiguous() && other.elements() == first.elements();
    }
    long elements = first.elements();
    if (flat) {
      stream.enqueue(
          elements,
          worker -> run(span, 0, worker.from(elements, GRAIN), worker.to(elements, GRAIN)));
      return;
    }
    long rows = first.rows();
    long columns = first.columns();
    stream.enqueue(
        elements,
        worker -> {
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            run(span, row, 0, columns);
          }
        });
  }

  private static void run(Span span, long row, long from, long to) {
    for (long column = from; column < to; column += LONGEST) {
      span.run(row, column, (int) Math.min(LONGEST, to - column));
    }
  }

  /** Address of an element. */
  static long address(Tensor tensor, long row, long column) {
    return tensor.rowAddress(row) + column * tensor.dtype().bytes();
  }
}
