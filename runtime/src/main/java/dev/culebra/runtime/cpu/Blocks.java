package dev.culebra.runtime.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Passes BF16 elements through F32 blocks in the first cache, so that the loops that compute know
 * F32 only. A loop that chose by dtype between two loads would merge two vectors at each, and the
 * JIT compiler then keeps vectors as objects on the heap: 8 to 25 times as slow, where seen.
 */
final class Blocks {
  private Blocks() {}

  /**
   * Where {@code n} elements of {@code bytes} bytes can be read as F32: where they are, or widened
   * in {@code block}.
   */
  static long read(long address, int bytes, long block, int n) {
    if (bytes == Float.BYTES) {
      return address;
    }
    widen(address, block, n);
    return block;
  }

  /** Where to write F32 elements that {@link #written} brings to {@code address}. */
  static long write(long address, int bytes, long block) {
    return bytes == Float.BYTES ? address : block;
  }

  /** Narrows what was written to a block. */
  static void written(long address, int bytes, long block, int n) {
    if (bytes != Float.BYTES) {
      narrow(block, address, n);
    }
  }

  /** BF16 to F32. */
  static void widen(long x, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      Lanes.store(Lanes.loadBf16(x + 2L * i), out + 4L * i);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      Lanes.store(Lanes.loadBf16(x + 2L * i, mask), out + 4L * i, mask);
    }
  }

  /** F32 to BF16, to nearest even. */
  static void narrow(long x, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      Lanes.storeBf16(Lanes.load(x + 4L * i), out + 2L * i);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      FloatVector last = Lanes.load(x + 4L * i, mask);
      Lanes.storeBf16(last, out + 2L * i, mask);
    }
  }
}
