package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.BlasStatus.INVALID_VALUE;
import static dev.culebra.emulator.blas.BlasStatus.NOT_SUPPORTED;

import dev.culebra.bindings.cublaslt.cublasLtMatmulAlgo_t;
import dev.culebra.bindings.cublaslt.cublasLtMatmulHeuristicResult_t;
import dev.culebra.emulator.blas.Descriptors.Table;
import dev.culebra.emulator.driver.LibraryWork;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** cuBLASLt: descriptors, heuristics and products. */
final class CublasLtApi {
  private static final int SUCCESS = 0;
  private static final long VERSION = 130100;

  /** Marks an algorithm as one that this library gave. */
  private static final long ALGORITHM = 0x00c0_1eb7_a000_0001L;

  /** What the one algorithm asks for, as most of a real library's do. */
  private static final long WORKSPACE_BYTES = 0;

  private static final long WORKSPACE_ALIGNMENT = 16;
  private static final Handles<Object> HANDLES =
      new Handles<>("cuBLASLt handle", 0x00ff_b1a5_1000_0000L);

  private CublasLtApi() {}

  static int cublasLtCreate(long place) {
    Pointers.require(place, "the place for a handle");
    BlasStatus.NOT_INITIALIZED.unless(
        LibraryWork.hasContext(), "no CUDA context is current for this thread");
    Pointers.putLong(place, HANDLES.add(new Object()));
    return SUCCESS;
  }

  static int cublasLtDestroy(long handle) {
    HANDLES.remove(handle);
    return SUCCESS;
  }

  static long cublasLtGetVersion() {
    return VERSION;
  }

  static long cublasLtGetCudartVersion() {
    return 13000;
  }

  static int cublasLtGetProperty(int type, long place) {
    return CublasApi.cublasGetProperty(type, place);
  }

  static long cublasLtGetStatusName(int status) {
    return CublasApi.cublasGetStatusName(status);
  }

  static long cublasLtGetStatusString(int status) {
    return CublasApi.cublasGetStatusString(status);
  }

  // ---- descriptors ----

  static int cublasLtMatrixLayoutCreate(
      long place, int type, long rows, long columns, long leadingDimension) {
    Pointers.require(place, "the place for a layout");
    long made = Table.LAYOUT.create(Descriptors.newLayout(type, rows, columns, leadingDimension));
    Pointers.putLong(place, made);
    return SUCCESS;
  }

  static int cublasLtMatrixLayoutInit_internal(
      long layout, long size, int type, long rows, long columns, long leadingDimension) {
    Table.LAYOUT.init(layout, size, Descriptors.newLayout(type, rows, columns, leadingDimension));
    return SUCCESS;
  }

  static int cublasLtMatrixLayoutDestroy(long layout) {
    Table.LAYOUT.destroy(layout);
    return SUCCESS;
  }

  static int cublasLtMatrixLayoutSetAttribute(long layout, int attribute, long buffer, long bytes) {
    Table.LAYOUT.at(layout).set(attribute, buffer, bytes);
    return SUCCESS;
  }

  static int cublasLtMatrixLayoutGetAttribute(
      long layout, int attribute, long buffer, long bytes, long written) {
    Table.LAYOUT.at(layout).get(attribute, buffer, bytes, written);
    return SUCCESS;
  }

  static int cublasLtMatmulDescCreate(long place, int computeType, int scaleType) {
    Pointers.require(place, "the place for a descriptor");
    Pointers.putLong(place, Table.MATMUL.create(Descriptors.newMatmul(computeType, scaleType)));
    return SUCCESS;
  }

  static int cublasLtMatmulDescInit_internal(
      long descriptor, long size, int computeType, int scaleType) {
    Table.MATMUL.init(descriptor, size, Descriptors.newMatmul(computeType, scaleType));
    return SUCCESS;
  }

  static int cublasLtMatmulDescDestroy(long descriptor) {
    Table.MATMUL.destroy(descriptor);
    return SUCCESS;
  }

  static int cublasLtMatmulDescSetAttribute(
      long descriptor, int attribute, long buffer, long bytes) {
    Table.MATMUL.at(descriptor).set(attribute, buffer, bytes);
    return SUCCESS;
  }

  static int cublasLtMatmulDescGetAttribute(
      long descriptor, int attribute, long buffer, long bytes, long written) {
    Table.MATMUL.at(descriptor).get(attribute, buffer, bytes, written);
    return SUCCESS;
  }

  static int cublasLtMatmulPreferenceCreate(long place) {
    Pointers.require(place, "the place for a preference");
    Pointers.putLong(place, Table.PREFERENCE.create(Descriptors.newPreference()));
    return SUCCESS;
  }

