package dev.culebra.runtime;

/**
 * What a product does with its result before storing it: {@code out = activation(x wᵀ + bias) (+
 * out)}.
 *
 * @param bias {@code [N]} in the dtype of the output, or null
 * @param activation applied after the bias
 * @param preActivation {@code [M, N]}, receives {@code x wᵀ + bias} for the backward pass, or null
 * @param accumulate whether the result is added to what the output holds (a residual stream)
 */
public record Epilogue(
    Tensor bias, Activation activation, Tensor preActivation, boolean accumulate) {
  /** Just the product. */
  public static final Epilogue NONE = new Epilogue(null, Activation.NONE, null, false);

  /** Product plus bias; a null bias means none. */
  public static Epilogue bias(Tensor bias) {
    return bias == null ? NONE : new Epilogue(bias, Activation.NONE, null, false);
  }

  /**
   * Product plus bias, through GELU, keeping what went into it when {@code preActivation} is given.
   */
  public static Epilogue gelu(Tensor bias, Tensor preActivation) {
    return new Epilogue(bias, Activation.GELU, preActivation, false);
  }

  /** Product plus bias, added to the output. */
  public static Epilogue residual(Tensor bias) {
    return new Epilogue(bias, Activation.NONE, null, true);
  }
}
