package dev.culebra.runtime.cpu;

import dev.culebra.runtime.KeyValueCache;

/**
 * Finds a token's row of a {@link KeyValueCache} while a kernel runs, and refuses what lies outside
 * the block table or the pages: sequences, positions and pages are known only then.
 */
final class CacheRows {
  private final String operation;
  private final long blockTable;
  private final long sequences;
  private final long pagesOfSequence;
  private final long pages;
  private final int pageSize;

  CacheRows(String operation, KeyValueCache cache) {
    this.operation = operation;
    blockTable = cache.blockTable().address();
    sequences = cache.blockTable().rows();
    pagesOfSequence = cache.blockTable().columns();
    pageSize = cache.pageSize();
    pages = cache.keys().rows() / pageSize;
  }

  /** The row that holds a position of a sequence. */
  long row(int sequence, int position) {
    int page = position / pageSize;
    if (sequence < 0 || sequence >= sequences || position < 0 || page >= pagesOfSequence) {
      throw new IllegalArgumentException(
          operation
              + ": position "
              + position
              + " of sequence "
              + sequence
              + " is outside the cache of "
              + sequences
              + " sequences of at most "
              + pagesOfSequence * pageSize
              + " positions");
    }
    int block = Lanes.getInt(blockTable + (sequence * pagesOfSequence + page) * Integer.BYTES);
    if (block < 0 || block >= pages) {
      throw new IllegalArgumentException(
          operation
              + ": the block table puts position "
              + position
              + " of sequence "
              + sequence
              + " in page "
              + block
              + " of "
              + pages);
    }
    return (long) block * pageSize + position % pageSize;
  }
}
