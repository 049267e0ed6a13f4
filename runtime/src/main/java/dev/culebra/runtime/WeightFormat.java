package dev.culebra.runtime;

/** How a {@link Weight} keeps its numbers. */
public enum WeightFormat {
  /** In the dtype of its source; what training uses. */
  SOURCE,
  /** Rounded to bfloat16. For generation: no gradients. */
  BF16,
  /**
   * Signed 8-bit integers with one F32 scale for each 32 consecutive inputs of a row, {@code scale
   * = max|w| / 127}, rounded to nearest even. For generation: no gradients.
   */
  INT8
}
