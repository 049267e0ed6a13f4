package dev.culebra.bench;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;

/** The rate at which a device reads memory that is in no cache. */
final class MemoryBandwidth {
  private static final int ROUNDS = 15;
  private static final long BYTES = 1L << 30;

  private MemoryBandwidth() {}

  /** Bytes a second, the best of some rounds. */
  static double measure(Device device) {
    try (Arena arena = device.memory().arena("bandwidth", BYTES + (1 << 20))) {
      Tensor large = arena.allocate(DType.F32, BYTES / DType.F32.bytes());
      Tensor sum = arena.allocate(DType.F32, 1);
      device.ops().fill(large, 1); // untouched pages would all be the same zero page
      double best = 0;
      for (int i = 0; i < ROUNDS; i++) {
        long start = System.nanoTime();
        device.ops().sum(large, false, sum);
        device.stream().synchronize();
        best = Math.max(best, BYTES * 1e9 / (System.nanoTime() - start));
      }
      return best;
    }
  }
}
