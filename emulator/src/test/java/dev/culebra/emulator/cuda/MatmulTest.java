package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cublas.cublas_h.cublasCreate_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasDestroy_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasGemmEx;
import static dev.culebra.bindings.cublas.cublas_h.cublasGemmStridedBatchedEx;
import static dev.culebra.bindings.cublas.cublas_h.cublasSetPointerMode_v2;
import static dev.culebra.bindings.cublas.cublas_h.cublasSgemm_v2;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_BGRADA;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_BGRADB;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_BIAS;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_DEFAULT;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_DGELU;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_DGELU_BGRAD;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_DRELU;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_GELU_AUX;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_GELU_AUX_BIAS;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_RELU_AUX;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_EPILOGUE_RELU_BIAS;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_POINTER_MODE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoH_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static dev.culebra.emulator.cuda.Matmuls.BF16;
import static dev.culebra.emulator.cuda.Matmuls.COMPUTE_32F;
import static dev.culebra.emulator.cuda.Matmuls.F32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** cuBLAS and cuBLASLt behind their bindings, against products in {@code double}. */
@ExtendWith(CudaExtension.class)
class MatmulTest {
  private static final int SUCCESS = 0;
  private static final int INVALID_VALUE = 7;
  private static final int NOT_SUPPORTED = 15;
  private static final double F32_TOLERANCE = 1e-5;
  private static final double BF16_TOLERANCE = 1.0 / 128;

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  @BeforeEach
  void print() {
    System.out.println("MatmulTest seed " + seed);
  }

