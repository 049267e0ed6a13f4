package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/** A block's second sublayer: up product, GELU or SwiGLU, down product. */
final class MultilayerPerceptron {
  private final Ops ops;
  private final boolean gated;
  private final Linear up;
  private final Linear down;
  private final Epilogue gelu;

  MultilayerPerceptron(
      Parameters parameters, Allocator allocator, int layer, BlockActivations activations) {
    DecoderWeights.Layer weights = parameters.decoder().layers().get(layer);
    String prefix = "layers." + layer + ".mlp.";
    this.ops = parameters.device().ops();
    this.gated = parameters.config().mlp() == ModelConfig.Mlp.SWIGLU;
    this.up = new Linear(parameters, allocator, prefix + "up", weights.up(), weights.upBias());
    this.down =
        new Linear(parameters, allocator, prefix + "down", weights.down(), weights.downBias());
    this.gelu = gated ? null : Epilogue.gelu(up.bias(), activations.up());
  }

  /** {@code a.mlpNormed()} to {@code a.inner()}: all that the backward pass needs. */
  void forwardInner(BlockActivations a) {
    if (gated) {
      up.forward(a.mlpNormed(), a.up());
      ops.swiglu(a.up(), a.inner());
    } else {
      up.forward(a.mlpNormed(), gelu, a.inner());
    }
  }

  /** {@code a.inner()} to {@code out}, {@code [R, C]}. */
  void forwardOutput(BlockActivations a, Tensor out) {
    down.forward(a.inner(), out);
  }

  /** {@code dout} {@code [R, C]} to {@code s.dnormed()}; overwrites {@code a.up()} when gated. */
  void backward(Tensor dout, BlockActivations a, BlockScratch s, boolean accumulate) {
    down.backward(dout, a.inner(), accumulate, s.dinner());
    Tensor dup = gated ? a.up() : s.dinner();
    if (gated) {
      ops.swigluBackward(s.dinner(), a.up(), dup);
    } else {
      ops.geluBackward(s.dinner(), a.up(), dup);
    }
    up.backward(dup, a.mlpNormed(), accumulate, s.dnormed());
  }
}
