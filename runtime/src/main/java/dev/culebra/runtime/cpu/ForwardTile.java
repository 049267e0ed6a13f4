package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * Attention of one tile of queries of one head over any number of keys, a span of keys at a time,
 * with an online softmax (Dao 2023, algorithm 1): per query the largest score so far, the sum of
 * exponentials and the unnormalised output.
 */
final class ForwardTile {
  private static final int QUERIES = ScoreTile.QUERIES;
  private static final int LENGTH = Lanes.LENGTH;
  private static final long COLUMN = QUERIES * (long) Float.BYTES;

  private final int worker;
  private final TileProducts products;
  private final DType operand;
  private final int headDim;
  private final long outputRow;
  private final AttentionDropout dropout;
  private final KeySpan span = new KeySpan();

  private float scale;
  private long queries;
  private long scores;
  private long probabilities;
  private long output;
  private long maximum;
  private long sum;
  private long shift;
  private long factor;
  private long dropoutFactors;
  private long productScratch;

  /**
   * @param worker index of the worker whose tile it is
   * @param dropout or null
   */
  ForwardTile(int worker, TileProducts products, int headDim, AttentionDropout dropout) {
    this.worker = worker;
    this.products = products;
    this.headDim = headDim;
    this.dropout = dropout;
    operand = products.operand();
    outputRow = TileRows.padded(headDim) * (long) Float.BYTES;
  }

  /** The span that {@link #add} takes in, to be set before. */
  KeySpan span() {
    return span;
  }

  /** Scratch bytes of a tile that takes in spans of so many keys at most. */
  long bytes(int spanKeys) {
    return products.queryBytes()
        + QUERIES * outputRow
        + ScoreTile.bytes(spanKeys, Float.BYTES)
        + (operand == DType.F32 ? 0 : ScoreTile.bytes(spanKeys, operand.bytes()))
        + 4 * COLUMN
        + (dropout == null ? 0 : AttentionDropout.bytes(spanKeys))
        + products.scratchBytes();
  }

  /** Takes its scratch memory, for spans of so many keys at most. */
  void place(long scratch, int spanKeys) {
    queries = scratch;
    output = queries + products.queryBytes();
    maximum = output + QUERIES * outputRow;
    sum = maximum + COLUMN;
    shift = sum + COLUMN;
    factor = shift + COLUMN;
    productScratch = factor + COLUMN;
    scores = productScratch + products.scratchBytes();
    long scoresEnd = scores + ScoreTile.bytes(spanKeys, Float.BYTES);
    probabilities = operand == DType.F32 ? scores : scoresEnd;
    dropoutFactors =
        operand == DType.F32 ? scoresEnd : scoresEnd + ScoreTile.bytes(spanKeys, operand.bytes());
  }

  /** Starts with {@code count} rows, {@code rowBytes} apart. */
  void begin(long q, DType dtype, long rowBytes, int count, float scale) {
    this.scale = ScoreTile.log2Scale(scale);
    products.packQueries(q, dtype, rowBytes, count, queries);
    TileRows.clear(output, output + QUERIES * outputRow);
    Moves.fill(maximum, Float.NEGATIVE_INFINITY, QUERIES);
    Moves.fill(sum, 0, QUERIES);
  }

  /**
   * Takes in the {@link #span} of keys.
   *
   * @param keys packed rows from the span's first key on, see {@link TileColumns#pack}
   * @param values the same
   * @param dropoutRow dropout's element index of key 0 at the tile's first query
   * @param dropoutStride from query to query
   */
  void add(long keys, long values, long dropoutRow, long dropoutStride) {
    int start = span.start();
    products.scores(worker, span, keys, queries, scores, productScratch);
    for (int query = 0; query < QUERIES; query += LENGTH) {
      int from = span.from(query);
      int to = Math.max(from, span.to(query + LENGTH - 1));
      ScoreColumn.clear(scores + query * 4L, from - start);
      if (from < to) {
        ScoreTile.mask(scores, scale, query, span, from, to);
        softmax(query, start, from, to, dropoutRow, dropoutStride);
      }
      ScoreColumn.clear(
          scores + ScoreTile.bytes(to - start, Float.BYTES) + query * 4L, span.end() - to);
    }
    if (operand != DType.F32) {
      TileRows.round(scores, probabilities, span.keys() * QUERIES);
    }
    products.addToQueries(worker, span, probabilities, values, output, productScratch);
  }

  /** One online step for one vector of queries. */
  private void softmax(
      int query, int start, int from, int to, long dropoutRow, long dropoutStride) {
    long offset = query * 4L;
    long column = scores + ScoreTile.bytes(from - start, Float.BYTES) + offset;
    ScoreColumn.maximum(maximum + offset, scale, column, to - from, shift + offset);
    boolean rescaled = raiseMaximum(offset);
    ScoreColumn.exponentials(scale, shift + offset, sum + offset, column, to - from);
    if (dropout != null) {
      dropout.factors(
          dropoutRow + query * dropoutStride + from, dropoutStride, to - from, dropoutFactors);
      ScoreColumn.multiply(column, dropoutFactors, to - from);
    }
    if (rescaled) {
      rescaleOutput(query);
    }
  }

  /** Makes the new maximum the old one; returns whether what was summed so far was rescaled. */
  private boolean raiseMaximum(long offset) {
    boolean rescaled = false;
    for (long at = offset; at < offset + LENGTH * 4L; at += 4) {
      float largest = Lanes.get(shift + at);
      float before = Lanes.get(maximum + at);
      Lanes.set(factor + at, 1);
      if (largest > before) {
        Lanes.set(maximum + at, largest);
        // What a query has summed that had seen no key yet, maximum -inf, is 0 and stays so.
        if (before > Float.NEGATIVE_INFINITY) {
          float rescale = (float) Math.exp((before - largest) * (double) ScoreTile.LN_2);
          Lanes.set(factor + at, rescale);
          Lanes.set(sum + at, Lanes.get(sum + at) * rescale);
          rescaled = true;
        }
      }
      // A query that has still seen none subtracts 0 instead, which keeps its zeros.
      Lanes.set(shift + at, largest == Float.NEGATIVE_INFINITY ? 0 : largest);
    }
    return rescaled;
  }

  private void rescaleOutput(int query) {
    for (int i = query; i < query + LENGTH; i++) {
      TileRows.multiply(output + i * outputRow, outputRow, Lanes.get(factor + i * 4L));
    }
  }

  /**
   * Writes the normalised outputs of {@code count} rows, and their log sums where {@code lse} is
   * not 0.
   */
  void finish(long out, DType dtype, long rowBytes, int count, long lse) {
    for (int i = 0; i < count; i++) {
      float total = Lanes.get(sum + i * 4L);
      Lanes.set(factor + i * 4L, 1 / total);
      if (lse != 0) {
        double log = Lanes.get(maximum + i * 4L) * (double) ScoreTile.LN_2 + Math.log(total);
        Lanes.set(lse + i * 4L, (float) log);
      }
    }
    TileColumns.multiply(output, headDim, count, factor);
    TileColumns.unpack(output, headDim, count, out, dtype, rowBytes);
  }
}