  private float[] draw(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = bf16((float) random.nextGaussian()); // exact in both types
    }
    return values;
  }

  private static float bf16(float value) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xFFFF0000);
  }

  private static long upload(Cuda cuda, int type, float[] values) {
    MemorySegment bytes;
    if (type == F32) {
      bytes = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    } else {
      bytes = cuda.arena.allocate(2L * values.length);
      for (int i = 0; i < values.length; i++) {
        short half = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
        bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, half);
      }
    }
    long address = cuda.allocate(bytes.byteSize());
    cuda.ok(cuMemcpyHtoD_v2(address, bytes, bytes.byteSize()));
    return address;
  }

  private static float[] download(Cuda cuda, int type, long address, int count) {
    MemorySegment bytes = cuda.arena.allocate((type == F32 ? 4L : 2L) * count);
    cuda.ok(cuMemcpyDtoH_v2(bytes, address, bytes.byteSize()));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          type == F32
              ? bytes.getAtIndex(ValueLayout.JAVA_FLOAT, i)
              : Float.intBitsToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
    }
    return values;
  }

  /** Element (row, column) of a product of matrices by columns. */
  private static double product(
      float[] a, int lda, boolean ta, float[] b, int ldb, boolean tb, int k, int row, int column) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      double left = ta ? a[row * lda + i] : a[i * lda + row];
      double right = tb ? b[i * ldb + column] : b[column * ldb + i];
      sum += left * right;
    }
    return sum;
  }

  private static void near(IntToDoubleFunction expected, float[] actual, double tolerance) {
    for (int i = 0; i < actual.length; i++) {
      double wanted = expected.applyAsDouble(i);
      assertEquals(wanted, actual[i], tolerance * (4 + Math.abs(wanted)), "element " + i);
    }
  }

  @Test
  void gemm_multiplies_in_every_orientation_with_padded_columns(Cuda cuda) {
    cublasCreate_v2(cuda.out);
    MemorySegment handle = cuda.handle();
    for (int type : new int[] {F32, BF16}) {
      for (int way = 0; way < 4; way++) {
        boolean ta = (way & 1) != 0;
        boolean tb = (way & 2) != 0;
        int m = random.nextInt(1, 20);
        int n = random.nextInt(1, 20);
        int k = random.nextInt(1, 30);
        int lda = (ta ? k : m) + random.nextInt(4);
        int ldb = (tb ? n : k) + random.nextInt(4);
        int ldc = m + random.nextInt(4);
        float[] a = draw(lda * (ta ? m : k));
        float[] b = draw(ldb * (tb ? k : n));
        float[] c = draw(ldc * n);
        long atC = upload(cuda, type, c);
        MemorySegment factors = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.5f, -2);
        assertEquals(
            SUCCESS,
            cublasGemmEx(
                handle,
                ta ? 1 : 0,
                tb ? 1 : 0,
                m,
                n,
                k,
                factors,
                Cuda.handle(upload(cuda, type, a)),
                type,
                lda,
                Cuda.handle(upload(cuda, type, b)),
                type,
                ldb,
                factors.asSlice(4),
                Cuda.handle(atC),
                type,
                ldc,
                COMPUTE_32F,
                -1));
        float[] result = download(cuda, type, atC, c.length);
        near(
            i ->
                i % ldc >= m
                    ? c[i]
                    : 0.5 * product(a, lda, ta, b, ldb, tb, k, i % ldc, i / ldc) - 2 * c[i],
            result,
            type == F32 ? F32_TOLERANCE : BF16_TOLERANCE);
      }
    }
    cublasDestroy_v2(handle);
  }

  @Test
  void strided_batches_multiply_each_pair_with_scalars_on_the_device(Cuda cuda) {
    cublasCreate_v2(cuda.out);
    MemorySegment handle = cuda.handle();
    int m = 7;
    int n = 5;
    int k = 11;
    int batches = 3;
    float[] a = draw(m * k * batches);
    float[] b = draw(k * n);
    long atC = cuda.allocate(4L * m * n * batches);
    long factors = upload(cuda, F32, new float[] {3, 0});
    cublasSetPointerMode_v2(handle, 1);
    assertEquals(
        SUCCESS,
        cublasGemmStridedBatchedEx(
            handle,
            0,
            0,
            m,
            n,
            k,
            Cuda.handle(factors),
            Cuda.handle(upload(cuda, F32, a)),
            F32,
            m,
            m * k,
            Cuda.handle(upload(cuda, F32, b)),
            F32,
            k,
            0,
            Cuda.handle(factors + 4),
            Cuda.handle(atC),
            F32,
            m,
            m * n,
            batches,
            COMPUTE_32F,
            -1));
    float[] result = download(cuda, F32, atC, m * n * batches);
    near(
        i -> {
          float[] own = Arrays.copyOfRange(a, i / (m * n) * m * k, a.length);
          return 3 * product(own, m, false, b, k, false, k, i % m, i % (m * n) / m);
        },
        result,
        F32_TOLERANCE);
    cublasDestroy_v2(handle);
  }

  @Test
  void a_zero_beta_does_not_read_c(Cuda cuda) {
    float[] nan = {Float.NaN, Float.NaN, Float.NaN, Float.NaN};
    try (Matmuls matmul = square(cuda, 2)) {
      long at = upload(cuda, F32, new float[] {1, 2, 3, 4});
      long out = upload(cuda, F32, nan);
      assertEquals(SUCCESS, matmul.run(at, at, out, out));
      near(i -> new double[] {7, 10, 15, 22}[i], download(cuda, F32, out, 4), 0);
    }
  }

  private static Matmuls square(Cuda cuda, int size) {
    return square(cuda, size, F32);
  }

  private static Matmuls square(Cuda cuda, int size, int type) {
    Matmuls matmul = new Matmuls(cuda, COMPUTE_32F, F32);
    matmul.a = matmul.layout(type, size, size, size);
    matmul.b = matmul.layout(type, size, size, size);
    matmul.c = matmul.layout(type, size, size, size);
    matmul.d = matmul.layout(type, size, size, size);
    return matmul;
  }

  @Test
  void layouts_by_rows_and_batches_are_understood(Cuda cuda) {
    int m = 6;
    int n = 4;
    int k = 9;
    float[] a = draw(2 * m * k);
    float[] b = draw(2 * k * n);
    long out = cuda.allocate(2L * 4 * m * n);
    try (Matmuls matmul = new Matmuls(cuda, COMPUTE_32F, F32)) {
      matmul.a = matmul.layout(F32, m, k, k);
      matmul.b = matmul.layout(F32, k, n, k);
      matmul.c = matmul.layout(F32, m, n, m);
      matmul.d = matmul.layout(F32, m, n, m);
      matmul.byRows(matmul.a);
      matmul.batched(matmul.a, 2, m * k);
      matmul.batched(matmul.b, 2, k * n);
      matmul.batched(matmul.c, 2, m * n);
      matmul.batched(matmul.d, 2, m * n);
      assertEquals(SUCCESS, matmul.run(upload(cuda, F32, a), upload(cuda, F32, b), out, out));
    }
    near(
        i -> {
          int batch = i / (m * n);
          float[] left = Arrays.copyOfRange(a, batch * m * k, a.length);
          float[] right = Arrays.copyOfRange(b, batch * k * n, b.length);
          return product(left, k, true, right, k, false, k, i % m, i % (m * n) / m);
        },
        download(cuda, F32, out, 2 * m * n),
        F32_TOLERANCE);
  }

  private static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  @Test
  void epilogues_add_the_bias_activate_and_keep_what_went_in(Cuda cuda) {
    int size = 8;
    float[] a = draw(size * size);
    float[] b = draw(size * size);
    float[] bias = draw(size);
    long atA = upload(cuda, F32, a);
    long atB = upload(cuda, F32, b);
    long atBias = upload(cuda, F32, bias);
    long out = cuda.allocate(4L * size * size);
    long kept = cuda.allocate(4L * size * size);
    IntToDoubleFunction sum =
        i -> product(a, size, false, b, size, false, size, i % size, i / size) + bias[i % size];
    try (Matmuls matmul = square(cuda, size)) {
      matmul.epilogue(CUBLASLT_EPILOGUE_GELU_AUX_BIAS(), atBias, kept, size);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(sum, download(cuda, F32, kept, size * size), F32_TOLERANCE);
      near(i -> gelu(sum.applyAsDouble(i)), download(cuda, F32, out, size * size), F32_TOLERANCE);
      matmul.epilogue(CUBLASLT_EPILOGUE_RELU_BIAS(), atBias, 0, 0);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(
          i -> Math.max(0, sum.applyAsDouble(i)),
          download(cuda, F32, out, size * size),
          F32_TOLERANCE);
    }
  }

  /** In BF16, whose products the library gives this epilogue; sums round to it once. */
  @Test
  void gradients_go_back_through_gelu_and_sum_to_the_biass(Cuda cuda) {
    int size = 64;
    float[] a = draw(size * size);
    float[] b = draw(size * size);
    float[] inputs = draw(size * size);
    long atA = upload(cuda, BF16, a);
    long atB = upload(cuda, BF16, b);
    long atInputs = upload(cuda, BF16, inputs);
    long out = cuda.allocate(2L * size * size);
    long gradient = cuda.allocate(2L * size);
    double step = 1e-5;
    IntToDoubleFunction back =
        i -> {
          double slope = (gelu(inputs[i] + step) - gelu(inputs[i] - step)) / (2 * step);
          return slope * product(a, size, false, b, size, false, size, i % size, i / size);
        };
    try (Matmuls matmul = square(cuda, size, BF16)) {
      matmul.epilogue(CUBLASLT_EPILOGUE_DGELU(), 0, atInputs, size);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(back, download(cuda, BF16, out, size * size), BF16_TOLERANCE);
      matmul.epilogue(CUBLASLT_EPILOGUE_DGELU_BGRAD(), gradient, atInputs, size);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(
          row -> sum(column -> back.applyAsDouble(column * size + row), size),
          download(cuda, BF16, gradient, size),
          BF16_TOLERANCE);
      matmul.epilogue(CUBLASLT_EPILOGUE_BGRADA(), gradient, 0, 0);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(
          row -> sum(i -> a[i * size + row], size),
          download(cuda, BF16, gradient, size),
          BF16_TOLERANCE);
      matmul.epilogue(CUBLASLT_EPILOGUE_BGRADB(), gradient, 0, 0);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(
          column -> sum(i -> b[column * size + i], size),
          download(cuda, BF16, gradient, size),
          BF16_TOLERANCE);
    }
    try (Matmuls matmul = square(cuda, 8)) {
      matmul.epilogue(CUBLASLT_EPILOGUE_DGELU(), 0, atInputs, 8);
      assertEquals(NOT_SUPPORTED, matmul.run(atA, atB, out, out));
      matmul.epilogue(CUBLASLT_EPILOGUE_DGELU_BGRAD(), gradient, atInputs, 8);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
    }
  }

  private static double sum(IntToDoubleFunction terms, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += terms.applyAsDouble(i);
    }
    return sum;
  }

  @Test
  void relus_mask_goes_from_the_forward_to_the_backward_product(Cuda cuda) {
    int size = 16;
    float[] a = draw(size * size);
    float[] b = draw(size * size);
    long atA = upload(cuda, F32, a);
    long atB = upload(cuda, F32, b);
    long out = cuda.allocate(4L * size * size);
    long mask = cuda.allocate(128L * size / 8);
    IntToDoubleFunction sum =
        i -> product(a, size, false, b, size, false, size, i % size, i / size);
    try (Matmuls matmul = square(cuda, size)) {
      matmul.epilogue(CUBLASLT_EPILOGUE_RELU_AUX(), 0, mask, 128);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      matmul.epilogue(CUBLASLT_EPILOGUE_DRELU(), 0, mask, 128);
      assertEquals(SUCCESS, matmul.run(atA, atB, out, out));
      near(
          i -> sum.applyAsDouble(i) > 0 ? sum.applyAsDouble(i) : 0,
          download(cuda, F32, out, size * size),
          F32_TOLERANCE);
    }
  }

  @Test
  void a_kernel_faults_over_a_matrix_that_lies_where_it_should_not(Cuda cuda) {
    assumeFalse(Cuda.REAL, "a real device is lost to the process, and so to all other tests");
    cuda.misuses();
    long at = upload(cuda, F32, draw(64));
    try (Matmuls matmul = square(cuda, 4)) {
      assertEquals(SUCCESS, matmul.run(at + 4, at, at, at));
      cuda.ok(cuCtxSynchronize());
      assertEquals(SUCCESS, matmul.run(at + 2, at, at, at));
      cuda.is("MISALIGNED_ADDRESS", cuCtxSynchronize());
    }
  }

  @Test
  void an_algorithm_relies_on_the_alignment_that_was_promised(Cuda cuda) {
    assumeFalse(Cuda.REAL, "which algorithm needs how much is the library's own affair");
    cuda.misuses();
    long at = upload(cuda, F32, draw(64));
    try (Matmuls matmul = square(cuda, 4)) {
      matmul.chooseAlgorithm(4);
      assertEquals(SUCCESS, matmul.run(at + 4, at, at, at));
      cuda.ok(cuCtxSynchronize());
      matmul.chooseAlgorithm(16);
      assertEquals(SUCCESS, matmul.run(at + 4, at, at, at));
      cuda.is("MISALIGNED_ADDRESS", cuCtxSynchronize());
    }
  }

  @Test
  void heuristics_refuse_what_no_algorithm_does(Cuda cuda) {
    cuda.misuses();
    long at = upload(cuda, F32, draw(64));
    try (Matmuls matmul = square(cuda, 4)) {
      assertEquals(NOT_SUPPORTED, matmul.heuristics(2), "less aligned than an element");
      matmul.epilogue(CUBLASLT_EPILOGUE_BIAS(), at + 2, 0, 0);
      assertEquals(INVALID_VALUE, matmul.heuristics(16), "a bias that is not aligned");
      matmul.epilogue(CUBLASLT_EPILOGUE_GELU_AUX(), 0, at, 3);
      assertEquals(INVALID_VALUE, matmul.heuristics(16), "a buffer with too short columns");
      matmul.epilogue(CUBLASLT_EPILOGUE_GELU_AUX(), 0, at, 5);
      assertEquals(SUCCESS, matmul.heuristics(16));
      matmul.epilogue(CUBLASLT_EPILOGUE_RELU_AUX(), 0, at, 64);
      assertEquals(INVALID_VALUE, matmul.heuristics(16), "a mask of half a line");
    }
  }

  @Test
  void pointers_of_steps_that_the_epilogue_lacks_are_refused(Cuda cuda) {
    cuda.misuses();
    long at = upload(cuda, F32, draw(64));
    try (Matmuls matmul = square(cuda, 4)) {
      matmul.epilogue(CUBLASLT_EPILOGUE_DEFAULT(), at, 0, 0);
      assertEquals(INVALID_VALUE, matmul.run(at, at, at, at));
      matmul.epilogue(CUBLASLT_EPILOGUE_RELU_BIAS(), at, at, 128);
      assertEquals(NOT_SUPPORTED, matmul.run(at, at, at, at));
      matmul.epilogue(CUBLASLT_EPILOGUE_BIAS(), at, at, 128);
      assertEquals(SUCCESS, matmul.run(at, at, at, at));
    }
  }

  @Test
  void what_the_manual_forbids_is_refused_as_the_library_does(Cuda cuda) {
    cuda.misuses();
    long at = upload(cuda, F32, draw(64));
    try (Matmuls matmul = square(cuda, 4)) {
      assertEquals(INVALID_VALUE, matmul.run(at, at, at, 0), "no D");
      matmul.epilogue(4, 0, 0, 0);
      assertEquals(INVALID_VALUE, matmul.run(at, at, at, at), "no bias");
      matmul.epilogue(CUBLASLT_EPILOGUE_GELU_AUX_BIAS(), at, at, 4);
      assertEquals(INVALID_VALUE, matmul.run(at, at, at, at), "auxiliary's leading dimension");
      matmul.epilogue(1, 0, 0, 0);
      matmul.b = matmul.layout(F32, 3, 4, 3);
      assertEquals(INVALID_VALUE, matmul.run(at, at, at, at), "shapes");
      matmul.b = matmul.layout(BF16, 4, 4, 4);
      assertEquals(NOT_SUPPORTED, matmul.run(at, at, at, at), "types");
      assertEquals(
          INVALID_VALUE, matmul.attribute(CUBLASLT_MATMUL_DESC_POINTER_MODE(), 0, 2), "size");
    }
    cublasCreate_v2(cuda.out);
    MemorySegment handle = cuda.handle();
    MemorySegment one = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
    MemorySegment place = Cuda.handle(at);
    assertEquals(
        INVALID_VALUE,
        cublasSgemm_v2(handle, 0, 0, 4, 4, 4, one, place, 3, place, 4, one, place, 4),
        "lda");
    assertEquals(
        INVALID_VALUE,
        cublasSgemm_v2(handle, 0, 0, -1, 4, 4, one, place, 4, place, 4, one, place, 4),
        "m");
    assertEquals(
        INVALID_VALUE,
        cublasSgemm_v2(handle, 3, 0, 4, 4, 4, one, place, 4, place, 4, one, place, 4),
        "transa");
    cublasDestroy_v2(handle);
    assertEquals(
        1,
        cublasSgemm_v2(handle, 0, 0, 4, 4, 4, one, place, 4, place, 4, one, place, 4),
        "a destroyed handle");
  }
}
