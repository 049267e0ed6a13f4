package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;

/** {@code y = x wᵀ + b} with the gradients of its parameters, as far as those are trained. */
final class Linear {
  private final Ops ops;
  private final Weight weight;
  private final Tensor bias;
  private final Epilogue epilogue;
  private final Tensor weightGradient;
  private final Tensor biasGradient;

  /**
   * @param name of the layer; its parameters are {@code name.weight} and {@code name.bias}
   * @param bias null for none
   */
  Linear(Parameters parameters, Allocator allocator, String name, Weight weight, Tensor bias) {
    this.ops = parameters.device().ops();
    this.weight = weight;
    this.bias = bias;
    this.epilogue = Epilogue.bias(bias);
    this.biasGradient = bias == null ? null : parameters.gradient(name + ".bias");
    Tensor gradient = parameters.gradient(name + ".weight");
    boolean biasOnly = gradient == null && biasGradient != null;
    // The product that sums a bias's gradient gives the matrix's too: somewhere it has to go.
    this.weightGradient =
        biasOnly ? allocator.allocate(DType.F32, weight.outputs(), weight.inputs()) : gradient;
  }

  /** The bias, for epilogues that do more than add it; null for none. */
  Tensor bias() {
    return bias;
  }

  /** x {@code [R, K]} to out {@code [R, N]}. */
  void forward(Tensor x, Tensor out) {
    ops.matmul(x, weight, epilogue, out);
  }

  /** With an epilogue that includes {@link #bias()}. */
  void forward(Tensor x, Epilogue epilogue, Tensor out) {
    ops.matmul(x, weight, epilogue, out);
  }

  /**
   * @param dout {@code [R, N]}
   * @param x {@code [R, K]}
   * @param accumulate whether to add to the parameters' gradients
   * @param dx {@code [R, K]}, written
   */
  void backward(Tensor dout, Tensor x, boolean accumulate, Tensor dx) {
    if (weightGradient != null) {
      ops.matmulBackwardWeight(dout, x, accumulate, weightGradient, biasGradient);
    }
    ops.matmulBackwardInput(dout, weight, false, dx);
  }
}
