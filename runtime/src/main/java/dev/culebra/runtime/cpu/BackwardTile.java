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
  private final KeySpan span = new KeySpan();

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

  /** The span that {@link #add} takes in, to be set before. */
  KeySpan span() {
    return span;
  }

  /** Scratch bytes of a tile that takes in spans of so many keys at most. */
  long bytes(int spanKeys) {
    return 2 * products.queryBytes()
        + QUERIES * gradientRow
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
    dout = queries + products.queryBytes();
    dq = dout + products.queryBytes();
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
    products.packQueries(q, dtype, qRow, count, queries);
    products.packQueries(doutRows, dtype, doutRow, count, dout);
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
   * Takes in the {@link #span} of keys.
   *
   * @param keys packed rows from the span's first key on, see {@link TileColumns#pack}
   * @param values the same
   * @param dkeys gradients like {@code keys} but F32, added to, yet to be scaled; 0 where not
   *     wanted
   * @param dvalues likewise
   * @param dropoutRow dropout's element index of key 0 at the tile's first query
   * @param dropoutStride from query to query
   * @param wantQueries whether to add to the queries' gradients
   */
  void add(
      long keys,
      long values,
      long dkeys,
      long dvalues,
      long dropoutRow,
      long dropoutStride,
      boolean wantQueries) {
    int start = span.start();
    products.scores(worker, span, keys, queries, scores, productScratch);
    products.scores(worker, span, values, dout, gradients, productScratch);
    for (int query = 0; query < QUERIES; query += LENGTH) {
      int from = span.from(query);
      int to = Math.max(from, span.to(query + LENGTH - 1));
      clear(query, 0, from - start);
      if (from < to) {
        ScoreTile.mask(scores, scale, query, span, from, to);
        differentiate(query, start, from, to, dropoutRow, dropoutStride);
      }
      clear(query, to - start, span.keys());
    }
    if (operand != DType.F32) {
      TileRows.round(scores, probabilities, span.keys() * QUERIES);
      TileRows.round(gradients, scoreGradients, span.keys() * QUERIES);
    }
    if (dkeys != 0) {
      products.addToKeys(worker, span, probabilities, dout, dvalues, productScratch);
      products.addToKeys(worker, span, scoreGradients, queries, dkeys, productScratch);
    }
    if (wantQueries) {
      products.addToQueries(worker, span, scoreGradients, keys, dq, productScratch);
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
