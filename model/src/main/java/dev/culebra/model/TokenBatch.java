package dev.culebra.model;

import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;

/**
 * Sequences on the device and what is to be predicted after each of their tokens. Made once; what
 * changes from step to step is what the tensors hold.
 *
 * @param tokens I32 {@code [B, T]}
 * @param targets I32 {@code [B, T]}; negative where there is nothing to predict
 * @param mask which tokens a token sees
 */
public record TokenBatch(Tensor tokens, Tensor targets, AttentionMask mask) {
  public TokenBatch {
    TensorChecks.present("batch", "tokens", tokens);
    TensorChecks.vector("batch", "tokens", tokens, tokens.elements(), DType.I32);
    TensorChecks.vector("batch", "targets", targets, tokens.elements(), DType.I32);
    if (mask.documents() != null) {
      TensorChecks.vector("batch", "documents", mask.documents(), tokens.elements(), DType.I32);
    }
  }

  /**
   * Each token sees itself and those before it, as far as the model's window reaches.
   *
   * @param documents I32 {@code [B, T]}: tokens see those of equal number only; null for all
   */
  public static TokenBatch causal(
      ModelConfig config, Tensor tokens, Tensor targets, Tensor documents) {
    return new TokenBatch(
        tokens, targets, new AttentionMask(true, config.slidingWindow(), documents));
  }

  /** Each token sees those before and after it; otherwise as {@link #causal}. */
  public static TokenBatch bidirectional(
      ModelConfig config, Tensor tokens, Tensor targets, Tensor documents) {
    return new TokenBatch(
        tokens, targets, new AttentionMask(false, config.slidingWindow(), documents));
  }
}
