package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Table look-ups and their gradient. */
final class Embeddings {
  private final CpuStream stream;

  Embeddings(CpuStream stream) {
    this.stream = stream;
  }

  void embedding(Tensor tokens, Tensor table, Tensor positions, Tensor positionTable, Tensor out) {
    throw new UnsupportedOperationException("embedding");
  }

  void embeddingBackward(Tensor indices, Tensor dout, Tensor dtable) {
    throw new UnsupportedOperationException("embeddingBackward");
  }
}
