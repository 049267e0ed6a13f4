package dev.culebra.runtime;

/**
 * Keys and values of the tokens so far, of one layer, in pages. Position p of sequence s lies in
 * row {@code blockTable[s, p / pageSize] * pageSize + p % pageSize}.
 *
 * @param keys {@code [pages * pageSize, kvHeads * D]}, F32 or BF16
 * @param values the same
 * @param blockTable I32 {@code [sequences, pages of a sequence]}
 * @param pageSize tokens of a page
 */
public record KeyValueCache(Tensor keys, Tensor values, Tensor blockTable, int pageSize) {
  public KeyValueCache {
    TensorChecks.matrix(
        "KeyValueCache", "values", values, keys.rows(), keys.columns(), keys.dtype());
    TensorChecks.dtype("KeyValueCache", "keys", keys, DType.F32, DType.BF16);
    TensorChecks.dtype("KeyValueCache", "blockTable", blockTable, DType.I32);
    if (pageSize < 1 || keys.rows() % pageSize != 0) {
      throw new IllegalArgumentException(keys.rows() + " rows are no whole pages of " + pageSize);
    }
  }

  /** The longest sequence that the block table can address. */
  public long capacity() {
    return blockTable.columns() * pageSize;
  }
}
