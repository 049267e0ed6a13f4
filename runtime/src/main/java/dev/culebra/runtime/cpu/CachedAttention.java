package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;

/** Storing to a key-value cache, and the checks of attention over it. */
final class CachedAttention {
  private final CpuStream stream;
  private final MatmulPrimitives primitives;

  CachedAttention(CpuStream stream, MatmulPrimitives primitives) {
    this.stream = stream;
    this.primitives = primitives;
  }

  void storeKeyValue(Tensor k, Tensor v, Tensor sequences, Tensor positions, KeyValueCache cache) {
    String operation = "storeKeyValue";
    TensorChecks.present(operation, "k", k);
    long columns = cache.keys().columns();
    TensorChecks.matrix(operation, "k", k, k.rows(), columns, DType.F32, DType.BF16);
    TensorChecks.matrix(operation, "v", v, k.rows(), columns, k.dtype());
    checkPlaces(operation, k.rows(), sequences, positions, cache);
    CacheRows rows = new CacheRows(operation, cache);
    stream.enqueue(
        2 * k.elements(),
        worker -> {
          long to = worker.to(k.rows());
          for (long row = worker.from(k.rows()); row < to; row++) {
            int sequence = Lanes.getInt(sequences.address() + row * Integer.BYTES);
            int position = Lanes.getInt(positions.address() + row * Integer.BYTES);
            long place = rows.row(sequence, position);
            copyRow(k, row, cache.keys(), place);
            copyRow(v, row, cache.values(), place);
          }
        });
  }

  private static void copyRow(Tensor from, long fromRow, Tensor to, long toRow) {
    Moves.convert(
        from.rowAddress(fromRow),
        from.dtype().bytes(),
        to.rowAddress(toRow),
        to.dtype().bytes(),
        Math.toIntExact(from.columns()));
  }

  void decodeAttention(
      Tensor q,
      Tensor sequences,
      Tensor positions,
      KeyValueCache cache,
      int heads,
      float scale,
      int window,
      Tensor out) {
    String operation = "decodeAttention";
    TensorChecks.present(operation, "q", q);
    TensorChecks.dtype(operation, "q", q, DType.F32, DType.BF16);
    TensorChecks.matrix(operation, "out", out, q.rows(), q.columns(), q.dtype());
    TensorChecks.require(operation, window >= 0, "window " + window + " is negative");
    TensorChecks.require(
        operation, heads > 0 && q.columns() % heads == 0, heads + " heads do not divide q, " + q);
    long headDim = q.columns() / heads;
    long kvHeads = cache.keys().columns() / headDim;
    TensorChecks.require(
        operation,
        kvHeads > 0 && kvHeads * headDim == cache.keys().columns() && heads % kvHeads == 0,
        "the cache's keys are "
            + cache.keys()
            + ", which does not go with "
            + heads
            + " heads of "
            + headDim);
    checkPlaces(operation, q.rows(), sequences, positions, cache);
    // Rows of several positions are multiplied in the cache's type where it is theirs as well.
    TileProducts products =
        new OneDnnTileProducts(
            primitives,
            stream.capturing(),
            OneDnnTileProducts.operand(q.dtype() == cache.keys().dtype() ? q.dtype() : DType.F32),
            (int) headDim,
            q.rows() < DecodeAttention.TILE_ROWS ? 0 : TileProducts.SPAN,
            false);
    stream.enqueue(
        new DecodeAttention(
            q, sequences, positions, cache, heads, scale, window, out, products, stream.workers()));
    primitives.trim();
  }

  private static void checkPlaces(
      String operation, long rows, Tensor sequences, Tensor positions, KeyValueCache cache) {
    TensorChecks.vector(operation, "sequences", sequences, rows, DType.I32);
    TensorChecks.vector(operation, "positions", positions, rows, DType.I32);
    TensorChecks.contiguous(operation, "blockTable", cache.blockTable());
  }
}
