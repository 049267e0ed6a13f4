package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of one tile of queries of one head over any number of keys, a tile of keys at a time,
 * with an online softmax (Dao 2023, algorithm 1): per query the largest score so far, the sum of
 * exponentials and the unnormalised output.
 */
final class ForwardTile {
  private static final int QUERIES = ScoreTile.QUERIES;
  private static final int LENGTH = Lanes.LENGTH;
  private static final long COLUMN = QUERIES * (long) Float.BYTES;

  private final int headDim;
  private final int paddedDim;
  private final AttentionDropout dropout;

  private long rows;
  private long transposed;
  private long scores;
  private long output;
  private long maximum;
  private long sum;
  private long shift;
  private long factor;
  private long dropoutFactors;

  /**
   * @param dropout or null
   */
  ForwardTile(int headDim, AttentionDropout dropout) {
    this.headDim = headDim;
    this.paddedDim = TileRows.padded(headDim);
    this.dropout = dropout;
  }

  /** Scratch bytes of a tile. */
  static long bytes(int headDim, boolean dropout) {
    return 3 * TileRows.padded(headDim) * COLUMN
        + ScoreTile.BYTES
        + 4 * COLUMN
        + (dropout ? AttentionDropout.BYTES : 0);
  }

  /** Takes its scratch memory. */
  void place(long scratch) {
    rows = scratch;
    transposed = rows + paddedDim * COLUMN;
    output = transposed + paddedDim * COLUMN;
    scores = output + paddedDim * COLUMN;
    maximum = scores + ScoreTile.BYTES;
    sum = maximum + COLUMN;
    shift = sum + COLUMN;
    factor = shift + COLUMN;
    dropoutFactors = factor + COLUMN;
  }

  /** Starts with {@code queries} rows, {@code rowBytes} apart. */
  void begin(long q, DType dtype, long rowBytes, int queries, float scale) {
    long paddedBytes = paddedDim * (long) Float.BYTES;
    for (int i = 0; i < queries; i++) {
      TileRows.load(
          q + i * rowBytes, dtype, headDim, scale * ScoreTile.LOG2_E, rows + i * paddedBytes);
    }
    TileRows.clear(rows + queries * paddedBytes, rows + QUERIES * paddedBytes);
    TileRows.transpose(rows, paddedBytes, QUERIES, paddedDim, transposed, COLUMN);
    TileRows.clear(output, output + QUERIES * paddedBytes);
    for (int i = 0; i < QUERIES; i += LENGTH) {
      Lanes.store(Lanes.broadcast(Float.NEGATIVE_INFINITY), maximum + i * 4L);
      Lanes.store(Lanes.zero(), sum + i * 4L);
    }
  }

  /**
   * Takes in one tile of keys.
   *
   * @param keys {@code [KEYS, D]} in F32, padded, from key {@code tileStart} on
   * @param values the same
   * @param from first key that a query of the tile sees, in this tile of keys
   * @param to end of those keys
   * @param first visible keys of the tile's queries, see {@link VisibleKeys}
   * @param end likewise
   * @param dropoutRow dropout's element index of key 0 at the tile's first query
   * @param dropoutStride from query to query
   */
  void add(
      long keys,
      long values,
      int tileStart,
      int from,
      int to,
      long first,
      long end,
      long dropoutRow,
      long dropoutStride) {
    long paddedBytes = paddedDim * (long) Float.BYTES;
    ScoreTile.products(
        keys, paddedBytes, headDim, transposed, scores, tileStart, from, to, first, end);
    for (int query = 0; query < QUERIES; query += LENGTH) {
      int vectorFrom = ScoreTile.vectorFrom(first, query, from);
      int vectorTo = ScoreTile.vectorTo(end, query, to);
      if (vectorFrom < vectorTo) {
        long column = scores + (vectorFrom - tileStart) * ScoreTile.ROW + query * 4L;
        if (ScoreTile.partlyMasked(first, end, query, vectorFrom, vectorTo)) {
          ScoreTile.mask(column, vectorFrom, vectorTo, first + query * 4L, end + query * 4L);
        }
        softmax(query, column, vectorTo - vectorFrom);
        if (dropout != null) {
          dropout.factors(
              dropoutRow + query * dropoutStride + vectorFrom,
              dropoutStride,
              vectorTo - vectorFrom,
              dropoutFactors);
          multiply(column, dropoutFactors, vectorTo - vectorFrom);
        }
      }
    }
    for (int query = 0; query < QUERIES; query += TileProducts.ROWS) {
      int rowFrom = Math.max(from, Lanes.getInt(first + query * 4L));
      int rowTo = Math.min(to, Lanes.getInt(end + (query + TileProducts.ROWS - 1) * 4L));
      if (rowFrom < rowTo) {
        TileProducts.addProduct(
            scores + (rowFrom - tileStart) * ScoreTile.ROW + query * 4L,
            Float.BYTES,
            ScoreTile.ROW,
            values + (rowFrom - tileStart) * paddedBytes,
            paddedBytes,
            output + query * paddedBytes,
            paddedBytes,
            paddedDim / LENGTH,
            rowTo - rowFrom);
      }
    }
  }

