package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.Tensor;

/** Gradient norm and AdamW. */
final class Optimizers {
  private final CpuStream stream;

  Optimizers(CpuStream stream) {
    this.stream = stream;
  }

  void globalNorm(Tensor x, Tensor out) {
    throw new UnsupportedOperationException("globalNorm");
  }

  void adamW(
      AdamW config,
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Tensor working) {
    throw new UnsupportedOperationException("adamW");
  }
}
