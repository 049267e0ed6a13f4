package dev.culebra.runtime;

/**
 * Sizes of an attention.
 *
 * @param batch B, sequences
 * @param length T, tokens of each sequence
 * @param heads H, query heads
 * @param kvHeads key and value heads; divides {@code heads}; query head h reads head {@code h /
 *     (heads / kvHeads)}
 * @param headDim D
 */
public record AttentionShape(int batch, int length, int heads, int kvHeads, int headDim) {
  public AttentionShape {
    if (batch < 1 || length < 1 || heads < 1 || kvHeads < 1 || headDim < 1) {
      throw new IllegalArgumentException(
          "attention sizes must be positive: "
              + batch
              + ", "
              + length
              + ", "
              + heads
              + ", "
              + kvHeads
              + ", "
              + headDim);
    }
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(kvHeads + " key heads do not divide " + heads + " heads");
    }
  }

  /** B T, rows of the query. */
  public long rows() {
    return (long) batch * length;
  }
}