  /** One online step for one vector of queries. */
  private void softmax(int query, long column, int keys) {
    long offset = query * 4L;
    ScoreTile.maximum(maximum + offset, column, keys, shift + offset);
    boolean rescaled = raiseMaximum(offset);
    ScoreTile.exponentials(shift + offset, sum + offset, column, keys);
    if (rescaled) {
      rescaleOutput(query);
    }
  }

  /** Makes the new maximum the old one; returns whether what was summed so far must be rescaled. */
  private boolean raiseMaximum(long offset) {
    FloatVector largest = Lanes.load(shift + offset);
    // A query that has seen no key yet has -inf here; subtracting 0 instead keeps its zeros.
    FloatVector subtracted =
        largest.blend(0f, largest.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    FloatVector rescale = Lanes.exp2(Lanes.load(maximum + offset).sub(subtracted));
    Lanes.store(Lanes.load(sum + offset).mul(rescale), sum + offset);
    Lanes.store(largest, maximum + offset);
    Lanes.store(subtracted, shift + offset);
    Lanes.store(rescale, factor + offset);
    return rescale.compare(VectorOperators.NE, 1f).anyTrue();
  }

  private void rescaleOutput(int query) {
    long paddedBytes = paddedDim * (long) Float.BYTES;
    for (int i = query; i < query + LENGTH; i++) {
      FloatVector x = Lanes.broadcast(Lanes.get(factor + i * 4L));
      long row = output + i * paddedBytes;
      for (long at = row; at < row + paddedBytes; at += LENGTH * 4L) {
        Lanes.store(Lanes.load(at).mul(x), at);
      }
    }
  }

  private static void multiply(long column, long factors, int keys) {
    for (int key = 0; key < keys; key++) {
      Lanes.store(Lanes.load(column).mul(Lanes.load(factors)), column);
      column += ScoreTile.ROW;
      factors += LENGTH * 4L;
    }
  }

  /**
   * Writes the normalised outputs of {@code queries} rows, and their log sums where {@code lse} is
   * not 0.
   */
  void finish(long out, DType dtype, long rowBytes, int queries, long lse) {
    for (int query = 0; query < queries; query += LENGTH) {
      FloatVector total = Lanes.load(sum + query * 4L);
      Lanes.store(Lanes.broadcast(1f).div(total), factor + query * 4L);
      if (lse != 0) {
        FloatVector log = Lanes.load(maximum + query * 4L).add(Lanes.log2(total));
        VectorMask<Float> mask = Lanes.first(queries - query);
        Lanes.store(log.mul(ScoreTile.LN_2), lse + query * 4L, mask);
      }
    }
    long paddedBytes = paddedDim * (long) Float.BYTES;
    for (int i = 0; i < queries; i++) {
      float inverse = Lanes.get(factor + i * 4L);
      TileRows.store(output + i * paddedBytes, headDim, inverse, out + i * rowBytes, dtype);
    }
  }
}
