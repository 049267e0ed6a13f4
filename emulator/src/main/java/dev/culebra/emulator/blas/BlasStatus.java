package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryStubs.Refusal;
import java.util.Locale;

/** What the functions of cuBLAS and cuBLASLt return ({@code cublasStatus_t}). */
enum BlasStatus {
  SUCCESS(0),
  NOT_INITIALIZED(1),
  ALLOC_FAILED(3),
  INVALID_VALUE(7),
  ARCH_MISMATCH(8),
  MAPPING_ERROR(11),
  EXECUTION_FAILED(13),
  INTERNAL_ERROR(14),
  NOT_SUPPORTED(15),
  LICENSE_ERROR(16);

  private final int code;

  BlasStatus(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** What {@code cublasGetStatusName} says. */
  String cName() {
    return "CUBLAS_STATUS_" + name();
  }

  /** What {@code cublasGetStatusString} says. */
  String text() {
    return this == SUCCESS ? "success" : "the " + name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The status of that number; null where there is none. */
  static BlasStatus of(int code) {
    for (BlasStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return null;
  }

  /** To be thrown by a function that returns this. */
  Refusal because(String reason) {
    return new Refusal(code, reason);
  }

  /** Ends the function with this where a condition does not hold. */
  void unless(boolean condition, String reason) {
    if (!condition) {
      throw because(reason);
    }
  }
}
