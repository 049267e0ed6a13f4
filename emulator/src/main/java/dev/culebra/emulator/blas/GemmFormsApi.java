package dev.culebra.emulator.blas;

/** cuBLAS: further forms of products of matrices, each with the types that its name says. */
final class GemmFormsApi {
  private static final int F16 = DataType.F16.code();
  private static final int F32 = DataType.F32.code();
  private static final int F64 = DataType.F64.code();
  private static final int F16_SUMS = ComputeType.F16_SUMS.code();
  private static final int F32_SUMS = ComputeType.F32_SUMS.code();
  private static final int F64_SUMS = ComputeType.F64_SUMS.code();
  private static final int DEFAULT_ALGORITHM = -1;

  private GemmFormsApi() {}

  static int cublasHgemm_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      long lda,
      long b,
      long ldb,
      long beta,
      long c,
      long ldc) {
    return GemmApi.cublasGemmEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        F16,
        lda,
        b,
        F16,
        ldb,
        beta,
        c,
        F16,
        ldc,
        F16_SUMS,
        DEFAULT_ALGORITHM);
  }

  static int cublasSgemmEx_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      int typeA,
      long lda,
      long b,
      int typeB,
      long ldb,
      long beta,
      long c,
      int typeC,
      long ldc) {
    return GemmApi.cublasGemmEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        typeA,
        lda,
        b,
        typeB,
        ldb,
        beta,
        c,
        typeC,
        ldc,
        F32_SUMS,
        DEFAULT_ALGORITHM);
  }

  static int cublasHgemmStridedBatched_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      long lda,
      long strideA,
      long b,
      long ldb,
      long strideB,
      long beta,
      long c,
      long ldc,
      long strideC,
      long batches) {
    return GemmApi.cublasGemmStridedBatchedEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        F16,
        lda,
        strideA,
        b,
        F16,
        ldb,
        strideB,
        beta,
        c,
        F16,
        ldc,
        strideC,
        batches,
        F16_SUMS,
        DEFAULT_ALGORITHM);
  }

  static int cublasSgemmBatched_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      long lda,
      long b,
      long ldb,
      long beta,
      long c,
      long ldc,
      long batches) {
    return GemmApi.cublasGemmBatchedEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        F32,
        lda,
        b,
        F32,
        ldb,
        beta,
        c,
        F32,
        ldc,
        batches,
        F32_SUMS,
        DEFAULT_ALGORITHM);
  }

  static int cublasDgemmBatched_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      long lda,
      long b,
      long ldb,
      long beta,
      long c,
      long ldc,
      long batches) {
    return GemmApi.cublasGemmBatchedEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        F64,
        lda,
        b,
        F64,
        ldb,
        beta,
        c,
        F64,
        ldc,
        batches,
        F64_SUMS,
        DEFAULT_ALGORITHM);
  }

  static int cublasHgemmBatched_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      long a,
      long lda,
      long b,
      long ldb,
      long beta,
      long c,
      long ldc,
      long batches) {
    return GemmApi.cublasGemmBatchedEx_64(
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        F16,
        lda,
        b,
        F16,
        ldb,
        beta,
        c,
        F16,
        ldc,
        batches,
        F16_SUMS,
        DEFAULT_ALGORITHM);
  }
}
