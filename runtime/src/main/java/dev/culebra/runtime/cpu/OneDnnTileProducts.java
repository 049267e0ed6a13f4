package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * {@link TileProducts} by oneDNN, compiled when the operation is enqueued. All pairs of a span are
 * computed, so that one set of products serves every length, mask and row stride. Results are
 * always F32.
 *
 * <p>Measured on Zen 4, one call for 64 queries and 64 keys of 64 elements reaches 3/4 of the
 * machine's peak, one for 256 keys 9/10 and more; 16 accumulators in Java vectors come to half.
 */
final class OneDnnTileProducts implements TileProducts {
  private final MatmulPrimitives primitives;
  private final DType operand;
  private final int headDim;
  private final MatmulPrimitive[] scores;
  private final MatmulPrimitive[] toQueries;
  private final MatmulPrimitive[] toKeys;
  private final long scratchBytes;

  /**
   * @param capturing whether a graph will go on calling them
   * @param operand type of what is packed: F32, or BF16 where it is {@link #operand(DType)}
   * @param tiles most tiles of keys that any query sees
   * @param backward whether products for the keys' gradients are wanted
   */
  OneDnnTileProducts(
      MatmulPrimitives primitives,
      boolean capturing,
      DType operand,
      int headDim,
      int tiles,
      boolean backward) {
    this.primitives = primitives;
    this.headDim = headDim;
    this.operand = operand;
    int spans = Math.min(SPAN, tiles);
    scores = new MatmulPrimitive[spans];
    toQueries = new MatmulPrimitive[spans];
    toKeys = new MatmulPrimitive[backward ? spans : 0];
    long most = 0;
    for (int i = 0; i < spans; i++) {
      int keys = (i + 1) * ScoreTile.KEYS;
      scores[i] = primitives.get(scoresShape(keys), capturing);
      toQueries[i] = primitives.get(toQueriesShape(keys), capturing);
      most = Math.max(most, Math.max(scores[i].scratchBytes(), toQueries[i].scratchBytes()));
      if (backward) {
        toKeys[i] = primitives.get(toKeysShape(keys), capturing);
        most = Math.max(most, toKeys[i].scratchBytes());
      }
    }
    scratchBytes = ScoreTile.aligned(most);
  }

  /**
   * BF16 where the tensors are and the processor has instructions for it, which take half the time.
   */
  static DType operand(DType dtype) {
    return dtype == DType.BF16 && OneDnn.hasBf16Instructions() ? DType.BF16 : DType.F32;
  }

  @Override
  public DType operand() {
    return operand;
  }

  @Override
  public long rowBytes() {
    return TileRows.padded(headDim) * (long) operand.bytes();
  }

  @Override
  public long queryBytes() {
    return ScoreTile.QUERIES * rowBytes();
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public void packQueries(long from, DType dtype, long rowBytes, int count, long packed) {
    TileColumns.pack(from, dtype, rowBytes, headDim, count, ScoreTile.QUERIES, packed, operand);
  }

  @Override
  public void scores(int worker, KeySpan span, long rows, long queries, long result, long scratch) {
    execute(scores, worker, span, rows, queries, result, scratch);
  }

  @Override
  public void addToQueries(
      int worker, KeySpan span, long factors, long rows, long result, long scratch) {
    execute(toQueries, worker, span, factors, rows, result, scratch);
  }

  @Override
  public void addToKeys(
      int worker, KeySpan span, long factors, long queries, long result, long scratch) {
    execute(toKeys, worker, span, factors, queries, result, scratch);
  }

  private void execute(
      MatmulPrimitive[] bySpan,
      int worker,
      KeySpan span,
      long a,
      long b,
      long result,
      long scratch) {
    bySpan[span.tiles() - 1].execute(worker, primitives.stream(worker), a, b, 0, result, scratch);
  }

  private MatmulShape scoresShape(int keys) {
    int row = TileRows.padded(headDim);
    return shape(keys, ScoreTile.QUERIES, headDim, row, 1, 1, row, ScoreTile.QUERIES, false);
  }

  private MatmulShape toQueriesShape(int keys) {
    int row = TileRows.padded(headDim);
    return shape(ScoreTile.QUERIES, headDim, keys, 1, ScoreTile.QUERIES, row, 1, row, true);
  }

  private MatmulShape toKeysShape(int keys) {
    int row = TileRows.padded(headDim);
    return shape(keys, headDim, ScoreTile.QUERIES, ScoreTile.QUERIES, 1, row, 1, row, true);
  }

  private MatmulShape shape(
      int m,
      int n,
      int k,
      int aRow,
      int aColumn,
      int bRow,
      int bColumn,
      int cRow,
      boolean accumulate) {
    return new MatmulShape(
        m, n, k, operand, aRow, aColumn, bRow, bColumn, DType.F32, cRow, false, false, accumulate);
  }
}
