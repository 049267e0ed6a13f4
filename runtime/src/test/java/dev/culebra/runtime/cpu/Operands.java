package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** A CPU device, random tensors on it with gaps between their rows, and their values as doubles. */
final class Operands implements AutoCloseable {
  static final DType[] FLOATING = {DType.F32, DType.BF16};

  final long seed = new SplittableRandom().nextLong();
  final SplittableRandom random = new SplittableRandom(seed);
  final CpuDevice device;
  final Ops ops;
  private final Arena arena;

  Operands(int threads) {
    device = new CpuDevice(threads);
    ops = device.ops();
    arena = device.memory().arena("test", 256L << 20);
  }

  /** Normally distributed, {@code gap} elements between rows, which hold NaN. */
  Tensor normal(DType dtype, int gap, long rows, long columns) {
    Tensor tensor = poisoned(dtype, gap, rows, columns);
    for (long i = 0; i < rows * columns; i++) {
      set(tensor, i, random.nextGaussian());
    }
    return tensor;
  }

  /** Full of NaN: what is not written shows. */
  Tensor poisoned(DType dtype, int gap, long rows, long columns) {
    Tensor memory = arena.allocate(dtype, rows, columns + gap);
    for (long i = 0; i < memory.elements(); i++) {
      set(memory, i, Double.NaN);
    }
    return memory.columns(0, columns);
  }

  Tensor zeros(long... shape) {
    Tensor tensor = arena.allocate(DType.F32, shape);
    for (long i = 0; i < tensor.elements(); i++) {
      set(tensor, i, 0);
    }
    return tensor;
  }

  Tensor floats(float... values) {
    Tensor tensor = arena.allocate(DType.F32, values.length);
    device.write(tensor, values);
    return tensor;
  }

  Tensor ints(int... values) {
    Tensor tensor = arena.allocate(DType.I32, values.length);
    device.write(tensor, values);
    return tensor;
  }

  int[] indices(int count, int limit) {
    return random.ints(count, 0, limit).toArray();
  }

  static void set(Tensor tensor, long i, double value) {
    long address = address(tensor, i);
    if (tensor.dtype() == DType.F32) {
      Lanes.set(address, (float) value);
    } else {
      Lanes.storeBf16(Lanes.broadcast((float) value), address, Lanes.first(1));
    }
  }

  static double get(Tensor tensor, long i) {
    long address = address(tensor, i);
    return tensor.dtype() == DType.F32 ? Lanes.get(address) : Lanes.getBf16(address);
  }

  private static long address(Tensor tensor, long i) {
    return Spans.address(tensor, i / tensor.columns(), i % tensor.columns());
  }

  static double[] values(Tensor tensor) {
    double[] values = new double[Math.toIntExact(tensor.elements())];
    Arrays.setAll(values, i -> get(tensor, i));
    return values;
  }

  /** Within {@code tolerance} of the scale that the expected values have, or half a BF16 step. */
  void check(String what, double[] expected, Tensor actual, double tolerance) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double relative = actual.dtype() == DType.BF16 ? 0x1.02p-8 : 0;
    for (int i = 0; i < expected.length; i++) {
      double allowed = tolerance * scale + relative * Math.abs(expected[i]);
      int at = i;
      assertEquals(
          expected[i],
          get(actual, i),
          allowed,
          () -> what + " " + actual + " at " + at + ", seed " + seed);
    }
  }

  @Override
  public void close() {
    device.close();
  }
}
