package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.BlasStatus.INVALID_VALUE;
import static dev.culebra.emulator.blas.BlasStatus.NOT_SUPPORTED;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.HostMemory;

/** cuBLAS: products of matrices by columns; what ends on {@code _64} stands for both forms. */
final class GemmApi {
  private static final int SUCCESS = 0;
  private static final int I8_ALIGNMENT = 4;

  private GemmApi() {}

  /** An address that is known only when the product runs, aligned to anything. */
  private static final long LATER = 1L << 62;

  /** One side of a product as the caller gives it. */
  private record Operand(long address, int type, long leadingDimension, long stride) {}

  static int cublasSgemm_v2_64(
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
    int type = DataType.F32.code();
    int compute = ComputeType.F32_SUMS.code();
    return gemm(
        "cublasSgemm",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, type, lda, 0),
        new Operand(b, type, ldb, 0),
        beta,
        new Operand(c, type, ldc, 0),
        1,
        compute);
  }

  static int cublasDgemm_v2_64(
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
    int type = DataType.F64.code();
    int compute = ComputeType.F64_SUMS.code();
    return gemm(
        "cublasDgemm",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, type, lda, 0),
        new Operand(b, type, ldb, 0),
        beta,
        new Operand(c, type, ldc, 0),
        1,
        compute);
  }

  static int cublasSgemmStridedBatched_64(
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
    int type = DataType.F32.code();
    int compute = ComputeType.F32_SUMS.code();
    return gemm(
        "cublasSgemmStridedBatched",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, type, lda, strideA),
        new Operand(b, type, ldb, strideB),
        beta,
        new Operand(c, type, ldc, strideC),
        batches,
        compute);
  }

  static int cublasDgemmStridedBatched_64(
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
    int type = DataType.F64.code();
    int compute = ComputeType.F64_SUMS.code();
    return gemm(
        "cublasDgemmStridedBatched",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, type, lda, strideA),
        new Operand(b, type, ldb, strideB),
        beta,
        new Operand(c, type, ldc, strideC),
        batches,
        compute);
  }

  static int cublasGemmEx_64(
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
      long ldc,
      int compute,
      int algorithm) {
    return gemm(
        "cublasGemmEx",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, typeA, lda, 0),
        new Operand(b, typeB, ldb, 0),
        beta,
        new Operand(c, typeC, ldc, 0),
        1,
        compute);
  }

  static int cublasGemmStridedBatchedEx_64(
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
      long strideA,
      long b,
      int typeB,
      long ldb,
      long strideB,
      long beta,
      long c,
      int typeC,
      long ldc,
      long strideC,
      long batches,
      int compute,
      int algorithm) {
    return gemm(
        "cublasGemmStridedBatchedEx",
        handle,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        new Operand(a, typeA, lda, strideA),
        new Operand(b, typeB, ldb, strideB),
        beta,
        new Operand(c, typeC, ldc, strideC),
        batches,
        compute);
  }

  /** Addresses of the matrices lie in arrays on the device, read when the product runs. */
  static int cublasGemmBatchedEx_64(
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
      long ldc,
      long batches,
      int compute,
      int algorithm) {
    CublasContext context = CublasContext.of(handle);
    Product product =
        product(
            context,
            transposeA,
            transposeB,
            m,
            n,
            k,
            alpha,
            new Operand(LATER, typeA, lda, 0),
            new Operand(LATER, typeB, ldb, 0),
            beta,
            new Operand(LATER, typeC, ldc, 0),
            1,
            compute);
    INVALID_VALUE.unless(batches >= 0, batches + " products");
    if (batches == 0 || product == null) {
      return SUCCESS;
    }
    Pointers.require(a, "A's array");
    Pointers.require(b, "B's array");
    Pointers.require(c, "C's array");
    submitted(
        new LibraryWork(
                "cublasGemmBatchedEx",
                memory -> {
                  for (long i = 0; i < batches; i++) {
                    long at = i * Long.BYTES;
                    long placeA = memory.segment(a + at, Long.BYTES).get(HostMemory.LONG, 0);
                    long placeB = memory.segment(b + at, Long.BYTES).get(HostMemory.LONG, 0);
                    long placeC = memory.segment(c + at, Long.BYTES).get(HostMemory.LONG, 0);
                    Product each = product.at(placeA, placeB, placeC);
                    Alignment.NONE.require(each);
                    each.run(memory);
                  }
                },
                GemmApi::unknown)
            .submit(context.stream));
    return SUCCESS;
  }

  /** What a product touches whose addresses are read when it runs. */
  private static void unknown(LibraryWork.Stretches reads, LibraryWork.Stretches writes) {
    // Nothing is told: better no finding than a false one.
  }

  private static int gemm(
      String function,
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      Operand a,
      Operand b,
      long beta,
      Operand c,
      long batches,
      int compute) {
    CublasContext context = CublasContext.of(handle);
    Product product =
        product(context, transposeA, transposeB, m, n, k, alpha, a, b, beta, c, batches, compute);
    if (product != null) {
      submitted(product.submit(function, Alignment.NONE, context.stream));
    }
    return SUCCESS;
  }

  private static void submitted(boolean done) {
    BlasStatus.EXECUTION_FAILED.unless(done, "the stream does not take the work");
  }

  /** Null where there is nothing to do. */
  private static Product product(
      CublasContext context,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long k,
      long alpha,
      Operand a,
      Operand b,
      long beta,
      Operand c,
      long batches,
      int compute) {
    ComputeType type = ComputeType.of(compute);
    DataType typeA = DataType.of(a.type);
    DataType typeB = DataType.of(b.type);
    DataType typeC = DataType.of(c.type);
    boolean flipA = transposed(transposeA, "transa");
    boolean flipB = transposed(transposeB, "transb");
    INVALID_VALUE.unless(
        m >= 0 && n >= 0 && k >= 0, "a product of %d x %d x %d".formatted(m, n, k));
    INVALID_VALUE.unless(batches >= 0, batches + " products");
    Matrix left = matrix(a, typeA, flipA ? k : m, flipA ? m : k, "lda", batches);
    Matrix right = matrix(b, typeB, flipB ? n : k, flipB ? k : n, "ldb", batches);
    Matrix result = matrix(c, typeC, m, n, "ldc", batches);
    NOT_SUPPORTED.unless(
        type.takes(typeA, typeB, typeC),
        "no product of %s and %s to %s with %s".formatted(typeA, typeB, typeC, type));
    if (typeA == DataType.I8) {
      boolean aligned =
          (a.address | b.address) % I8_ALIGNMENT == 0
              && (a.leadingDimension | b.leadingDimension) % I8_ALIGNMENT == 0;
      NOT_SUPPORTED.unless(aligned, "A, B, lda and ldb have to be multiples of 4");
    }
    Scalar alphaValue = context.scalar(alpha, type.scale());
    Scalar betaValue = context.scalar(beta, type.scale());
    if (m == 0 || n == 0 || batches == 0) {
      return null;
    }
    if (k > 0 && !alphaValue.isZero()) {
      Pointers.require(a.address, "A");
      Pointers.require(b.address, "B");
    }
    Pointers.require(c.address, "C");
    return new Product(
        left,
        flipA,
        right,
        flipB,
        betaValue.isZero() ? null : result,
        result,
        alphaValue,
        betaValue,
        Epilogue.DEFAULT,
        null,
        null,
        Product.Scales.NONE,
        type.inDoubles());
  }

  /** {@code cublasOperation_t}: as it is, transposed, or conjugated too, the same for reals. */
  static boolean transposed(int operation, String what) {
    INVALID_VALUE.unless(operation >= 0 && operation <= 2, what + " is " + operation);
    return operation != 0;
  }

  private static Matrix matrix(
      Operand operand, DataType type, long rows, long columns, String name, long batches) {
    INVALID_VALUE.unless(
        operand.leadingDimension >= Math.max(1, rows),
        name + " is " + operand.leadingDimension + ", less than the " + rows + " rows");
    return Matrix.ofColumns(operand.address, type, rows, columns, operand.leadingDimension)
        .batched(Math.toIntExact(batches), operand.stride);
  }
}
