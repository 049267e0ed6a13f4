package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import jdk.incubator.vector.FloatVector;

/**
 * Gradients of one tile of queries of one head against any number of keys, a tile of keys at a time
 * (Dao 2023, algorithm 2): the probabilities are computed again from the log sums, and
 *
 * <pre>
 * dv += pᵀ dout        dp = dout vᵀ        ds = p (dp - delta)        delta = rowsum(dout out)
 * dq += ds k           dk += dsᵀ q
 * </pre>
 */
final class BackwardTile {
  private static final int QUERIES = ScoreTile.QUERIES;
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;
  private static final long COLUMN = QUERIES * (long) Float.BYTES;

  private final int headDim;
  private final int paddedDim;
  private final long paddedBytes;
  private final AttentionDropout dropout;

  private long queries;
  private long queriesTransposed;
  private long dout;
  private long doutTransposed;
  private long dq;
  private long probabilities;
  private long gradients;
  private long logSums;
  private long delta;
  private long partialSums;
  private long dropoutFactors;

  /**
   * @param dropout or null
   */
  BackwardTile(int headDim, AttentionDropout dropout) {
    this.headDim = headDim;
    this.paddedDim = TileRows.padded(headDim);
    this.paddedBytes = paddedDim * (long) Float.BYTES;
    this.dropout = dropout;
  }

  /** Scratch bytes of a tile. */
  static long bytes(int headDim, boolean dropout) {
    return 5 * TileRows.padded(headDim) * COLUMN
        + 2 * ScoreTile.BYTES
        + 2 * COLUMN
        + LENGTH * VECTOR
        + (dropout ? AttentionDropout.BYTES : 0);
  }

  /** Takes its scratch memory. */
  void place(long scratch) {
    queries = scratch;
    queriesTransposed = queries + paddedDim * COLUMN;
    dout = queriesTransposed + paddedDim * COLUMN;
    doutTransposed = dout + paddedDim * COLUMN;
    dq = doutTransposed + paddedDim * COLUMN;
    probabilities = dq + paddedDim * COLUMN;
    gradients = probabilities + ScoreTile.BYTES;
    logSums = gradients + ScoreTile.BYTES;
    delta = logSums + COLUMN;
    partialSums = delta + COLUMN;
    dropoutFactors = partialSums + LENGTH * VECTOR;
  }

  /**
   * Starts with {@code count} queries.
   *
   * @param lse the rows' log sums, F32, adjacent
   */
  void begin(
      long q,
      long qRow,
      long doutRows,
      long doutRow,
      long out,
      long outRow,
      DType dtype,
      long lse,
      int count,
      float scale) {
    for (int i = 0; i < count; i++) {
      long at = i * paddedBytes;
      TileRows.load(q + i * qRow, dtype, headDim, scale * ScoreTile.LOG2_E, queries + at);
      TileRows.load(doutRows + i * doutRow, dtype, headDim, 1, dout + at);
    }
    TileRows.clear(queries + count * paddedBytes, queries + QUERIES * paddedBytes);
    TileRows.clear(dout + count * paddedBytes, dout + QUERIES * paddedBytes);
    TileRows.transpose(queries, paddedBytes, QUERIES, paddedDim, queriesTransposed, COLUMN);
    TileRows.transpose(dout, paddedBytes, QUERIES, paddedDim, doutTransposed, COLUMN);
    TileRows.clear(dq, dq + QUERIES * paddedBytes);
    for (int i = 0; i < QUERIES; i += LENGTH) {
      FloatVector log = Lanes.load(lse + i * 4L, Lanes.first(count - i));
      Lanes.store(log.mul(ScoreTile.LOG2_E), logSums + i * 4L);
      sumRows(out, outRow, dtype, i, count);
    }
  }

  /** {@code delta} of one vector of queries. */
  private void sumRows(long out, long outRow, DType dtype, int from, int count) {
    int bytes = dtype.bytes();
    for (int lane = 0; lane < LENGTH; lane++) {
      FloatVector sum = Lanes.zero();
      int i = from + lane;
      if (i < count) {
        long row = out + i * outRow;
        long gradientRow = dout + i * paddedBytes;
        int column = 0;
        for (; column + LENGTH <= headDim; column += LENGTH) {
          sum =
              Lanes.load(row + column * (long) bytes, bytes)
                  .fma(Lanes.load(gradientRow + column * 4L), sum);
        }
        if (column < headDim) {
          FloatVector tail =
              Lanes.load(row + column * (long) bytes, bytes, Lanes.first(headDim - column));
          sum = tail.fma(Lanes.load(gradientRow + column * 4L), sum);
        }
      }
      Lanes.store(sum, partialSums + lane * VECTOR);
    }
    TileRows.sumEach(partialSums, delta + from * 4L);
  }

