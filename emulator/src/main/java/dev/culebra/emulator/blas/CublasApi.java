package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryWork;

/** cuBLAS: handles and their settings. */
final class CublasApi {
  private static final int SUCCESS = 0;
  private static final int VERSION = 130100;
  private static final int PROPERTIES = 3;
  private static final int MATH_MODES = 0xFF;
  private static final long WORKSPACE_ALIGNMENT = 256;

  private CublasApi() {}

  static int cublasCreate_v2(long place) {
    Pointers.require(place, "the place for a handle");
    Pointers.putLong(place, CublasContext.create());
    return SUCCESS;
  }

  static int cublasDestroy_v2(long handle) {
    CublasContext.destroy(handle);
    return SUCCESS;
  }

  static int cublasGetVersion_v2(long handle, long place) {
    Pointers.putInt(place, VERSION);
    return SUCCESS;
  }

  static int cublasGetProperty(int type, long place) {
    BlasStatus.INVALID_VALUE.unless(type >= 0 && type < PROPERTIES, "property " + type);
    Pointers.putInt(place, property(type));
    return SUCCESS;
  }

  /** Major, minor version and patch level. */
  static int property(int type) {
    int[] parts = {VERSION / 10000, VERSION / 100 % 100, VERSION % 100};
    return parts[type];
  }

  static long cublasGetCudartVersion() {
    return 13000;
  }

  static long cublasGetStatusName(int status) {
    BlasStatus known = BlasStatus.of(status);
    return Pointers.text(known == null ? "unknown" : known.cName());
  }

  static long cublasGetStatusString(int status) {
    BlasStatus known = BlasStatus.of(status);
    return Pointers.text(known == null ? "an unknown status" : known.text());
  }

  static int cublasSetStream_v2(long handle, long stream) {
    CublasContext context = CublasContext.of(handle);
    BlasStatus.INVALID_VALUE.unless(
        LibraryWork.isStream(stream), "0x" + Long.toHexString(stream) + " is no stream");
    context.stream = stream;
    return SUCCESS;
  }

  static int cublasGetStream_v2(long handle, long place) {
    Pointers.putLong(place, CublasContext.of(handle).stream);
    return SUCCESS;
  }

  /** The products here need none; the rules for what is given hold all the same. */
  static int cublasSetWorkspace_v2(long handle, long workspace, long bytes) {
    CublasContext.of(handle);
    BlasStatus.INVALID_VALUE.unless(
        workspace % WORKSPACE_ALIGNMENT == 0, "a workspace not aligned to 256 bytes");
    return SUCCESS;
  }

  static int cublasSetPointerMode_v2(long handle, int mode) {
    BlasStatus.INVALID_VALUE.unless(mode == 0 || mode == 1, "pointer mode " + mode);
    CublasContext.of(handle).scalarsOnDevice = mode == 1;
    return SUCCESS;
  }

  static int cublasGetPointerMode_v2(long handle, long place) {
    Pointers.putInt(place, CublasContext.of(handle).scalarsOnDevice ? 1 : 0);
    return SUCCESS;
  }

  static int cublasSetMathMode(long handle, int mode) {
    BlasStatus.INVALID_VALUE.unless(mode >= 0 && mode <= MATH_MODES, "math mode " + mode);
    CublasContext.of(handle).mathMode = mode;
    return SUCCESS;
  }

  static int cublasGetMathMode(long handle, long place) {
    Pointers.putInt(place, CublasContext.of(handle).mathMode);
    return SUCCESS;
  }

  static int cublasSetAtomicsMode(long handle, int mode) {
    BlasStatus.INVALID_VALUE.unless(mode == 0 || mode == 1, "atomics mode " + mode);
    CublasContext.of(handle).atomicsMode = mode;
    return SUCCESS;
  }

  static int cublasGetAtomicsMode(long handle, long place) {
    Pointers.putInt(place, CublasContext.of(handle).atomicsMode);
    return SUCCESS;
  }

  static int cublasSetSmCountTarget(long handle, int count) {
    BlasStatus.INVALID_VALUE.unless(
        count >= 0 && count <= LibraryWork.profile().multiprocessors(), count + " multiprocessors");
    CublasContext.of(handle).multiprocessorTarget = count;
    return SUCCESS;
  }

  static int cublasGetSmCountTarget(long handle, long place) {
    Pointers.putInt(place, CublasContext.of(handle).multiprocessorTarget);
    return SUCCESS;
  }
}
