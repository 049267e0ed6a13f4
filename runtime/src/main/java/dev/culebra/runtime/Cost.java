package dev.culebra.runtime;

/**
 * What an operation must do at the least: floating-point operations, and bytes that have to cross
 * the memory bus when nothing is in a cache beforehand. Benchmarks divide measured times by these.
 *
 * @param flops multiplications and additions counted separately
 * @param bytes read and written
 */
public record Cost(double flops, double bytes) {
  /** A product {@code [M, K] x [K, N]}: 2 M N K operations, each operand and the result once. */
  public static Cost matmul(long m, long n, long k, DType dtype) {
    return new Cost(2.0 * m * n * k, (double) dtype.bytes() * (m * k + n * k + m * n));
  }

  /**
   * Attention forward: two products of D for each pair of a query and a key it sees, half of all
   * pairs when causal.
   */
  public static Cost attention(AttentionShape shape, boolean causal, DType dtype) {
    double pairs = pairs(shape, causal);
    double queryRow = (double) shape.heads() * shape.headDim();
    double keyRow = (double) shape.kvHeads() * shape.headDim();
    return new Cost(
        4.0 * pairs * queryRow, dtype.bytes() * shape.rows() * (2 * queryRow + 2 * keyRow));
  }

  /** Attention backward: five products for the forward pass's two. */
  public static Cost attentionBackward(AttentionShape shape, boolean causal, DType dtype) {
    double pairs = pairs(shape, causal);
    double queryRow = (double) shape.heads() * shape.headDim();
    double keyRow = (double) shape.kvHeads() * shape.headDim();
    return new Cost(
        10.0 * pairs * queryRow, dtype.bytes() * shape.rows() * (4 * queryRow + 4 * keyRow));
  }

  /** An operation that does next to nothing but move {@code elements} of a dtype. */
  public static Cost traffic(double elements, DType dtype) {
    return new Cost(0, elements * dtype.bytes());
  }

  private static double pairs(AttentionShape shape, boolean causal) {
    double all = (double) shape.rows() * shape.length();
    return causal ? (all + shape.rows()) / 2 : all;
  }
}
