package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of all heads of one token over cached positions, each key and value row read once from
 * its beginning to its end, as the memory bus likes it. As many positions as there are lanes are
 * taken in at a time: their scores are summed across lanes together and then lie one a lane.
 */
final class StreamedRow {
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;

  private final int heads;
  private final int kvHeads;
  private final int headDim;
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
  private long output;

  StreamedRow(KeyValueCache cache, CacheRows rows, int heads, int headDim) {
    this.heads = heads;
    this.headDim = headDim;
    this.rows = rows;
    kvHeads = (int) (cache.keys().columns() / headDim);
    paddedBytes = TileRows.padded(headDim) * (long) Float.BYTES;
    keys = cache.keys();
    values = cache.values();
  }

  /** Scratch bytes of its own. */
  long bytes() {
    return heads * (2 * paddedBytes + LENGTH * VECTOR + 2 * VECTOR) + maximumBytes();
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
    maximum = sums + heads * VECTOR;
  }

  void begin(Tensor q, long row, float scale) {
    for (int head = 0; head < heads; head++) {
      TileRows.load(
          q.rowAddress(row) + (long) head * headDim * q.dtype().bytes(),
          q.dtype(),
          headDim,
          scale * ScoreTile.LOG2_E,
          query + head * paddedBytes);
      Lanes.set(maximum + head * 4L, Float.NEGATIVE_INFINITY);
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
        addValues(values.rowAddress(places[i]), i);
      }
    }
  }

  /** Products of queries and keys, not yet summed across lanes: {@code [heads, LENGTH, lanes]}. */
  private void score(int count) {
    int bytes = keys.dtype().bytes();
    int group = heads / kvHeads;
    for (int i = 0; i < count; i++) {
      long key = keys.rowAddress(places[i]);
      for (int head = 0; head < heads; head++) {
        long keyHead = key + (long) (head / group) * headDim * bytes;
        dot(keyHead, bytes, query + head * paddedBytes, products + (head * LENGTH + i) * VECTOR);
      }
    }
    for (int head = 0; head < heads && count < LENGTH; head++) {
      long block = products + head * LENGTH * VECTOR;
      TileRows.clear(block + count * VECTOR, block + LENGTH * VECTOR);
    }
  }

  private void dot(long key, int bytes, long queryHead, long to) {
    FloatVector sum = Lanes.zero();
    int column = 0;
    for (; column + LENGTH <= headDim; column += LENGTH) {
      FloatVector x = Lanes.load(key + column * (long) bytes, bytes);
      sum = x.fma(Lanes.load(queryHead + column * 4L), sum);
    }
    if (column < headDim) {
      FloatVector x = Lanes.load(key + column * (long) bytes, bytes, Lanes.first(headDim - column));
      sum = x.fma(Lanes.load(queryHead + column * 4L), sum);
    }
    Lanes.store(sum, to);
  }

  private void softmax(int head, int count) {
    long at = probabilities + head * VECTOR;
    TileRows.sumEach(products + head * LENGTH * VECTOR, at);
    FloatVector scores =
        Lanes.broadcast(Float.NEGATIVE_INFINITY).blend(Lanes.load(at), Lanes.first(count));
    float before = Lanes.get(maximum + head * 4L);
    float largest = Math.max(before, scores.reduceLanes(VectorOperators.MAX));
    FloatVector p = Lanes.exp2(scores.sub(largest));
    Lanes.store(p, at);
    if (largest != before) { // seldom after the first positions
      rescale(head, before, largest);
    }
    Lanes.store(Lanes.load(sums + head * VECTOR).add(Lanes.load(at)), sums + head * VECTOR);
  }

  /** Raises a head's maximum. */
  private void rescale(int head, float before, float largest) {
    float factor = (float) Math.exp((before - largest) * (double) ScoreTile.LN_2);
    Lanes.set(maximum + head * 4L, largest);
    long sum = sums + head * VECTOR;
    Lanes.store(Lanes.load(sum).mul(factor), sum);
    long row = output + head * paddedBytes;
    for (long to = row; to < row + paddedBytes; to += VECTOR) {
      Lanes.store(Lanes.load(to).mul(factor), to);
    }
  }

  private void addValues(long value, int i) {
    int bytes = values.dtype().bytes();
    int group = heads / kvHeads;
    for (int head = 0; head < heads; head++) {
      long valueHead = value + (long) (head / group) * headDim * bytes;
      FloatVector p = Lanes.broadcast(Lanes.get(probabilities + head * VECTOR + i * 4L));
      long to = output + head * paddedBytes;
      int column = 0;
      for (; column + LENGTH <= headDim; column += LENGTH) {
        FloatVector x = Lanes.load(valueHead + column * (long) bytes, bytes);
        Lanes.store(x.fma(p, Lanes.load(to + column * 4L)), to + column * 4L);
      }
      if (column < headDim) {
        FloatVector x =
            Lanes.load(valueHead + column * (long) bytes, bytes, Lanes.first(headDim - column));
        Lanes.store(x.fma(p, Lanes.load(to + column * 4L)), to + column * 4L);
      }
    }
  }

  /** Writes the normalised result of a row that is complete. */
  void finish(Tensor out, long row) {
    for (int head = 0; head < heads; head++) {
      TileRows.store(
          output + head * paddedBytes,
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
      for (long at = row; at < row + paddedBytes; at += VECTOR) {
        FloatVector added = Lanes.load(other + at).mul(theirFactor);
        Lanes.store(Lanes.load(partial + at).mul(mineFactor).add(added), partial + at);
      }
    }
  }

  /** Writes the normalised result of what is kept at {@code partial}. */
  void finishKept(long partial, Tensor out, long row) {
    for (int head = 0; head < heads; head++) {
      TileRows.store(
          partial + 2 * maximumBytes() + head * paddedBytes,
          headDim,
          1 / Lanes.get(partial + maximumBytes() + head * 4L),
          out.rowAddress(row) + (long) head * headDim * out.dtype().bytes(),
          out.dtype());
    }
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
