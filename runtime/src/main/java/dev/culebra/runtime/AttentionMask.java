package dev.culebra.runtime;

/**
 * Which tokens a token attends to.
 *
 * @param causal only to itself and those before it
 * @param window only to those less than {@code window} positions away; 0 for no limit
 * @param documents I32 {@code [B, T]}, or null: only to tokens of equal number; equal numbers are
 *     adjacent
 */
public record AttentionMask(boolean causal, int window, Tensor documents) {
  public static final AttentionMask CAUSAL = new AttentionMask(true, 0, null);
  public static final AttentionMask BIDIRECTIONAL = new AttentionMask(false, 0, null);

  public AttentionMask {
    if (window < 0) {
      throw new IllegalArgumentException("window " + window + " is negative");
    }
  }
}
