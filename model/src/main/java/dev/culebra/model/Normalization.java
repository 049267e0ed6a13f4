package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/** Layer or RMS norm of the residual stream, with the statistics that its backward pass needs. */
final class Normalization {
  private final Ops ops;
  private final boolean layerNorm;
  private final float epsilon;
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor weightGradient;
  private final Tensor biasGradient;
  private final Tensor mean;
  private final Tensor rstd;

  /**
   * @param name of the norm; its parameters are {@code name.weight} and {@code name.bias}
   * @param bias null for none
   * @param rows R
   */
  Normalization(
      Parameters parameters,
      Allocator allocator,
      String name,
      Tensor weight,
      Tensor bias,
      long rows) {
    ModelConfig config = parameters.config();
    boolean training = parameters.trainable();
    this.ops = parameters.device().ops();
    this.layerNorm = config.norm() == ModelConfig.Norm.LAYER;
    this.epsilon = config.normEpsilon();
    this.weight = weight;
    this.bias = bias;
    this.mean = training && layerNorm ? allocator.allocate(DType.F32, rows) : null;
    this.rstd = training ? allocator.allocate(DType.F32, rows) : null;
    this.biasGradient = bias == null ? null : parameters.gradient(name + ".bias");
    Tensor gradient = parameters.gradient(name + ".weight");
    // The kernel sums the weight's gradient in any case; a frozen one's goes where nobody looks.
    this.weightGradient =
        training && gradient == null
            ? allocator.allocate(DType.F32, config.hiddenSize())
            : gradient;
  }

  /**
   * @param x {@code [R, C]}
   * @param residual {@code [R, C]} added first, or null
   * @param sum {@code [R, C]} receives {@code x + residual}; null where {@code residual} is
   * @param out {@code [R, C]}
   */
  void forward(Tensor x, Tensor residual, Tensor sum, Tensor out) {
    if (layerNorm) {
      ops.layerNorm(x, residual, sum, weight, bias, epsilon, out, mean, rstd);
    } else {
      ops.rmsNorm(x, residual, sum, weight, epsilon, out, rstd);
    }
  }

  /**
   * @param dout {@code [R, C]}
   * @param x {@code [R, C]}, what was normalised
   * @param dresidual {@code [R, C]} that reaches {@code x} past the norm, or null; may be {@code
   *     dx}
   * @param dx {@code [R, C]}
   */
  void backward(Tensor dout, Tensor x, Tensor dresidual, Tensor dx) {
    if (layerNorm) {
      ops.layerNormBackward(
          dout, x, weight, mean, rstd, dresidual, dx, weightGradient, biasGradient);
    } else {
      ops.rmsNormBackward(dout, x, weight, rstd, dresidual, dx, weightGradient);
    }
  }
}
