package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;

/**
 * Attention of all heads of one token over cached positions, each key and value row read once from
 * its beginning to its end, as the memory bus likes it. As many positions as there are lanes are
 * taken in at a time: their scores are summed across lanes together and then lie one a lane.
 */
final class StreamedRow {
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;

  private final int heads;
  private final int headDim;
  private final CachedVectors.Heads shape;
  private final long paddedBytes;
  private final Tensor keys;
  private final Tensor values;
  private final CacheRows rows;
  private final long[] places = new long[LENGTH];

  private long query;
  private long products;
  private long probabilities;
  private long maximum;
  private long sums;
  private long shift;
  private long output;

  StreamedRow(KeyValueCache cache, CacheRows rows, int heads, int headDim) {
    this.heads = heads;
    this.headDim = headDim;
    this.rows = rows;
    int kvHeads = (int) (cache.keys().columns() / headDim);
    shape = new CachedVectors.Heads(heads, heads / kvHeads, headDim);
    paddedBytes = shape.paddedBytes();
    keys = cache.keys();
    values = cache.values();
  }

  /** Scratch bytes of its own. */
  long bytes() {
    return heads * (2 * paddedBytes + LENGTH * VECTOR + 2 * VECTOR) + VECTOR + maximumBytes();
  }

  private long maximumBytes() {
    return TileRows.padded(heads) * (long) Float.BYTES;
  }

  /** Bytes of a partial result: of each head the maximum, the sum and the output. */
  long partialBytes() {
    return 2 * maximumBytes() + heads * paddedBytes;
  }

  void place(long scratch) {
    query = scratch;
    output = query + heads * paddedBytes;
    products = output + heads * paddedBytes;
    probabilities = products + heads * LENGTH * VECTOR;
    sums = probabilities + heads * VECTOR;
    shift = sums + heads * VECTOR;
    maximum = shift + VECTOR;
  }

  void begin(Tensor q, long row, float scale) {
    boolean split = shape.split(keys.dtype().bytes());
    long target = split ? output : query;
    for (int head = 0; head < heads; head++) {
      TileRows.load(
          q.rowAddress(row) + (long) head * headDim * q.dtype().bytes(),
          q.dtype(),
          headDim,
          scale * ScoreTile.LOG2_E,
          target + head * paddedBytes);
      Lanes.set(maximum + head * 4L, Float.NEGATIVE_INFINITY);
    }
    if (split) {
      CachedVectors.split(output, heads * paddedBytes, query);
    }
    TileRows.clear(output, output + heads * paddedBytes);
    TileRows.clear(sums, sums + heads * VECTOR);
  }

  /** Takes in positions {@code [from, to)} of a sequence. */
  void add(int sequence, int from, int to) {
    for (int position = from; position < to; position += LENGTH) {
      int count = Math.min(LENGTH, to - position);
      for (int i = 0; i < count; i++) {
        places[i] = rows.row(sequence, position + i);
      }
      score(count);
      for (int head = 0; head < heads; head++) {
        softmax(head, count);
      }
      for (int i = 0; i < count; i++) {
        CachedVectors.addMultiples(
            shape,
            probabilities + i * 4L,
            values.rowAddress(places[i]),
            values.dtype().bytes(),
            output);
      }
    }
  }

  /** Products of queries and keys, not yet summed across lanes: {@code [heads, LENGTH, lanes]}. */
  private void score(int count) {
    int bytes = keys.dtype().bytes();
    for (int i = 0; i < count; i++) {
      CachedVectors.dots(shape, keys.rowAddress(places[i]), bytes, query, products + i * VECTOR);
    }
  }

  private void softmax(int head, int count) {
    long at = probabilities + head * VECTOR;
    long scores = products + head * LENGTH * VECTOR;
    CachedVectors.sumAcross(scores);
    for (int i = count; i < LENGTH; i++) {
      Lanes.set(scores + i * 4L, Float.NEGATIVE_INFINITY);
    }
    float before = Lanes.get(maximum + head * 4L);
    float largest = Math.max(before, CachedVectors.largest(scores, at));
    CachedVectors.fill(shift, largest);
    if (largest != before) { // seldom after the first positions
      rescale(head, before, largest);
    }
    ScoreColumn.exponentials(1, shift, sums + head * VECTOR, at, 1);
  }

  /** Raises a head's maximum. */
  private void rescale(int head, float before, float largest) {
    float factor = (float) Math.exp((before - largest) * (double) ScoreTile.LN_2);
    Lanes.set(maximum + head * 4L, largest);
    TileRows.multiply(sums + head * VECTOR, VECTOR, factor);
    TileRows.multiply(output + head * paddedBytes, paddedBytes, factor);
  }

  /** Writes the normalised result of a row that is complete. */
  void finish(Tensor out, long row) {
    long outputs = inOrder(output);
    for (int head = 0; head < heads; head++) {
      TileRows.store(
          outputs + head * paddedBytes,
          headDim,
          1 / sum(head),
          out.rowAddress(row) + (long) head * headDim * out.dtype().bytes(),
          out.dtype());
    }
  }

  /** Keeps the result of some of a row's positions. */
  void keep(long partial) {
    for (int head = 0; head < heads; head++) {
      Lanes.set(partial + head * 4L, Lanes.get(maximum + head * 4L));
      Lanes.set(partial + maximumBytes() + head * 4L, sum(head));
      long from = output + head * paddedBytes;
      long to = partial + 2 * maximumBytes() + head * paddedBytes;
      TileRows.store(from, (int) (paddedBytes / 4), 1, to, DType.F32);
    }
  }

  /** Adds what another worker kept of the same row to what is kept at {@code partial}. */
  void merge(long other, long partial) {
    for (int head = 0; head < heads; head++) {
      float mine = Lanes.get(partial + head * 4L);
      float theirs = Lanes.get(other + head * 4L);
      float largest = Math.max(mine, theirs);
      float mineFactor = (float) Math.exp((mine - largest) * (double) ScoreTile.LN_2);
      float theirFactor = (float) Math.exp((theirs - largest) * (double) ScoreTile.LN_2);
      long sum = maximumBytes() + head * 4L;
      Lanes.set(partial + head * 4L, largest);
      Lanes.set(
          partial + sum,
          Lanes.get(partial + sum) * mineFactor + Lanes.get(other + sum) * theirFactor);
      long row = 2 * maximumBytes() + head * paddedBytes;
      TileRows.multiply(partial + row, paddedBytes, mineFactor);
      TileRows.addMultiple(theirFactor, other + row, paddedBytes, partial + row);
    }
  }

  /** Writes the normalised result of what is kept at {@code partial}. */
  void finishKept(long partial, Tensor out, long row) {
    long outputs = inOrder(partial + 2 * maximumBytes());
    for (int head = 0; head < heads; head++) {
      TileRows.store(
          outputs + head * paddedBytes,
          headDim,
          1 / Lanes.get(partial + maximumBytes() + head * 4L),
          out.rowAddress(row) + (long) head * headDim * out.dtype().bytes(),
          out.dtype());
    }
  }

  /** Outputs as their columns go; they may take the place of the queries. */
  private long inOrder(long outputs) {
    if (!shape.split(values.dtype().bytes())) {
      return outputs;
    }
    CachedVectors.unsplit(outputs, heads * paddedBytes, query);
    return query;
  }

  /** Sum of a head's lanes, in order. */
  private float sum(int head) {
    float sum = 0;
    for (int lane = 0; lane < LENGTH; lane++) {
      sum += Lanes.get(sums + head * VECTOR + lane * 4L);
    }
    return sum;
  }
}
