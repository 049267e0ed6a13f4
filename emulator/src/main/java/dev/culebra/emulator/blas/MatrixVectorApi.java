package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.BlasStatus.INVALID_VALUE;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;

/** cuBLAS: matrices with vectors (level 2), sums of matrices, diagonal ones. */
final class MatrixVectorApi {
  private static final int SUCCESS = 0;
  private static final DataType F32 = DataType.F32;
  private static final DataType F64 = DataType.F64;

  private MatrixVectorApi() {}

  private static Matrix matrix(
      long address, DataType type, long rows, long columns, long leading, String name) {
    INVALID_VALUE.unless(
        rows >= 0 && columns >= 0 && leading >= Math.max(1, rows),
        "%s of %d x %d with a leading dimension of %d".formatted(name, rows, columns, leading));
    if (rows > 0 && columns > 0) {
      Pointers.require(address, name);
    }
    return Matrix.ofColumns(address, type, rows, columns, leading);
  }

  private static void submit(
      String function, CublasContext context, LibraryWork.Work work, LibraryWork.Touched touched) {
    BlasStatus.EXECUTION_FAILED.unless(
        new LibraryWork(function, work, touched).submit(context.stream),
        "the stream does not take the work");
  }

  // ---- y = alpha op(A) x + beta y ----

  static int cublasSgemv_v2_64(
      long handle,
      int transpose,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long x,
      long incx,
      long beta,
      long y,
      long incy) {
    return gemv(
        "cublasSgemv",
        handle,
        F32,
        transpose,
        m,
        n,
        alpha,
        a,
        lda,
        0,
        x,
        incx,
        0,
        beta,
        y,
        incy,
        0,
        1);
  }

  static int cublasDgemv_v2_64(
      long handle,
      int transpose,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long x,
      long incx,
      long beta,
      long y,
      long incy) {
    return gemv(
        "cublasDgemv",
        handle,
        F64,
        transpose,
        m,
        n,
        alpha,
        a,
        lda,
        0,
        x,
        incx,
        0,
        beta,
        y,
        incy,
        0,
        1);
  }

  static int cublasSgemvStridedBatched_64(
      long handle,
      int transpose,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long strideA,
      long x,
      long incx,
      long strideX,
      long beta,
      long y,
      long incy,
      long strideY,
      long batches) {
    return gemv(
        "cublasSgemvStridedBatched",
        handle,
        F32,
        transpose,
        m,
        n,
        alpha,
        a,
        lda,
        strideA,
        x,
        incx,
        strideX,
        beta,
        y,
        incy,
        strideY,
        batches);
  }

  static int cublasDgemvStridedBatched_64(
      long handle,
      int transpose,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long strideA,
      long x,
      long incx,
      long strideX,
      long beta,
      long y,
      long incy,
      long strideY,
      long batches) {
    return gemv(
        "cublasDgemvStridedBatched",
        handle,
        F64,
        transpose,
        m,
        n,
        alpha,
        a,
        lda,
        strideA,
        x,
        incx,
        strideX,
        beta,
        y,
        incy,
        strideY,
        batches);
  }

