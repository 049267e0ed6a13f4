package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Rotary position embedding. */
final class Rope {
  private final CpuStream stream;

  Rope(CpuStream stream) {
    this.stream = stream;
  }

  void rope(Tensor x, Tensor positions, Tensor frequencies, int heads, boolean inverse) {
    throw new UnsupportedOperationException("rope");
  }
}
