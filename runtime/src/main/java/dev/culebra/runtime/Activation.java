package dev.culebra.runtime;

/** Element-wise activations that a product can apply to its result. */
public enum Activation {
  NONE,
  /**
   * GELU in its tanh form, {@code 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))} (Hendrycks and
   * Gimpel 2016, section 2), as GPT-2 uses it.
   */
  GELU
}
