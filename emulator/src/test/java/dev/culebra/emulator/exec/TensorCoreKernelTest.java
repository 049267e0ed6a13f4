package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Kernels as people write them for tensor cores, compiled by nvcc, against sums in double. */
class TensorCoreKernelTest {
  private static final long SEED = System.nanoTime();
  private static final int DEPTH = 64;

  /** Relative to the sum of magnitudes: cut off once for each group of products. */
  private static final double F32_TOLERANCE = 0x1p-19;

  private static final double BF16_UNIT = 0x1p-8;

  private final Random random = new Random(SEED);

  private static Emulation emulation(ExecutionOptions options) {
    return new Emulation(CudaSource.module("tensor_core.cu", 90), options);
  }

  private static long buffer(Emulation emulation, short[] values) {
    long address = emulation.memory.allocate(values.length * 2L, "matrix");
    emulation.memory.copyIn(address, MemorySegment.ofArray(values));
    return address;
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private short[] halves(int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = Float.floatToFloat16((float) random.nextGaussian());
    }
    return values;
  }

  private short[] brainFloats(int count) {
    short[] values = new short[count];
    for (int i = 0; i < count; i++) {
      values[i] = (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16);
    }
    return values;
  }

  private static double brainFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Sum of products, and of their magnitudes. */
  private static double[] sum(IntToDoubleFunction a, IntToDoubleFunction b) {
    double[] result = new double[2];
    for (int k = 0; k < DEPTH; k++) {
      double product = a.applyAsDouble(k) * b.applyAsDouble(k);
      result[0] += product;
      result[1] += Math.abs(product);
    }
    return result;
  }

  @Test
  void wmma_of_halves_is_a_product_of_matrices() {
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      short[] a = halves(16 * DEPTH);
      short[] b = halves(DEPTH * 16);
      float[] c = floats(16 * 16);
      long d = emulation.empty(16 * 16);
      emulation.run(
          "halves",
          1,
          32,
          buffer(emulation, a),
          buffer(emulation, b),
          emulation.buffer(c),
          d,
          DEPTH);
      float[] actual = emulation.floats(d, 16 * 16);
      for (int i = 0; i < actual.length; i++) {
        int row = i / 16;
        int column = i % 16;
        double[] sum =
            sum(
                k -> Float.float16ToFloat(a[row * DEPTH + k]),
                k -> Float.float16ToFloat(b[k * 16 + column]));
        assertEquals(
            0.5 * sum[0] + c[i],
            actual[i],
            F32_TOLERANCE * (sum[1] + 1),
            "seed " + SEED + ", " + i);
      }
    }
  }

  @Test
  void wide_wmma_of_bf16_is_a_product_of_matrices() {
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      short[] a = brainFloats(8 * DEPTH);
      short[] b = brainFloats(32 * DEPTH);
      float[] c = floats(8 * 32);
      long d = emulation.empty(8 * 32);
      emulation.run(
          "wide", 1, 32, buffer(emulation, a), buffer(emulation, b), emulation.buffer(c), d, DEPTH);
      float[] actual = emulation.floats(d, 8 * 32);
      for (int i = 0; i < actual.length; i++) {
        int row = i / 32;
        int column = i % 32;
        double[] sum =
            sum(k -> brainFloat(a[row * DEPTH + k]), k -> brainFloat(b[column * DEPTH + k]));
        assertEquals(
            0.5 * sum[0] + c[i],
            actual[i],
            F32_TOLERANCE * (sum[1] + 1),
            "seed " + SEED + ", " + i);
      }
    }
  }

  @Test
  void tall_wmma_of_bytes_is_exact() {
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      byte[] a = new byte[32 * DEPTH];
      byte[] b = new byte[8 * DEPTH];
      random.nextBytes(a);
      random.nextBytes(b);
      int[] c = random.ints(32 * 8, -1000, 1000).toArray();
      long d = emulation.empty(32 * 8);
      emulation.run(
          "tall", 1, 32, emulation.buffer(a), emulation.buffer(b), emulation.buffer(c), d, DEPTH);
      int[] actual = emulation.ints(d, 32 * 8);
      for (int i = 0; i < actual.length; i++) {
        int row = i / 8;
        int column = i % 8;
        double[] sum = sum(k -> a[row * DEPTH + k], k -> b[column * DEPTH + k]);
        assertEquals(3 * (int) sum[0] + c[i], actual[i], "seed " + SEED + ", element " + i);
      }
    }
  }

  @Test
  void wmma_of_doubles_adds_product_by_product() {
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      double[] a = random.doubles(8 * DEPTH).toArray();
      double[] b = random.doubles(8 * DEPTH).toArray();
      double[] c = random.doubles(8 * 8).toArray();
      long[] addresses = new long[3];
      double[][] all = {a, b, c};
      for (int i = 0; i < all.length; i++) {
        addresses[i] = emulation.memory.allocate(all[i].length * 8L, "matrix");
        emulation.memory.copyIn(addresses[i], MemorySegment.ofArray(all[i]));
      }
      long d = emulation.empty(2 * 8 * 8);
      emulation.run("doubles", 1, 32, addresses[0], addresses[1], addresses[2], d, DEPTH);
      double[] actual =
          emulation.memory.segment(d, 8 * 8 * 8L).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
      for (int i = 0; i < actual.length; i++) {
        double sum = 0;
        for (int k = 0; k < DEPTH; k++) {
          sum = Math.fma(a[i / 8 * DEPTH + k], b[k * 8 + i % 8], sum);
        }
        // nvcc makes one instruction of the multiplication by alpha and the addition.
        assertEquals(Math.fma(0.5, sum, c[i]), actual[i], "seed " + SEED + ", element " + i);
      }
    }
  }

  @Test
  void ldmatrix_mma_and_stmatrix_make_a_product_of_matrices_under_every_schedule() {
    short[] a = brainFloats(64 * DEPTH);
    short[] b = brainFloats(64 * DEPTH);
    for (Schedule schedule :
        new Schedule[] {new Schedule.Fixed(), new Schedule.Late(), new Schedule.Random(SEED)}) {
      try (Emulation emulation = emulation(ExecutionOptions.checked().with(schedule))) {
        long d = emulation.empty(64 * 64 / 2);
        emulation.run("by_hand", 1, 128, buffer(emulation, a), buffer(emulation, b), d, DEPTH);
        short[] actual =
            emulation.memory.segment(d, 64 * 64 * 2L).toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
        for (int i = 0; i < actual.length; i++) {
          int row = i / 64;
          int column = i % 64;
          double[] sum =
              sum(k -> brainFloat(a[row * DEPTH + k]), k -> brainFloat(b[column * DEPTH + k]));
          assertEquals(
              sum[0],
              brainFloat(actual[i]),
              F32_TOLERANCE * sum[1] + BF16_UNIT * Math.abs(sum[0]),
              "seed " + SEED + ", " + schedule + ", element " + i);
        }
      }
    }
  }
}
