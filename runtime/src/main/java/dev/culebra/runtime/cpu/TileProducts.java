package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * The matrix products of attention's tiles by oneDNN, between {@link ScoreTile#QUERIES} queries and
 * a span of keys, compiled when the operation is enqueued. Rows are packed in scratch memory and
 * padded to whole tiles, so that one set of products serves every length, mask and row stride.
 *
 * <p>Operands are F32, or BF16 where the tensors are and the processor has instructions for it:
 * those take half the time. Results are always F32. Measured on Zen 4, one call for 64 queries and
 * 64 keys of 64 elements reaches 3/4 of the machine's peak, one for 256 keys 9/10 and more; 16
 * accumulators in Java vectors come to half.
 */
final class TileProducts {
  /** Most tiles of keys in a span: scores of 64 KiB stay in the second level of cache. */
  static final int SPAN = 4;

  private final MatmulPrimitives primitives;
  private final DType operand;
  private final int headDim;
  private final MatmulPrimitive[] scores;
  private final MatmulPrimitive[] toQueries;
  private final MatmulPrimitive[] toKeys;
  private final long scratchBytes;

  /**
   * @param capturing whether a graph will go on calling them
   * @param dtype of the tensors
   * @param tiles most tiles of keys that any query sees
   * @param backward whether products for the keys' gradients are wanted
   */
  TileProducts(
      MatmulPrimitives primitives,
      boolean capturing,
      DType dtype,
      int headDim,
      int tiles,
      boolean backward) {
    this.primitives = primitives;
    this.headDim = headDim;
    operand = dtype == DType.BF16 && OneDnn.hasBf16Instructions() ? DType.BF16 : DType.F32;
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

  /** Type of the packed rows, of probabilities and of scores' gradients. */
  DType operand() {
    return operand;
  }

  /** Bytes from packed row to packed row. */
  long rowBytes() {
    return TileRows.padded(headDim) * (long) operand.bytes();
  }

  /** Scratch bytes of a call. */
  long scratchBytes() {
    return scratchBytes;
  }

  /** {@code result[key, query] = rows[key] · queries[query]}. */
  void scores(int worker, long rows, long queries, long result, int tiles, long scratch) {
    scores[tiles - 1].execute(worker, primitives.stream(worker), rows, queries, 0, result, scratch);
  }

  /** {@code result[query] += sum over keys of factors[key, query] rows[key]}. */
  void addToQueries(int worker, long factors, long rows, long result, int tiles, long scratch) {
    toQueries[tiles - 1].execute(
        worker, primitives.stream(worker), factors, rows, 0, result, scratch);
  }

  /** {@code result[key] += sum over queries of factors[key, query] queries[query]}. */
  void addToKeys(int worker, long factors, long queries, long result, int tiles, long scratch) {
    toKeys[tiles - 1].execute(
        worker, primitives.stream(worker), factors, queries, 0, result, scratch);
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