  private static int gemv(
      String function,
      long handle,
      DataType type,
      int transpose,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long strideA,
      long x,
      long incx,
      long strideX,
      long beta,
      long y,
      long incy,
      long strideY,
      long batches) {
    CublasContext context = CublasContext.of(handle);
    boolean transposed = GemmApi.transposed(transpose, "trans");
    INVALID_VALUE.unless(incx != 0 && incy != 0, "an increment of 0");
    INVALID_VALUE.unless(batches >= 0, batches + " products");
    Matrix matrix = matrix(a, type, m, n, lda, "A");
    Scalar alphaValue = context.scalar(alpha, type);
    Scalar betaValue = context.scalar(beta, type);
    if (m == 0 || n == 0) {
      return SUCCESS;
    }
    for (long batch = 0; batch < batches; batch++) {
      long offset = batch * type.bytes();
      Matrix left = matrix.at(a + strideA * offset);
      Vector from = Vector.of(x + strideX * offset, type, transposed ? m : n, incx, "x");
      Vector to = Vector.of(y + strideY * offset, type, transposed ? n : m, incy, "y");
      submit(
          function,
          context,
          memory -> {
            double[] sums =
                times(
                    left.read(memory, 0, transposed),
                    from.read(memory),
                    Math.toIntExact(to.count()));
            double scale = alphaValue.value(memory, 0);
            double keep = betaValue.value(memory, 0);
            double[] before = keep == 0 ? new double[sums.length] : to.read(memory);
            for (int i = 0; i < sums.length; i++) {
              sums[i] = scale * sums[i] + keep * before[i];
            }
            to.write(memory, sums);
          },
          (reads, writes) -> {
            left.stretches(reads);
            from.stretches(reads);
            to.stretches(writes);
          });
    }
    return SUCCESS;
  }

  /** A matrix by columns times a vector. */
  private static double[] times(double[] matrix, double[] vector, int rows) {
    double[] sums = new double[rows];
    for (int column = 0; column < vector.length; column++) {
      for (int row = 0; row < rows; row++) {
        sums[row] += matrix[column * rows + row] * vector[column];
      }
    }
    return sums;
  }

  // ---- A = alpha x y' + A ----

  static int cublasSger_v2_64(
      long handle,
      long m,
      long n,
      long alpha,
      long x,
      long incx,
      long y,
      long incy,
      long a,
      long lda) {
    return ger("cublasSger", handle, F32, m, n, alpha, x, incx, y, incy, a, lda);
  }

  static int cublasDger_v2_64(
      long handle,
      long m,
      long n,
      long alpha,
      long x,
      long incx,
      long y,
      long incy,
      long a,
      long lda) {
    return ger("cublasDger", handle, F64, m, n, alpha, x, incx, y, incy, a, lda);
  }

  private static int ger(
      String function,
      long handle,
      DataType type,
      long m,
      long n,
      long alpha,
      long x,
      long incx,
      long y,
      long incy,
      long a,
      long lda) {
    CublasContext context = CublasContext.of(handle);
    INVALID_VALUE.unless(incx != 0 && incy != 0, "an increment of 0");
    Matrix matrix = matrix(a, type, m, n, lda, "A");
    Scalar factor = context.scalar(alpha, type);
    Vector column = Vector.of(x, type, m, incx, "x");
    Vector row = Vector.of(y, type, n, incy, "y");
    if (!matrix.empty()) {
      submit(
          function,
          context,
          memory -> {
            double scale = factor.value(memory, 0);
            double[] left = column.read(memory);
            double[] right = row.read(memory);
            double[] sum = matrix.read(memory, 0, false);
            for (int i = 0; i < sum.length; i++) {
              sum[i] += scale * left[i % left.length] * right[i / left.length];
            }
            matrix.write(memory, 0, sum);
          },
          (reads, writes) -> {
            column.stretches(reads);
            row.stretches(reads);
            matrix.stretches(writes);
          });
    }
    return SUCCESS;
  }

  // ---- C = alpha op(A) + beta op(B) ----

