package dev.culebra.runtime;

/**
 * A linear layer's matrix {@code [N, K]} (outputs by inputs, as in PyTorch) in the device's own
 * form: packed for its products, rounded or quantised. Made by {@link Device#weight}, brought up to
 * date with its source by {@link Ops#refresh}.
 */
public interface Weight extends AutoCloseable {
  /** N. */
  long outputs();

  /** K. */
  long inputs();

  WeightFormat format();

  /** The dtype of the tensor it was made from. */
  DType sourceType();

  /** Bytes that one product with a single row must read of it. */
  long bytes();

  /**
   * Waits for work enqueued before. Where the device keeps the matrix in memory of its own, which
   * this frees, operations on it and launches of graphs that use it are refused from then on.
   */
  @Override
  void close();
}
