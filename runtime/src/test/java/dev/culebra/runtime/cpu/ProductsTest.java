package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Products through every path inside the device, by what holds between them. */
class ProductsTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void all_paths_agree_with_sums_in_double() {
    try (CpuDevice device = new CpuDevice(3);
        Arena arena = device.memory().arena("test", 64 << 20)) {
      for (int m : new int[] {1, 2, 4, 5, 12, 13, 130, 257}) {
        int n = 1 + random.nextInt(150);
        int k = 1 + random.nextInt(200);
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
          for (WeightFormat format : WeightFormat.values()) {
            compare(device, arena, type, format, m, n, k);
          }
        }
      }
    }
  }

  private void compare(
      CpuDevice device, Arena arena, DType type, WeightFormat format, int m, int n, int k) {
    float[] x = values(type, m * k);
    float[] w = values(type, n * k);
    float[] bias = values(type, n);
    float[] out = values(type, m * n);
    Tensor xs = tensor(device, arena, type, x, m, k);
    Tensor ws = tensor(device, arena, type, w, n, k);
    Tensor biases = tensor(device, arena, type, bias, n);
    Tensor outs = tensor(device, arena, type, out, m, n);
    Tensor kept = arena.allocate(type, m, n);
    Tensor activated = arena.allocate(type, m, n);
    Tensor activatedOnly = arena.allocate(type, m, n);
    try (Weight weight = device.weight(ws, format, false)) {
      device.ops().refresh(weight);
      device.ops().matmul(xs, weight, Epilogue.residual(biases), outs);
      device.ops().matmul(xs, weight, Epilogue.gelu(biases, kept), activated);
      device.ops().matmul(xs, weight, Epilogue.gelu(biases, null), activatedOnly);
    }
    float[] used = format == WeightFormat.SOURCE ? w : rounded(w, n, k, format);
    float unit = type == DType.BF16 ? 0x1p-8f : 0x1p-23f;
    float[] got = read(outs);
    float[] pre = read(kept);
    float[] gelu = read(activated);
    float[] geluOnly = read(activatedOnly);
    for (int i = 0; i < m * n; i++) {
      double sum = bias[i % n];
      double size = Math.abs(sum);
      for (int j = 0; j < k; j++) {
        double term = (double) x[i / n * k + j] * used[i % n * k + j];
        sum += term;
        size += Math.abs(term);
      }
      double rounding = size * (k + 4) * 0x1p-24;
      String place =
          type + " by " + format + " " + m + "x" + n + "x" + k + " at " + i + ", seed " + seed;
      double before = out[i];
      close(sum + before, got[i], rounding + unit * Math.abs(sum + before) + 1e-6, place);
      close(sum, pre[i], rounding + unit * Math.abs(sum) + 1e-6, place);
      double activation =
          0.5 * sum * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (sum + 0.044715 * sum * sum * sum)));
      double tolerance = 1.2 * (rounding + 2 * unit * Math.abs(sum)) + 2e-6;
      close(activation, gelu[i], tolerance, "kept " + place);
      close(activation, geluOnly[i], tolerance, "gelu " + place);
    }
  }

  /** So large that a processor without AVX-512 multiplies them by {@link Gemm}. */
  @Test
  void large_products_and_their_gradients_agree_with_sums_in_double() {
    int m = 410 + random.nextInt(100);
    int n = 410 + random.nextInt(100);
    int k = 410 + random.nextInt(100);
    float[] x = values(DType.F32, m * k);
    float[] w = values(DType.F32, n * k);
    float[] bias = values(DType.F32, n);
    float[] dout = values(DType.F32, m * n);
    float[] kept = values(DType.F32, n * k);
    try (CpuDevice device = new CpuDevice(1);
        Arena arena = device.memory().arena("test", 32 << 20)) {
      Tensor xs = tensor(device, arena, DType.F32, x, m, k);
      Tensor ws = tensor(device, arena, DType.F32, w, n, k);
      Tensor douts = tensor(device, arena, DType.F32, dout, m, n);
      Tensor dweight = tensor(device, arena, DType.F32, kept, n, k);
      Tensor out = arena.allocate(DType.F32, m, n);
      Tensor dx = arena.allocate(DType.F32, m, k);
      Epilogue epilogue = Epilogue.bias(tensor(device, arena, DType.F32, bias, n));
      try (Weight weight = device.weight(ws, WeightFormat.SOURCE, true)) {
        device.ops().refresh(weight);
        device.ops().matmul(xs, weight, epilogue, out);
        device.ops().matmulBackwardInput(douts, weight, false, dx);
        device.ops().matmulBackwardWeight(douts, xs, true, dweight, null);
      }
      float[] outs = read(out);
      float[] dxs = read(dx);
      float[] dweights = read(dweight);
      for (int sample = 0; sample < 300; sample++) {
        int i = random.nextInt(m);
        int j = random.nextInt(n);
        int l = random.nextInt(k);
        String place = m + "x" + n + "x" + k + " at " + i + ", " + j + ", " + l + ", seed " + seed;
        dot(bias[j], k, e -> (double) x[i * k + e] * w[j * k + e], outs[i * n + j], "y " + place);
        dot(0, n, e -> (double) dout[i * n + e] * w[e * k + l], dxs[i * k + l], "dx " + place);
        dot(
            kept[j * k + l],
            m,
            e -> (double) dout[e * n + j] * x[e * k + l],
            dweights[j * k + l],
            "dw " + place);
      }
    }
  }

  private static void dot(
      double start, int terms, IntToDoubleFunction term, float actual, String place) {
    double sum = start;
    double size = Math.abs(start);
    for (int i = 0; i < terms; i++) {
      sum += term.applyAsDouble(i);
      size += Math.abs(term.applyAsDouble(i));
    }
    close(sum, actual, (terms + 2) * 0x1p-24 * size, place);
  }

  private static void close(double expected, double actual, double tolerance, String place) {
    assertTrue(
        Math.abs(expected - actual) <= tolerance,
        () -> place + ": expected " + expected + ", got " + actual + ", tolerance " + tolerance);
  }

  @Test
  void a_quantised_weight_is_within_half_a_step_of_its_source() {
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("test", 16 << 20)) {
      int n = 37;
      int k = 67;
      float[] w = values(DType.F32, n * k);
      float[] identity = new float[k * k];
      for (int i = 0; i < k; i++) {
        identity[i * k + i] = 1;
      }
      Tensor eye = tensor(device, arena, DType.F32, identity, k, k);
      Tensor out = arena.allocate(DType.F32, k, n);
      try (Weight weight =
          device.weight(tensor(device, arena, DType.F32, w, n, k), WeightFormat.INT8, false)) {
        device.ops().refresh(weight);
        device.ops().matmul(eye, weight, Epilogue.NONE, out);
      }
      float[] transposed = read(out);
      for (int i = 0; i < n * k; i++) {
        float largest = 0;
        int block = i % k / 32 * 32;
        for (int j = block; j < Math.min(k, block + 32); j++) {
          largest = Math.max(largest, Math.abs(w[i / k * k + j]));
        }
        float error = Math.abs(w[i] - transposed[i % k * n + i / k]);
        assertTrue(error <= largest / 254 * 1.0001f, "element " + i + ", seed " + seed);
      }
    }
  }

  @Test
  void a_product_has_the_same_bits_every_time() {
    try (CpuDevice device = new CpuDevice(4);
        Arena arena = device.memory().arena("test", 64 << 20)) {
      Tensor x = tensor(device, arena, DType.F32, values(DType.F32, 300 * 200), 300, 200);
      Tensor w = tensor(device, arena, DType.F32, values(DType.F32, 100 * 200), 100, 200);
      Tensor out = arena.allocate(DType.F32, 300, 100);
      try (Weight weight = device.weight(w, WeightFormat.SOURCE, false)) {
        device.ops().refresh(weight);
        device.ops().matmul(x, weight, Epilogue.NONE, out);
        float[] first = read(out);
        try (Graph graph =
            device.capture(() -> device.ops().matmul(x, weight, Epilogue.NONE, out))) {
          for (int i = 0; i < 50; i++) {
            device.write(out, new float[300 * 100]);
            graph.launch();
            assertArrayEquals(first, read(out), "launch " + i + ", seed " + seed);
          }
        }
      }
    }
  }

  @Test
  void two_devices_at_once_do_not_disturb_each_other() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> one = threads.submit(() -> multiplyOftenAndCheck(1));
      Future<?> two = threads.submit(() -> multiplyOftenAndCheck(2));
      one.get();
      two.get();
    }
  }

  private void multiplyOftenAndCheck(long salt) {
    Random own = new Random(seed + salt);
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("test", 16 << 20)) {
      float[] values = new float[64 * 64];
      for (int i = 0; i < values.length; i++) {
        values[i] = own.nextInt(17) - 8; // whole numbers: every order of summation is exact
      }
      Tensor x = tensor(device, arena, DType.F32, values, 64, 64);
      Tensor out = arena.allocate(DType.F32, 64, 64);
      float[] expected = new float[64 * 64];
      for (int i = 0; i < 64 * 64; i++) {
        for (int j = 0; j < 64; j++) {
          expected[i] += values[i / 64 * 64 + j] * values[i % 64 * 64 + j];
        }
      }
      try (Weight weight = device.weight(x, WeightFormat.SOURCE, false)) {
        device.ops().refresh(weight);
        for (int i = 0; i < 200; i++) {
          device.ops().matmul(x, weight, Epilogue.NONE, out);
          assertArrayEquals(expected, read(out), "product " + i + ", seed " + seed);
        }
      }
    }
  }

  @Test
  void gradients_of_both_types_and_strides_agree_with_sums_in_double() {
    try (CpuDevice device = new CpuDevice(3);
        Arena arena = device.memory().arena("test", 64 << 20)) {
      for (int m : new int[] {0, 1, 5, 64, 131}) {
        for (DType type : new DType[] {DType.F32, DType.BF16}) {
          for (boolean accumulate : new boolean[] {false, true}) {
            compareGradients(device, arena, type, m, accumulate);
          }
        }
      }
    }
  }

  private void compareGradients(
      CpuDevice device, Arena arena, DType type, int m, boolean accumulate) {
    int n = 1 + random.nextInt(90);
    int k = 1 + random.nextInt(90);
    int gap = 3;
    float[] dout = values(type, m * (n + gap));
    float[] x = values(type, m * k);
    float[] w = values(type, n * k);
    float[] dx = values(type, m * k);
    float[] dw = values(DType.F32, n * k);
    float[] db = values(DType.F32, n);
    Tensor douts = tensor(device, arena, type, dout, m, n + gap).columns(gap, n + gap);
    Tensor dxs = tensor(device, arena, type, dx, m, k);
    Tensor dws = tensor(device, arena, DType.F32, dw, n, k);
    Tensor dbs = tensor(device, arena, DType.F32, db, n);
    try (Weight weight =
        device.weight(tensor(device, arena, type, w, n, k), WeightFormat.SOURCE, true)) {
      device.ops().refresh(weight);
      device.ops().matmulBackwardInput(douts, weight, accumulate, dxs);
    }
    Tensor xs = tensor(device, arena, type, x, m, k);
    device.ops().matmulBackwardWeight(douts, xs, accumulate, dws, dbs);
    String place = type + " " + m + "x" + n + "x" + k + ", seed " + seed;
    float unit = type == DType.BF16 ? 0x1p-8f : 0x1p-23f;
    float[] got = read(dxs);
    for (int i = 0; i < m * k; i++) {
      double sum = accumulate ? dx[i] : 0;
      for (int j = 0; j < n; j++) {
        sum += (double) dout[i / k * (n + gap) + gap + j] * w[j * k + i % k];
      }
      close(sum, got[i], 2e-5 * n + unit * Math.abs(sum), "dx " + place);
    }
    got = read(dws);
    for (int i = 0; i < n * k; i++) {
      double sum = accumulate ? dw[i] : 0;
      for (int r = 0; r < m; r++) {
        sum += (double) dout[r * (n + gap) + gap + i / k] * x[r * k + i % k];
      }
      close(sum, got[i], 2e-5 * (m + 1), "dweight " + place);
    }
    got = read(dbs);
    for (int i = 0; i < n; i++) {
      double sum = accumulate ? db[i] : 0;
      for (int r = 0; r < m; r++) {
        sum += dout[r * (n + gap) + gap + i];
      }
      close(sum, got[i], 2e-5 * (m + 1), "dbias " + place);
    }
  }

  @Test
  void refuses_shapes_types_and_formats_that_do_not_fit() {
    try (CpuDevice device = new CpuDevice(1);
        Arena arena = device.memory().arena("test", 1 << 20)) {
      Tensor source = arena.allocate(DType.F32, 4, 6);
      Tensor out = arena.allocate(DType.F32, 2, 4);
      Weight weight = device.weight(source, WeightFormat.SOURCE, true);
      Tensor narrow = arena.allocate(DType.F32, 2, 5);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> device.ops().matmul(narrow, weight, Epilogue.NONE, out))
              .getMessage();
      assertEquals("matmul: x is F32[2, 5], expected [2, 6]", message);
      Tensor rounded = arena.allocate(DType.BF16, 2, 6);
      assertThrows(
          IllegalArgumentException.class,
          () -> device.ops().matmul(rounded, weight, Epilogue.NONE, out));
      assertThrows(
          IllegalArgumentException.class, () -> device.weight(source, WeightFormat.INT8, true));
    }
  }

  private float[] values(DType type, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      float value = (float) random.nextGaussian();
      values[i] = type == DType.BF16 ? bf16(value) : value;
    }
    return values;
  }

  private static float bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
  }

  private static float[] rounded(float[] w, int n, int k, WeightFormat format) {
    float[] rounded = new float[w.length];
    for (int row = 0; row < n; row++) {
      for (int from = 0; from < k; from += 32) {
        float largest = 0;
        for (int i = from; i < Math.min(k, from + 32); i++) {
          largest = Math.max(largest, Math.abs(w[row * k + i]));
        }
        float scale = largest / 127;
        for (int i = row * k + from; i < row * k + Math.min(k, from + 32); i++) {
          rounded[i] =
              format == WeightFormat.BF16 ? bf16(w[i]) : (float) Math.rint(w[i] / scale) * scale;
        }
      }
    }
    return rounded;
  }

  private static Tensor tensor(
      CpuDevice device, Arena arena, DType type, float[] values, long... shape) {
    Tensor tensor = arena.allocate(type, shape);
    for (int i = 0; i < values.length; i++) {
      if (type == DType.F32) {
        Lanes.set(tensor.address() + 4L * i, values[i]);
      } else {
        HostMemory.ALL.set(
            java.lang.foreign.ValueLayout.JAVA_SHORT,
            tensor.address() + 2L * i,
            (short) (Float.floatToRawIntBits(values[i]) >>> 16));
      }
    }
    return tensor;
  }

  private static float[] read(Tensor tensor) {
    float[] values = new float[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          tensor.dtype() == DType.F32
              ? Lanes.get(tensor.address() + 4L * i)
              : Lanes.getBf16(tensor.address() + 2L * i);
    }
    return values;
  }
}
