package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;

/** GELU, SwiGLU and dropout. */
final class Activations {
  private final CpuStream stream;

  Activations(CpuStream stream) {
    this.stream = stream;
  }

  void gelu(Tensor x, Tensor out) {
    throw new UnsupportedOperationException("gelu");
  }

  void geluBackward(Tensor dout, Tensor x, Tensor dx) {
    throw new UnsupportedOperationException("geluBackward");
  }

  void swiglu(Tensor gateUp, Tensor out) {
    throw new UnsupportedOperationException("swiglu");
  }

  void swigluBackward(Tensor dout, Tensor gateUp, Tensor dgateUp) {
    throw new UnsupportedOperationException("swigluBackward");
  }

  void dropout(Tensor x, Dropout dropout, Tensor out) {
    throw new UnsupportedOperationException("dropout");
  }
}