  static int cublasSgeam_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long beta,
      long b,
      long ldb,
      long c,
      long ldc) {
    return geam(
        "cublasSgeam",
        handle,
        F32,
        transposeA,
        transposeB,
        m,
        n,
        alpha,
        a,
        lda,
        beta,
        b,
        ldb,
        c,
        ldc);
  }

  static int cublasDgeam_64(
      long handle,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long beta,
      long b,
      long ldb,
      long c,
      long ldc) {
    return geam(
        "cublasDgeam",
        handle,
        F64,
        transposeA,
        transposeB,
        m,
        n,
        alpha,
        a,
        lda,
        beta,
        b,
        ldb,
        c,
        ldc);
  }

  private static int geam(
      String function,
      long handle,
      DataType type,
      int transposeA,
      int transposeB,
      long m,
      long n,
      long alpha,
      long a,
      long lda,
      long beta,
      long b,
      long ldb,
      long c,
      long ldc) {
    CublasContext context = CublasContext.of(handle);
    boolean flipA = GemmApi.transposed(transposeA, "transa");
    boolean flipB = GemmApi.transposed(transposeB, "transb");
    Term one = new Term(context.scalar(alpha, type), a, type, flipA, m, n, lda, "A");
    Term other = new Term(context.scalar(beta, type), b, type, flipB, m, n, ldb, "B");
    Matrix result = matrix(c, type, m, n, ldc, "C");
    INVALID_VALUE.unless(
        (c != a || !flipA && lda == ldc) && (c != b || !flipB && ldb == ldc),
        "C is one of the operands, but lies otherwise");
    if (!result.empty()) {
      submit(
          function,
          context,
          memory -> {
            double[] sum = one.read(memory, m * n);
            double[] added = other.read(memory, m * n);
            for (int i = 0; i < sum.length; i++) {
              sum[i] += added[i];
            }
            result.write(memory, 0, sum);
          },
          (reads, writes) -> {
            one.stretches(reads);
            other.stretches(reads);
            result.stretches(writes);
          });
    }
    return SUCCESS;
  }

  /** A matrix and its factor; one whose factor is known to be zero need not be there. */
  private record Term(Scalar factor, Matrix matrix, boolean transposed) {
    Term(
        Scalar factor,
        long address,
        DataType type,
        boolean transposed,
        long m,
        long n,
        long leading,
        String name) {
      this(
          factor,
          factor.isZero()
              ? null
              : MatrixVectorApi.matrix(
                  address, type, transposed ? n : m, transposed ? m : n, leading, name),
          transposed);
    }

    double[] read(DeviceMemory memory, long count) {
      double[] values =
          matrix == null ? new double[Math.toIntExact(count)] : matrix.read(memory, 0, transposed);
      double scale = factor.value(memory, 0);
      for (int i = 0; i < values.length; i++) {
        values[i] = scale == 0 ? 0 : scale * values[i];
      }
      return values;
    }

    void stretches(LibraryWork.Stretches sink) {
      if (matrix != null) {
        matrix.stretches(sink);
      }
    }
  }

  // ---- C = diag(x) A, or A diag(x) ----

  static int cublasSdgmm_64(
      long handle,
      int side,
      long m,
      long n,
      long a,
      long lda,
      long x,
      long incx,
      long c,
      long ldc) {
    return dgmm("cublasSdgmm", handle, F32, side, m, n, a, lda, x, incx, c, ldc);
  }

  static int cublasDdgmm_64(
      long handle,
      int side,
      long m,
      long n,
      long a,
      long lda,
      long x,
      long incx,
      long c,
      long ldc) {
    return dgmm("cublasDdgmm", handle, F64, side, m, n, a, lda, x, incx, c, ldc);
  }

  private static int dgmm(
      String function,
      long handle,
      DataType type,
      int side,
      long m,
      long n,
      long a,
      long lda,
      long x,
      long incx,
      long c,
      long ldc) {
    CublasContext context = CublasContext.of(handle);
    INVALID_VALUE.unless(side == 0 || side == 1, "side " + side);
    boolean left = side == 0;
    Matrix matrix = matrix(a, type, m, n, lda, "A");
    Matrix result = matrix(c, type, m, n, ldc, "C");
    Vector diagonal = Vector.of(x, type, left ? m : n, incx, "x");
    if (!result.empty()) {
      submit(
          function,
          context,
          memory -> {
            double[] values = matrix.read(memory, 0, false);
            double[] factors = diagonal.read(memory);
            int rows = Math.toIntExact(m);
            for (int i = 0; i < values.length; i++) {
              values[i] *= factors[left ? i % rows : i / rows];
            }
            result.write(memory, 0, values);
          },
          (reads, writes) -> {
            matrix.stretches(reads);
            diagonal.stretches(reads);
            result.stretches(writes);
          });
    }
    return SUCCESS;
  }
}
