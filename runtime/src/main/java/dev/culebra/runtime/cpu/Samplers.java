package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Choice of the next token. */
final class Samplers {
  private final CpuStream stream;

  Samplers(CpuStream stream) {
    this.stream = stream;
  }

  void sample(
      Tensor logits, Tensor parameters, Tensor seeds, Tensor history, Tensor lengths, Tensor next) {
    throw new UnsupportedOperationException("sample");
  }

  void advance(Tensor next, Tensor history, Tensor lengths, Tensor positions) {
    throw new UnsupportedOperationException("advance");
  }
}
