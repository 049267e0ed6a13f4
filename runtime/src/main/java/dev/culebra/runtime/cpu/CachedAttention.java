package dev.culebra.runtime.cpu;

import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;

/** Attention over a key-value cache. */
final class CachedAttention {
  private final CpuStream stream;

  CachedAttention(CpuStream stream) {
    this.stream = stream;
  }

  void storeKeyValue(Tensor k, Tensor v, Tensor sequences, Tensor positions, KeyValueCache cache) {
    throw new UnsupportedOperationException("storeKeyValue");
  }

  void decodeAttention(
      Tensor q,
      Tensor sequences,
      Tensor positions,
      KeyValueCache cache,
      int heads,
      float scale,
      int window,
      Tensor out) {
    throw new UnsupportedOperationException("decodeAttention");
  }
}
