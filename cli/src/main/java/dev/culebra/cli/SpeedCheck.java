package dev.culebra.cli;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.Random;
import java.util.function.Function;

/** Short measurements of what limits training and generation on a device. */
enum SpeedCheck {
  /** Reading far more than caches hold. */
  BANDWIDTH("memory read") {
    @Override
    String measure(Device device) {
      long elements = 64L << 20; // 256 MiB
      return inArena(
          device,
          allocator -> {
            Tensor x = allocator.allocate(DType.F32, elements);
            Tensor out = allocator.allocate(DType.F32, 1);
            device.ops().fill(x, 1); // pages that nobody wrote are all the same one
            Tensor start = x.reshape(64, elements / 64).rows(0, 1);
            best(device, () -> device.ops().sum(start, false, out)); // compiles the loop
            double seconds = best(device, () -> device.ops().sum(x, false, out));
            return String.format("%.1f GB/s", elements * 4 / seconds / 1e9);
          });
    }
  },
  /** A layer's product in training. */
  F32("products in f32") {
    @Override
    String measure(Device device) {
      return product(device, DType.F32);
    }
  },
  /** The same in half the bits. */
  BF16("products in bf16") {
    @Override
    String measure(Device device) {
      return product(device, DType.BF16)
          + (device.accelerates(DType.BF16) ? "" : " (no bf16 instructions)");
    }
  };

  private static final int SIZE = 768;
  private static final int ROWS = 1024;
  private static final long NANOS = 700_000_000L;

  private final String title;

  SpeedCheck(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** The speed, for people. */
  abstract String measure(Device device);

  private static String product(Device device, DType dtype) {
    return inArena(
        device,
        allocator -> {
          Tensor random = random(device, allocator);
          Tensor x = allocator.allocate(dtype, ROWS, SIZE);
          Tensor matrix = allocator.allocate(dtype, SIZE, SIZE);
          Tensor out = allocator.allocate(dtype, ROWS, SIZE);
          device.ops().convert(random, x);
          device.ops().convert(random.rows(0, SIZE), matrix);
          try (Weight weight = device.weight(matrix, WeightFormat.SOURCE, false)) {
            device.ops().refresh(weight);
            double seconds = best(device, () -> device.ops().matmul(x, weight, Epilogue.NONE, out));
            return String.format(
                "%.0f GFLOP/s", Cost.matmul(ROWS, SIZE, SIZE, dtype).flops() / seconds / 1e9);
          }
        });
  }

  private static Tensor random(Device device, Allocator allocator) {
    Random random = new Random(1);
    float[] values = new float[ROWS * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Tensor tensor = allocator.allocate(DType.F32, ROWS, SIZE);
    device.write(tensor, values);
    return tensor;
  }

  private static String inArena(Device device, Function<Allocator, String> measurement) {
    long bytes = 512L << 20;
    try (Arena arena = device.memory().arena("doctor", bytes)) {
      return measurement.apply(arena);
    }
  }

  /** Seconds of the fastest run, after the JIT has had its time. */
  private static double best(Device device, Runnable work) {
    double best = Double.MAX_VALUE;
    long start = System.nanoTime();
    while (System.nanoTime() - start < NANOS) {
      long before = System.nanoTime();
      work.run();
      device.stream().synchronize();
      best = Math.min(best, (System.nanoTime() - before) / 1e9);
    }
    return best;
  }
}
