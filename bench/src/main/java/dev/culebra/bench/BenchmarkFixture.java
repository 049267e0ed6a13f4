package dev.culebra.bench;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes tensors and weights of one dtype filled with random numbers, in the sizes of a GPT-2 124M
 * step at B = 4, T = 256.
 */
record BenchmarkFixture(Device device, DType dtype, Allocator allocator, SplittableRandom random) {
  static final int BATCH = 4;
  static final int LENGTH = 256;
  static final int ROWS = BATCH * LENGTH;
  static final int HEADS = 12;
  static final int C = 768;
  static final int F = 4 * C;
  static final int V = 50257;
  static final int CONTEXT = 1024;

  /** Enough that no cache holds them. */
  static final int PARAMETERS = 32 << 20;

  static final AttentionShape SHAPE = new AttentionShape(BATCH, LENGTH, HEADS, HEADS, C / HEADS);
  static final float SCALE = (float) (1 / Math.sqrt((double) C / HEADS));

  /** An operation ready to be enqueued again and again, and its least cost. */
  record Prepared(Runnable enqueue, Cost cost) {}

  Ops ops() {
    return device.ops();
  }

  Tensor of(DType type, long... shape) {
    return allocator.allocate(type, shape);
  }

  Tensor floats(long... shape) {
    Tensor tensor = of(dtype, shape);
    Tensor values = of(DType.F32, Math.min(tensor.columns(), CONTEXT));
    float[] host = new float[(int) values.elements()];
    for (int i = 0; i < host.length; i++) {
      host[i] = (float) random.nextGaussian();
    }
    device.write(values, host);
    ops().fill(tensor, 0.5f);
    if (tensor.rank() == 2) {
      // The first columns of a few rows vary: enough that nothing is constant or denormal.
      for (long row = 0; row < Math.min(tensor.rows(), ROWS); row++) {
        Tensor target = tensor.rows(row, row + 1).columns(0, values.columns());
        ops().convert(values.reshape(1, values.columns()), target);
      }
    }
    return tensor;
  }

  Tensor integers(int count, int bound) {
    Tensor tensor = of(DType.I32, count);
    int[] host = new int[count];
    Arrays.setAll(host, i -> count == 1 ? 0 : random.nextInt(bound));
    device.write(tensor, host);
    return tensor;
  }

  Weight weight(int outputs, int inputs, WeightFormat format, boolean gradients) {
    Weight weight = device.weight(floats(outputs, inputs), format, gradients);
    ops().refresh(weight);
    return weight;
  }

  /** 0, 1, 2... */
  Tensor counting(int count) {
    Tensor tensor = of(DType.I32, count);
    int[] host = new int[count];
    Arrays.setAll(host, i -> i);
    device.write(tensor, host);
    return tensor;
  }
}
