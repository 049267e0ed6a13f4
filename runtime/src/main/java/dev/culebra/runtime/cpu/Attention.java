package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;

/** Attention forward and backward in tiles. */
final class Attention {
  private final CpuStream stream;

  Attention(CpuStream stream) {
    this.stream = stream;
  }

  void attention(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse) {
    throw new UnsupportedOperationException("attention");
  }

  void attentionBackward(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse,
      Tensor dout,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    throw new UnsupportedOperationException("attentionBackward");
  }
}
