package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.DataType.BF16;
import static dev.culebra.emulator.blas.DataType.F16;
import static dev.culebra.emulator.blas.DataType.F32;
import static dev.culebra.emulator.blas.DataType.F64;
import static dev.culebra.emulator.blas.DataType.I32;
import static dev.culebra.emulator.blas.DataType.I8;

import java.util.List;

/**
 * How products are summed ({@code cublasComputeType_t}), and with which types (the tables of
 * cublasGemmEx and cublasLtMatmul in cuBLAS's manual, real types).
 */
enum ComputeType {
  F16_SUMS(F16, 64, 65),
  F32_SUMS(F32, 68, 69),
  F32_FAST_F16(F32, 74),
  F32_FAST_BF16(F32, 75),
  F32_FAST_TF32(F32, 77),
  F64_SUMS(F64, 70, 71),
  I32_SUMS(I32, 72, 73);

  private final DataType scale;
  private final int[] codes;

  ComputeType(DataType scale, int... codes) {
    this.scale = scale;
    this.codes = codes;
  }

  static ComputeType of(int code) {
    for (ComputeType type : values()) {
      for (int each : type.codes) {
        if (each == code) {
          return type;
        }
      }
    }
    throw BlasStatus.NOT_SUPPORTED.because("cublasComputeType " + code + " is not emulated");
  }

  /** Its number, not the pedantic one. */
  int code() {
    return codes[0];
  }

  /** The type of alpha and beta where nothing else is said. */
  DataType scale() {
    return scale;
  }

  boolean inDoubles() {
    return this == F64_SUMS || this == I32_SUMS;
  }

  /** Types of one product. */
  private record Types(DataType a, DataType b, DataType c) {}

  private static final List<Types> OF_FLOAT_SUMS =
      List.of(
          new Types(BF16, BF16, BF16),
          new Types(BF16, BF16, F32),
          new Types(F16, F16, F16),
          new Types(F16, F16, F32),
          new Types(I8, I8, F32),
          new Types(F32, F32, F32));

  /** Whether cublasGemmEx multiplies such matrices. */
  boolean takes(DataType a, DataType b, DataType c) {
    Types types = new Types(a, b, c);
    return switch (this) {
      case F16_SUMS -> types.equals(new Types(F16, F16, F16));
      case F32_SUMS, F32_FAST_F16, F32_FAST_BF16, F32_FAST_TF32 -> OF_FLOAT_SUMS.contains(types);
      case F64_SUMS -> types.equals(new Types(F64, F64, F64));
      case I32_SUMS -> types.equals(new Types(I8, I8, I32));
    };
  }

  /** Whether cublasLtMatmul multiplies such matrices with alpha and beta of that type. */
  boolean takesLt(DataType scaleType, DataType a, DataType b, DataType c, DataType d) {
    if (this == I32_SUMS && scaleType == F32) {
      return a == I8 && b == I8 && c == I8 && d == I8;
    }
    if (scaleType != scale) {
      return false;
    }
    if (scale == F32 && a.fp8() && b.fp8()) {
      return takesFp8(a, b, c, d) && (this == F32_SUMS || a == b);
    }
    return c == d && takes(a, b, c);
  }

  /** C is of 16 or 32 bits; D is of C's type, or one of the operands' (not E5M2 of two E4M3). */
  private static boolean takesFp8(DataType a, DataType b, DataType c, DataType d) {
    boolean bothE5m2 = a == DataType.E5M2 && b == DataType.E5M2;
    boolean wide = c == BF16 || c == F16 || c == F32;
    boolean narrow =
        d == DataType.E4M3 || d == DataType.E5M2 && (a == DataType.E5M2 || b == DataType.E5M2);
    return !bothE5m2 && wide && (d == c || narrow && c != F32);
  }
}
