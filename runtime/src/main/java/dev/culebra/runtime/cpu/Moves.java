package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Filling, converting, adding, gathering and summing. */
final class Moves {
  private final CpuStream stream;

  Moves(CpuStream stream) {
    this.stream = stream;
  }

  void fill(Tensor out, float value) {
    throw new UnsupportedOperationException("fill");
  }

  void convert(Tensor x, Tensor out) {
    throw new UnsupportedOperationException("convert");
  }

  void add(Tensor a, Tensor b, Tensor out) {
    throw new UnsupportedOperationException("add");
  }

  void gatherRows(Tensor x, Tensor indices, Tensor out) {
    throw new UnsupportedOperationException("gatherRows");
  }

  void sum(Tensor x, boolean accumulate, Tensor out) {
    throw new UnsupportedOperationException("sum");
  }
}
