package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/**
 * Work on elements one by one, shared out in spans: pieces of a row, or of all rows together where
 * they follow each other without gaps in every operand.
 */
final class Spans {
  /** A worker's share begins at a multiple of so many elements: whole cache lines for BF16 too. */
  private static final long GRAIN = 64;

  /** Elements worked on at a time: a few {@link Blocks} of them fit in a first cache. */
  static final int LONGEST = 1024;

  /** A block and a bit: blocks a whole number of pages apart would hinder each other. */
  private static final long BLOCK_BYTES = LONGEST * (long) Float.BYTES + 256;

  /** Four {@link Blocks}. */
  static final long BYTES = 4 * BLOCK_BYTES;

  private Spans() {}

  /** Works on {@code length} elements of a row, from a column on; has four {@link Blocks}. */
  @FunctionalInterface
  interface Span {
    void run(long row, long column, int length, long blocks);
  }

  /** Address of the second (1), third (2) or fourth (3) of a span's blocks. */
  static long block(long blocks, int index) {
    return blocks + index * BLOCK_BYTES;
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
          worker -> run(span, worker, 0, worker.from(elements, GRAIN), worker.to(elements, GRAIN)));
      return;
    }
    long rows = first.rows();
    long columns = first.columns();
    stream.enqueue(
        elements,
        worker -> {
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            run(span, worker, row, 0, columns);
          }
        });
  }

  private static void run(Span span, Worker worker, long row, long from, long to) {
    long blocks = worker.blocks();
    for (long column = from; column < to; column += LONGEST) {
      span.run(row, column, (int) Math.min(LONGEST, to - column), blocks);
    }
  }

  /** Address of an element. */
  static long address(Tensor tensor, long row, long column) {
    return tensor.rowAddress(row) + column * tensor.dtype().bytes();
  }
}
