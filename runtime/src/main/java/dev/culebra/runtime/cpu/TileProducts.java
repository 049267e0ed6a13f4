package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;

/**
 * The matrix products of attention's tiles, between {@link ScoreTile#QUERIES} queries and a span of
 * keys. Rows are packed in scratch memory, padded with zeros to whole vectors and whole tiles.
 */
sealed interface TileProducts permits OneDnnTileProducts, VectorTileProducts {
  /** Most tiles of keys in a span: scores of 64 KiB stay in the second level of cache. */
  int SPAN = 4;

  /** Those that are faster for a problem. */
  static TileProducts choose(
      MatmulPrimitives primitives, boolean capturing, AttentionProblem problem, boolean backward) {
    int headDim = problem.shape().headDim();
    DType operand = OneDnnTileProducts.operand(problem.q().dtype());
    if (problem.tiles() <= VectorTileProducts.MOST_TILES
        && operand == DType.F32
        && VectorTileProducts.supports(headDim)) {
      return new VectorTileProducts(headDim);
    }
    return new OneDnnTileProducts(
        primitives, capturing, operand, headDim, problem.tiles(), backward);
  }

  /** Type of the packed rows, of probabilities and of scores' gradients: F32 or BF16. */
  DType operand();

  /** Bytes from packed row to packed row. */
  long rowBytes();

  /** Bytes of a packed tile of queries. */
  long queryBytes();

  /** Scratch bytes of a call. */
  long scratchBytes();

  /**
   * Packs a tile of queries, or of rows like them.
   *
   * @param rowBytes bytes from row to row of the tensor
   * @param count rows; the others are zeros
   */
  void packQueries(long from, DType dtype, long rowBytes, int count, long packed);

  /**
   * {@code result[key, query] = rows[key] · queries[query]}; undefined where no query of a vector
   * sees a key.
   */
  void scores(int worker, KeySpan span, long rows, long queries, long result, long scratch);

  /**
   * {@code result[query] += sum over keys of factors[key, query] rows[key]}, where factors are 0
   * for keys that a query does not see.
   */
  void addToQueries(int worker, KeySpan span, long factors, long rows, long result, long scratch);

  /**
   * {@code result[key] += sum over queries of factors[key, query] queries[query]}, where factors
   * are 0 for keys that a query does not see.
   */
  void addToKeys(int worker, KeySpan span, long factors, long queries, long result, long scratch);
}
