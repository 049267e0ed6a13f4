package dev.culebra.data;

import dev.culebra.model.training.BatchSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Evaluation batches: the tokens in order, each a target exactly once an epoch. The first is
 * predicted from a separator put before it; without a separator in the vocabulary it is none. What
 * is left of the last row, and rows behind it, have targets of -1. The row after the last one of an
 * epoch begins a batch.
 *
 * <p>Document numbers begin at the separator, as in {@link ShardBatches}.
 */
public final class SequentialBatches implements BatchSource {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final TokenRange range;
  private final int separator;
  private long epoch;
  private long sequence;

  public SequentialBatches(TokenRange range) {
    this.range = range;
    separator = range.shard().header().endOfDocument();
    if (targets() < 1) {
      throw new IllegalArgumentException(
          range.shard().file() + ": " + range.size() + " tokens are too few to evaluate on");
    }
  }

  /** Targets in an epoch. */
  public long targets() {
    return separator >= 0 ? range.size() : range.size() - 1;
  }

  /** Rows of {@code length} in an epoch, the last one perhaps in part. */
  public long sequences(int length) {
    return (targets() + length - 1) / length;
  }

  /** Batches in an epoch. */
  public long batches(int batch, int length) {
    return (sequences(length) + batch - 1) / batch;
  }

  @Override
  public void next(
      int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment documents) {
    long sequences = sequences(length);
    for (int row = 0; row < batch; row++) {
      write((sequence + row) * length, length, (long) row * length, tokens, targets, documents);
    }
    sequence += batch;
    if (sequence >= sequences) {
      epoch++;
      sequence = 0;
    }
  }

  private void write(
      long from,
      int length,
      long at,
      MemorySegment tokens,
      MemorySegment targets,
      MemorySegment documents) {
    // Target k is the token at k, or at k + 1 where the first has nothing before it.
    int shift = separator >= 0 ? 0 : 1;
    int padding = Math.max(separator, 0);
    int document = 0;
    for (int t = 0; t < length; t++) {
      long target = from + t + shift;
      boolean there = target < range.size();
      int token = there && target > 0 ? range.get(target - 1) : padding;
      tokens.set(INT, 4 * (at + t), token);
      targets.set(INT, 4 * (at + t), there ? range.get(target) : -1);
      if (documents != null) {
        if (t > 0 && there && token == separator) {
          document++;
        }
        documents.set(INT, 4 * (at + t), document);
      }
    }
  }

  @Override
  public DataPosition position() {
    return new DataPosition(epoch, sequence);
  }

  @Override
  public void seek(DataPosition position) {
    if (position.epoch() < 0 || position.sequence() < 0) {
      throw new IllegalArgumentException("no place in the data: " + position);
    }
    epoch = position.epoch();
    sequence = position.sequence();
  }

  @Override
  public String identity() {
    return range.identity() + " in order";
  }
}