  /**
   * Takes in one tile of keys.
   *
   * @param keys {@code [KEYS, D]} in F32, padded, from key {@code tileStart} on
   * @param values the same
   * @param dkeys gradients like {@code keys}, added to, in units of {@code ln 2}; 0 where not
   *     wanted
   * @param dvalues likewise
   * @param from first key that a query of the tile sees, in this tile of keys
   * @param to end of those keys
   * @param first visible keys of the tile's queries, see {@link VisibleKeys}
   * @param end likewise
   * @param dropoutRow dropout's element index of key 0 at the tile's first query
   * @param dropoutStride from query to query
   * @param wantQueries whether to add to the queries' gradients
   */
  void add(
      long keys,
      long values,
      long dkeys,
      long dvalues,
      int tileStart,
      int from,
      int to,
      long first,
      long end,
      long dropoutRow,
      long dropoutStride,
      boolean wantQueries) {
    ScoreTile.products(
        keys,
        paddedBytes,
        headDim,
        queriesTransposed,
        probabilities,
        tileStart,
        from,
        to,
        first,
        end);
    ScoreTile.products(
        values, paddedBytes, headDim, doutTransposed, gradients, tileStart, from, to, first, end);
    for (int query = 0; query < QUERIES; query += LENGTH) {
      int vectorFrom = ScoreTile.vectorFrom(first, query, from);
      int vectorTo = ScoreTile.vectorTo(end, query, to);
      if (vectorFrom < vectorTo) {
        long offset = (vectorFrom - tileStart) * ScoreTile.ROW + query * 4L;
        if (ScoreTile.partlyMasked(first, end, query, vectorFrom, vectorTo)) {
          ScoreTile.mask(
              probabilities + offset, vectorFrom, vectorTo, first + query * 4L, end + query * 4L);
        }
        if (dropout == null) {
          scoreGradients(query, offset, vectorTo - vectorFrom);
        } else {
          dropout.factors(
              dropoutRow + query * dropoutStride + vectorFrom,
              dropoutStride,
              vectorTo - vectorFrom,
              dropoutFactors);
          droppedScoreGradients(query, offset, vectorTo - vectorFrom);
        }
      }
    }
    if (dkeys != 0) {
      addToKeys(dkeys, dvalues, tileStart, from, to, first, end);
    }
    if (wantQueries) {
      addToQueries(keys, tileStart, from, to, first, end);
    }
  }

  /** Scores to probabilities, and their gradients to the scores' gradients, in place. */
  private void scoreGradients(int query, long offset, int keys) {
    FloatVector logSum = Lanes.load(logSums + query * 4L);
    FloatVector shift = Lanes.load(delta + query * 4L);
    long p = probabilities + offset;
    long g = gradients + offset;
    for (int key = 0; key < keys; key++) {
      FloatVector probability = Lanes.exp2(Lanes.load(p).sub(logSum));
      Lanes.store(probability, p);
      Lanes.store(Lanes.load(g).sub(shift).mul(probability), g);
      p += ScoreTile.ROW;
      g += ScoreTile.ROW;
    }
  }

  /**
   * The same with dropout: the values saw the dropped probabilities, the softmax the whole ones.
   */
  private void droppedScoreGradients(int query, long offset, int keys) {
    FloatVector logSum = Lanes.load(logSums + query * 4L);
    FloatVector shift = Lanes.load(delta + query * 4L);
    long p = probabilities + offset;
    long g = gradients + offset;
    for (int key = 0; key < keys; key++) {
      FloatVector factor = Lanes.load(dropoutFactors + key * VECTOR);
      FloatVector probability = Lanes.exp2(Lanes.load(p).sub(logSum));
      Lanes.store(probability.mul(factor), p);
      Lanes.store(Lanes.load(g).mul(factor).sub(shift).mul(probability), g);
      p += ScoreTile.ROW;
      g += ScoreTile.ROW;
    }
  }

  private void addToKeys(
      long dkeys, long dvalues, int tileStart, int from, int to, long first, long end) {
    int queryFrom = 0;
    int queryTo = 0;
    for (int key = ScoreTile.blockStart(from); key < to; key += TileProducts.ROWS) {
      // Both bounds only move forward from block to block.
      while (queryFrom < QUERIES && Lanes.getInt(end + queryFrom * 4L) <= key) {
        queryFrom++;
      }
      while (queryTo < QUERIES && Lanes.getInt(first + queryTo * 4L) < key + TileProducts.ROWS) {
        queryTo++;
      }
      if (queryFrom < queryTo) {
        long row = (key - tileStart) * paddedBytes;
        long tileRow = (key - tileStart) * ScoreTile.ROW + queryFrom * 4L;
        multiply(
            probabilities + tileRow,
            ScoreTile.ROW,
            Float.BYTES,
            dout + queryFrom * paddedBytes,
            dvalues + row,
            queryTo - queryFrom);
        multiply(
            gradients + tileRow,
            ScoreTile.ROW,
            Float.BYTES,
            queries + queryFrom * paddedBytes,
            dkeys + row,
            queryTo - queryFrom);
      }
    }
  }

  private void addToQueries(long keys, int tileStart, int from, int to, long first, long end) {
    for (int query = 0; query < QUERIES; query += TileProducts.ROWS) {
      int rowFrom = Math.max(from, Lanes.getInt(first + query * 4L));
      int rowTo = Math.min(to, Lanes.getInt(end + (query + TileProducts.ROWS - 1) * 4L));
      if (rowFrom < rowTo) {
        multiply(
            gradients + (rowFrom - tileStart) * ScoreTile.ROW + query * 4L,
            Float.BYTES,
            ScoreTile.ROW,
            keys + (rowFrom - tileStart) * paddedBytes,
            dq + query * paddedBytes,
            rowTo - rowFrom);
      }
    }
  }

  /** Adds a product with rows of the head's width to four such rows. */
  private void multiply(long a, long aRow, long aStep, long b, long c, int steps) {
    TileProducts.addProduct(
        a, aRow, aStep, b, paddedBytes, c, paddedBytes, paddedDim / LENGTH, steps);
  }

  /** Writes the queries' gradients. */
  void finish(long to, DType dtype, long rowBytes, int count, float scale) {
    for (int i = 0; i < count; i++) {
      TileRows.store(dq + i * paddedBytes, headDim, scale, to + i * rowBytes, dtype);
    }
  }
}
