package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_TRANSA;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_DESC_TRANSB;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATRIX_LAYOUT_ORDER;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_ORDER_ROW;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtCreate;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtDestroy;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmul;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulAlgoGetHeuristic;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulDescCreate;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulDescDestroy;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulDescSetAttribute;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulPreferenceCreate;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulPreferenceDestroy;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatmulPreferenceSetAttribute;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatrixLayoutCreate;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatrixLayoutDestroy;
import static dev.culebra.bindings.cublaslt.cublasLt_h.cublasLtMatrixLayoutSetAttribute;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.cublaslt.cublasLtMatmulHeuristicResult_t;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** cuBLASLt through its bindings: one product, its descriptors set up as a test likes them. */
final class Matmuls implements AutoCloseable {
  static final int F32 = 0;
  static final int BF16 = 14;
  static final int COMPUTE_32F = 68;

  private final Cuda cuda;
  private final MemorySegment handle;
  final MemorySegment operation;
  MemorySegment a;
  MemorySegment b;
  MemorySegment c;
  MemorySegment d;
  float alpha = 1;
  float beta;

  /** Null for whichever the library likes. */
  private MemorySegment algorithm = MemorySegment.NULL;

  Matmuls(Cuda cuda, int compute, int scale) {
    this.cuda = cuda;
    assertEquals(0, cublasLtCreate(cuda.out));
    handle = cuda.handle();
    assertEquals(0, cublasLtMatmulDescCreate(cuda.out, compute, scale));
    operation = cuda.handle();
  }

  /** A layout by columns. */
  MemorySegment layout(int type, long rows, long columns, long leadingDimension) {
    assertEquals(0, cublasLtMatrixLayoutCreate(cuda.out, type, rows, columns, leadingDimension));
    MemorySegment layout = cuda.handle();
    cuda.atEnd(() -> cublasLtMatrixLayoutDestroy(layout));
    return layout;
  }

  void byRows(MemorySegment layout) {
    assertEquals(0, set(layout, CUBLASLT_MATRIX_LAYOUT_ORDER(), CUBLASLT_ORDER_ROW(), 4));
  }

  void batched(MemorySegment layout, int count, long stride) {
    assertEquals(0, set(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT(), count, 4));
    assertEquals(0, set(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET(), stride, 8));
  }

  private int set(MemorySegment layout, int attribute, long value, long bytes) {
    return cublasLtMatrixLayoutSetAttribute(layout, attribute, number(value), bytes);
  }

  private MemorySegment number(long value) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, value);
  }

  /** Sets an attribute of the product; the status. */
  int attribute(int attribute, long value, long bytes) {
    return cublasLtMatmulDescSetAttribute(operation, attribute, number(value), bytes);
  }

  void transpose(boolean transposeA, boolean transposeB) {
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_TRANSA(), transposeA ? 1 : 0, 4));
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_TRANSB(), transposeB ? 1 : 0, 4));
  }

  void epilogue(int epilogue, long bias, long auxiliary, long leadingDimension) {
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_EPILOGUE(), epilogue, 4));
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_BIAS_POINTER(), bias, 8));
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER(), auxiliary, 8));
    assertEquals(0, attribute(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD(), leadingDimension, 8));
  }

  /** Takes an algorithm that relies on matrices at multiples of so many bytes. */
  void chooseAlgorithm(int alignment) {
    assertEquals(0, heuristics(alignment));
    assertEquals(1, cuda.integer());
  }

  /** The status of a search for such an algorithm. */
  int heuristics(int alignment) {
    assertEquals(0, cublasLtMatmulPreferenceCreate(cuda.out));
    MemorySegment preference = cuda.handle();
    int first = CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES();
    for (int attribute = first; attribute < first + 4; attribute++) {
      assertEquals(
          0, cublasLtMatmulPreferenceSetAttribute(preference, attribute, number(alignment), 4));
    }
    MemorySegment result = cuda.arena.allocate(cublasLtMatmulHeuristicResult_t.layout());
    int status =
        cublasLtMatmulAlgoGetHeuristic(
            handle, operation, a, b, c, d, preference, 1, result, cuda.out);
    algorithm = cublasLtMatmulHeuristicResult_t.algo(result);
    cublasLtMatmulPreferenceDestroy(preference);
    return status;
  }

  /** The status of the product of matrices at those addresses. */
  int run(long atA, long atB, long atC, long atD) {
    return run(MemorySegment.NULL, atA, atB, atC, atD);
  }

  /** The same in a stream. */
  int run(MemorySegment stream, long atA, long atB, long atC, long atD) {
    MemorySegment factors = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, alpha, beta);
    return cublasLtMatmul(
        handle,
        operation,
        factors,
        Cuda.handle(atA),
        a,
        Cuda.handle(atB),
        b,
        factors.asSlice(4),
        Cuda.handle(atC),
        c,
        Cuda.handle(atD),
        d,
        algorithm,
        MemorySegment.NULL,
        0,
        stream);
  }

  @Override
  public void close() {
    cublasLtMatmulDescDestroy(operation);
    cublasLtDestroy(handle);
  }
}
