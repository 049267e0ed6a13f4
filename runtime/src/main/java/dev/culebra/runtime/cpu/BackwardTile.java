package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * Gradients of one tile of queries of one head against any number of keys, a span of keys at a time
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

  private final int worker;
  private final TileProducts products;
  private final DType operand;
  private final int headDim;
  private final long gradientRow;
  private final AttentionDropout dropout;

  private float scale;
  private long queries;
  private long dout;
  private long dq;
  private long scores;
  private long gradients;
  private long probabilities;
  private long scoreGradients;
  private long logSums;
  private long delta;
  private long partialSums;
  private long dropoutFactors;
  private long productScratch;

  /**
   * @param worker index of the worker whose tile it is
   * @param dropout or null
   */
  BackwardTile(int worker, TileProducts products, int headDim, AttentionDropout dropout) {
    this.worker = worker;
    this.products = products;
    this.headDim = headDim;
    this.dropout = dropout;
    operand = products.operand();
    gradientRow = TileRows.padded(headDim) * (long) Float.BYTES;
  }

  /** Scratch bytes of a tile that takes in spans of so many keys at most. */
  long bytes(int spanKeys) {
    return QUERIES * (2 * products.rowBytes() + gradientRow)
        + 2 * ScoreTile.bytes(spanKeys, Float.BYTES)
        + (operand == DType.F32 ? 0 : 2 * ScoreTile.bytes(spanKeys, operand.bytes()))
        + 2 * COLUMN
        + QUERIES * VECTOR
        + (dropout == null ? 0 : AttentionDropout.bytes(spanKeys))
        + products.scratchBytes();
  }

  /** Takes its scratch memory, for spans of so many keys at most. */
  void place(long scratch, int spanKeys) {
    queries = scratch;
    dout = queries + QUERIES * products.rowBytes();
    dq = dout + QUERIES * products.rowBytes();
    logSums = dq + QUERIES * gradientRow;
    delta = logSums + COLUMN;
    partialSums = delta + COLUMN;
    productScratch = partialSums + QUERIES * VECTOR;
    scores = productScratch + products.scratchBytes();
    gradients = scores + ScoreTile.bytes(spanKeys, Float.BYTES);
    long next = gradients + ScoreTile.bytes(spanKeys, Float.BYTES);
    probabilities = scores;
    scoreGradients = gradients;
    if (operand != DType.F32) {
      probabilities = next;
      scoreGradients = probabilities + ScoreTile.bytes(spanKeys, operand.bytes());
      next = scoreGradients + ScoreTile.bytes(spanKeys, operand.bytes());
    }
    dropoutFactors = next;
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
    this.scale = ScoreTile.log2Scale(scale);
    TileColumns.pack(q, dtype, qRow, headDim, count, QUERIES, queries, operand);
    TileColumns.pack(doutRows, dtype, doutRow, headDim, count, QUERIES, dout, operand);
    TileRows.clear(dq, dq + QUERIES * gradientRow);
    for (int i = 0; i < count; i++) {
      Lanes.set(logSums + i * 4L, Lanes.get(lse + i * 4L) * ScoreTile.LOG2_E);
    }
    TileRows.clear(logSums + count * 4L, logSums + COLUMN);
    TileColumns.dots(out, outRow, doutRows, doutRow, dtype, headDim, count, partialSums);
    TileRows.clear(partialSums + count * VECTOR, partialSums + QUERIES * VECTOR);
    TileRows.sumEach(partialSums, QUERIES, delta);
  }

  /**
   * Takes in one span of keys.
   *
   * @param keys packed rows from key {@code start} on, see {@link TileRows#pack}
   * @param values the same
   * @param dkeys gradients like {@code keys} but F32, added to, yet to be scaled; 0 where not
   *     wanted
   * @param dvalues likewise
   * @param start a multiple of {@link ScoreTile#KEYS}
   * @param tiles of keys in the span
   * @param from first key that a query of the tile sees, in this span
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
      int start,
      int tiles,
      int from,
      int to,
      long first,
      long end,
      long dropoutRow,
      long dropoutStride,
      boolean wantQueries) {
    products.scores(worker, keys, queries, scores, tiles, productScratch);
    products.scores(worker, values, dout, gradients, tiles, productScratch);
    for (int query = 0; query < QUERIES; query += LENGTH) {
      int columnFrom = ScoreTile.vectorFrom(first, query, from, to);
      int columnTo = ScoreTile.vectorTo(end, query, columnFrom, to);
      clear(query, 0, columnFrom - start);
      if (columnFrom < columnTo) {
        ScoreTile.mask(scores, scale, query, start, columnFrom, columnTo, first, end);
        differentiate(query, start, columnFrom, columnTo, dropoutRow, dropoutStride);
      }
      clear(query, columnTo - start, tiles * ScoreTile.KEYS);
    }
    if (operand != DType.F32) {
      TileRows.round(scores, probabilities, tiles * ScoreTile.KEYS * QUERIES);
      TileRows.round(gradients, scoreGradients, tiles * ScoreTile.KEYS * QUERIES);
    }
    if (dkeys != 0) {
      products.addToKeys(worker, probabilities, dout, dvalues, tiles, productScratch);
      products.addToKeys(worker, scoreGradients, queries, dkeys, tiles, productScratch);
    }
    if (wantQueries) {
      products.addToQueries(worker, scoreGradients, keys, dq, tiles, productScratch);
    }
  }

  /** Nothing comes of keys that a vector of queries does not see. */
  private void clear(int query, int from, int to) {
    long offset = ScoreTile.bytes(from, Float.BYTES) + query * 4L;
    ScoreColumn.clear(scores + offset, to - from);
    ScoreColumn.clear(gradients + offset, to - from);
  }

  /** Scores to probabilities, and these' gradients to those of the scores, in place. */
  private void differentiate(
      int query, int start, int from, int to, long dropoutRow, long dropoutStride) {
    int keys = to - from;
    long offset = query * 4L;
    long p = scores + ScoreTile.bytes(from - start, Float.BYTES) + offset;
    long g = gradients + ScoreTile.bytes(from - start, Float.BYTES) + offset;
    ScoreColumn.exponentials(scale, logSums + offset, partialSums, p, keys);
    if (dropout == null) {
      ScoreColumn.scoreGradients(p, delta + offset, g, keys);
    } else { // the values saw the probabilities that were kept, the softmax all of them
      dropout.factors(
          dropoutRow + query * dropoutStride + from, dropoutStride, keys, dropoutFactors);
      ScoreColumn.multiply(g, dropoutFactors, keys);
      ScoreColumn.scoreGradients(p, delta + offset, g, keys);
      ScoreColumn.multiply(p, dropoutFactors, keys);
    }
  }

  /** Writes the queries' gradients. */
  void finish(long to, DType dtype, long rowBytes, int count, float scale) {
    TileRows.multiply(dq, count * gradientRow, scale);
    TileColumns.unpack(dq, headDim, count, to, dtype, rowBytes);
  }
}