  static int cublasLtMatmulPreferenceInit_internal(long preference, long size) {
    Table.PREFERENCE.init(preference, size, Descriptors.newPreference());
    return SUCCESS;
  }

  static int cublasLtMatmulPreferenceDestroy(long preference) {
    Table.PREFERENCE.destroy(preference);
    return SUCCESS;
  }

  static int cublasLtMatmulPreferenceSetAttribute(
      long preference, int attribute, long buffer, long bytes) {
    Table.PREFERENCE.at(preference).set(attribute, buffer, bytes);
    return SUCCESS;
  }

  static int cublasLtMatmulPreferenceGetAttribute(
      long preference, int attribute, long buffer, long bytes, long written) {
    Table.PREFERENCE.at(preference).get(attribute, buffer, bytes, written);
    return SUCCESS;
  }

  // ---- algorithms ----

  static int cublasLtMatmulAlgoGetHeuristic(
      long handle,
      long operation,
      long a,
      long b,
      long c,
      long d,
      long preference,
      int wanted,
      long results,
      long found) {
    HANDLES.get(handle);
    INVALID_VALUE.unless(wanted > 0, wanted + " algorithms");
    Pointers.require(results, "the place for algorithms");
    Alignment promised = Alignment.promised(Table.PREFERENCE.at(preference));
    Pointers.putInt(found, 0);
    NOT_SUPPORTED.unless(
        describe(operation, a, b, c, d).alignedBy(promised),
        "no algorithm takes matrices that are not aligned to their elements");
    MemorySegment result =
        Pointers.memory(results, cublasLtMatmulHeuristicResult_t.layout().byteSize());
    result.fill((byte) 0);
    MemorySegment algorithm = cublasLtMatmulHeuristicResult_t.algo(result);
    algorithm.set(ValueLayout.JAVA_LONG, 0, ALGORITHM);
    promised.write(algorithm);
    cublasLtMatmulHeuristicResult_t.workspaceSize(result, WORKSPACE_BYTES);
    cublasLtMatmulHeuristicResult_t.state(result, SUCCESS);
    cublasLtMatmulHeuristicResult_t.wavesCount(result, 1);
    Pointers.putInt(found, 1);
    return SUCCESS;
  }

  static int cublasLtMatmulAlgoCheck(
      long handle, long operation, long a, long b, long c, long d, long algorithm, long result) {
    HANDLES.get(handle);
    algorithm(algorithm);
    describe(operation, a, b, c, d);
    MemorySegment memory =
        Pointers.memory(result, cublasLtMatmulHeuristicResult_t.layout().byteSize());
    cublasLtMatmulHeuristicResult_t.workspaceSize(memory, WORKSPACE_BYTES);
    cublasLtMatmulHeuristicResult_t.state(memory, SUCCESS);
    return SUCCESS;
  }

  static int cublasLtMatmul(
      long handle,
      long operation,
      long alpha,
      long a,
      long layoutA,
      long b,
      long layoutB,
      long beta,
      long c,
      long layoutC,
      long d,
      long layoutD,
      long algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    HANDLES.get(handle);
    Alignment promised = algorithm == 0 ? Alignment.NONE : Alignment.read(algorithm(algorithm));
    INVALID_VALUE.unless(
        workspaceBytes == 0 || workspace != 0 && workspace % WORKSPACE_ALIGNMENT == 0,
        "a workspace that is null or not aligned to 16 bytes");
    Product product =
        describe(operation, layoutA, layoutB, layoutC, layoutD).product(alpha, a, b, beta, c, d);
    if (!product.d().empty()) {
      BlasStatus.EXECUTION_FAILED.unless(
          product.submit("cublasLtMatmul", promised, stream), "the stream does not take the work");
    }
    return SUCCESS;
  }

  private static LtProduct describe(long operation, long a, long b, long c, long d) {
    return new LtProduct(
        Table.MATMUL.at(operation),
        Table.LAYOUT.at(a),
        Table.LAYOUT.at(b),
        Table.LAYOUT.at(c),
        Table.LAYOUT.at(d));
  }

  /** An algorithm is good when it came from the heuristics here. */
  private static MemorySegment algorithm(long address) {
    MemorySegment algorithm = Pointers.memory(address, cublasLtMatmulAlgo_t.layout().byteSize());
    INVALID_VALUE.unless(
        algorithm.get(ValueLayout.JAVA_LONG, 0) == ALGORITHM,
        "an algorithm that no heuristic gave");
    return algorithm;
  }
}
