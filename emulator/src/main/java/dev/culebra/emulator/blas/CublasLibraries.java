package dev.culebra.emulator.blas;

import dev.culebra.bindings.cublas.cublas_h;
import dev.culebra.bindings.cublaslt.cublasLt_h;
import dev.culebra.emulator.driver.LibraryStubs;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Optional;

/** The functions of cuBLAS and cuBLASLt, for native code to call. */
public final class CublasLibraries {
  private static final LibraryStubs CUBLAS =
      new LibraryStubs(
          "cuBLAS",
          "cublas",
          cublas_h.class,
          MethodHandles.lookup(),
          List.of(
              CublasApi.class,
              GemmApi.class,
              GemmFormsApi.class,
              MatrixVectorApi.class,
              VectorApi.class,
              TransferApi.class),
          BlasStatus.NOT_SUPPORTED.code(),
          BlasStatus.INTERNAL_ERROR.code());

  private static final LibraryStubs CUBLAS_LT =
      new LibraryStubs(
          "cuBLASLt",
          "cublasLt",
          cublasLt_h.class,
          MethodHandles.lookup(),
          List.of(CublasLtApi.class),
          BlasStatus.NOT_SUPPORTED.code(),
          BlasStatus.INTERNAL_ERROR.code());

  private CublasLibraries() {}

  /** The stub of one of cuBLAS's functions. */
  public static Optional<MemorySegment> cublas(String name) {
    return CUBLAS.find(name);
  }

  /** The stub of one of cuBLASLt's functions. */
  public static Optional<MemorySegment> cublasLt(String name) {
    return CUBLAS_LT.find(name);
  }
}
