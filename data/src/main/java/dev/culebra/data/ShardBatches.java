package dev.culebra.data;

import dev.culebra.model.training.BatchSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Training batches: every epoch cuts the tokens into windows of T, from an offset of its own, and
 * takes them in an order of its own, both fixed by the seed. A window's targets reach one token
 * beyond it, so that apart from the ends each token is a target once an epoch.
 *
 * <p>Where documents are asked for, a document's number begins at the separator before it: its
 * first token is predicted from the separator, and no target is lost.
 */
public final class ShardBatches implements BatchSource {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final TokenRange range;
  private final long seed;
  private final int separator;
  private long epoch;
  private long sequence;

  /** Of the epoch and length at hand. */
  private Permutation order;

  private long orderEpoch = -1;
  private int orderLength = -1;
  private long offset;
  private long windows;

  public ShardBatches(TokenRange range, long seed) {
    this.range = range;
    this.seed = seed;
    separator = range.shard().header().endOfDocument();
  }

  /** Windows of {@code length} tokens in an epoch, give or take one for the offset. */
  public long windows(int length) {
    return (range.size() - 1) / length;
  }

  @Override
  public void next(
      int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment documents) {
    for (int row = 0; row < batch; row++) {
      prepare(length);
      if (sequence >= windows) {
        epoch++;
        sequence = 0;
        prepare(length);
      }
      long from = offset + order.at(sequence++) * length;
      write(from, length, (long) row * length, tokens, targets, documents);
    }
  }

  private void prepare(int length) {
    if (orderEpoch == epoch && orderLength == length) {
      return;
    }
    if (range.size() <= length) {
      throw new IllegalArgumentException(
          range.shard().file()
              + ": "
              + range.size()
              + " tokens are too few for sequences of "
              + length
              + " and the token after: more text or a shorter context is needed");
    }
    long key = Permutation.mix(Permutation.mix(seed) + epoch);
    // The offset leaves room for a window at least.
    long slack = Math.min(length, range.size() - length);
    offset = Long.remainderUnsigned(Permutation.mix(key), slack);
    windows = (range.size() - 1 - offset) / length;
    order = new Permutation(windows, key);
    orderEpoch = epoch;
    orderLength = length;
  }

  private void write(
      long from,
      int length,
      long at,
      MemorySegment tokens,
      MemorySegment targets,
      MemorySegment documents) {
    int token = range.get(from);
    int document = 0;
    for (int t = 0; t < length; t++) {
      int next = range.get(from + t + 1);
      tokens.set(INT, 4 * (at + t), token);
      targets.set(INT, 4 * (at + t), next);
      if (documents != null) {
        if (t > 0 && token == separator) {
          document++;
        }
        documents.set(INT, 4 * (at + t), document);
      }
      token = next;
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
    return range.identity() + " shuffled by seed " + seed;
  }
}
