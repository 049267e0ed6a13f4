package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Softmax cross-entropy and its gradient. */
final class CrossEntropy {
  private final CpuStream stream;

  CrossEntropy(CpuStream stream) {
    this.stream = stream;
  }

  void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    throw new UnsupportedOperationException("crossEntropy");
  }

  void crossEntropyWithGradient(Tensor logits, Tensor targets, Tensor gradScale, Tensor losses) {
    throw new UnsupportedOperationException("crossEntropyWithGradient");
  }
}
