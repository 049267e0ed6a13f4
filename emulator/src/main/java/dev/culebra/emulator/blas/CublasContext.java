package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryWork;

/** What stands behind a {@code cublasHandle_t}. */
final class CublasContext {
  private static final Handles<CublasContext> HANDLES =
      new Handles<>("cuBLAS handle", 0x00ff_b1a5_0000_0000L);

  /** Stream of its work; 0 for the default stream. */
  long stream;

  /** Whether scalars lie on the device ({@code CUBLAS_POINTER_MODE_DEVICE}). */
  boolean scalarsOnDevice;

  int mathMode;
  int atomicsMode;
  int multiprocessorTarget;

  static long create() {
    BlasStatus.NOT_INITIALIZED.unless(
        LibraryWork.hasContext(), "no CUDA context is current for this thread");
    return HANDLES.add(new CublasContext());
  }

  static CublasContext of(long handle) {
    return HANDLES.get(handle);
  }

  static void destroy(long handle) {
    HANDLES.remove(handle);
  }

  /** A scalar as the pointer mode has it. */
  Scalar scalar(long address, DataType type) {
    Pointers.require(address, "alpha or beta");
    return scalarsOnDevice ? new Scalar.OnDevice(address, type, 0) : Scalar.ofHost(address, type);
  }
}
