package dev.culebra.emulator.blas;

import static dev.culebra.bindings.cublaslt.cublasLt_h.*;
import static dev.culebra.emulator.blas.BlasStatus.INVALID_VALUE;
import static dev.culebra.emulator.blas.BlasStatus.NOT_SUPPORTED;

import dev.culebra.emulator.driver.LibraryWork;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The rules of cublasLtMatmul: what its descriptors ask for, checked as cuBLAS's manual has it, and
 * the product that comes of it.
 */
final class LtProduct {
  /** First compute capability with products of 8-bit floats. */
  private static final int FP8_ARCHITECTURE = 89;

  private static final int FP8_ALIGNMENT = 16;
  private static final int I8_ALIGNMENT = 4;
  private static final int MASK_ALIGNMENT = 128;
  private static final int AUXILIARY_ALIGNMENT = 8;

  private final Attributes operation;
  private final ComputeType compute;
  private final DataType scale;
  private final Epilogue epilogue;
  private final boolean transposeA;
  private final boolean transposeB;
  private final Matrix a;
  private final Matrix b;
  private final Matrix c;
  private final Matrix d;

  /** Reads the descriptors; addresses of matrices come later. */
  LtProduct(Attributes operation, Attributes a, Attributes b, Attributes c, Attributes d) {
    this.operation = operation;
    compute = ComputeType.of((int) operation.get(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE()));
    scale = DataType.of((int) operation.get(CUBLASLT_MATMUL_DESC_SCALE_TYPE()));
    epilogue = Epilogue.of((int) operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE()));
    transposeA = transposed(CUBLASLT_MATMUL_DESC_TRANSA(), "A");
    transposeB = transposed(CUBLASLT_MATMUL_DESC_TRANSB(), "B");
    this.a = matrix(a, "A");
    this.b = matrix(b, "B");
    this.c = matrix(c, "C");
    this.d = matrix(d, "D");
    check();
  }

  private boolean transposed(int attribute, String what) {
    return GemmApi.transposed((int) operation.get(attribute), "the operation on " + what);
  }

  private static Matrix matrix(Attributes layout, String name) {
    long rows = layout.get(CUBLASLT_MATRIX_LAYOUT_ROWS());
    long columns = layout.get(CUBLASLT_MATRIX_LAYOUT_COLS());
    long leading = layout.get(CUBLASLT_MATRIX_LAYOUT_LD());
    int order = (int) layout.get(CUBLASLT_MATRIX_LAYOUT_ORDER());
    NOT_SUPPORTED.unless(
        order == CUBLASLT_ORDER_COL() || order == CUBLASLT_ORDER_ROW(),
        "order " + order + " of " + name + " is not emulated");
    boolean rowMajor = order == CUBLASLT_ORDER_ROW();
    INVALID_VALUE.unless(
        leading >= (rowMajor ? columns : rows),
        "the leading dimension of %s is %d, less than its %d %s"
            .formatted(name, leading, rowMajor ? columns : rows, rowMajor ? "columns" : "rows"));
    return new Matrix(
        0,
        DataType.of((int) layout.get(CUBLASLT_MATRIX_LAYOUT_TYPE())),
        rows,
        columns,
        leading,
        rowMajor,
        (int) layout.get(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT()),
        layout.get(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET()));
  }

  private void check() {
    NOT_SUPPORTED.unless(
        compute.takesLt(scale, a.type(), b.type(), c.type(), d.type()),
        "no product of %s and %s with C of %s and D of %s, %s, scaled by %s"
            .formatted(a.type(), b.type(), c.type(), d.type(), compute, scale));
    long m = transposeA ? a.columns() : a.rows();
    long k = transposeA ? a.rows() : a.columns();
    long n = transposeB ? b.rows() : b.columns();
    boolean fit =
        (transposeB ? b.columns() : b.rows()) == k
            && d.rows() == m
            && d.columns() == n
            && c.rows() == m
            && c.columns() == n;
    INVALID_VALUE.unless(
        fit,
        "A of %d x %d, B of %d x %d, C of %d x %d and D of %d x %d do not fit"
            .formatted(
                a.rows(),
                a.columns(),
                b.rows(),
                b.columns(),
                c.rows(),
                c.columns(),
                d.rows(),
                d.columns()));
    int batches = d.batches();
    INVALID_VALUE.unless(
        a.batches() == batches && b.batches() == batches && c.batches() == batches,
        "batches of different sizes");
    NOT_SUPPORTED.unless(
        operation.get(CUBLASLT_MATMUL_DESC_TRANSC()) == 0
            && operation.get(CUBLASLT_MATMUL_DESC_FILL_MODE()) == 0,
        "C can't be transposed, nor filled in part");
    checkSmallTypes();
    checkScaleModes();
    checkBias();
    checkAuxiliary();
  }

  private boolean hasBias() {
    return epilogue.addsBias() || epilogue.writesBiasGradient();
  }

  private boolean hasAuxiliary() {
    return epilogue.readsAuxiliary() || epilogue.writesAuxiliary();
  }

  private void checkBias() {
    if (hasBias()) {
      long address = operation.get(CUBLASLT_MATMUL_DESC_BIAS_POINTER());
      int bytes = biasType().bytes();
      INVALID_VALUE.unless(address % bytes == 0, "the bias is not aligned to its type");
    }
  }

  /** What the heuristics look at; of GELU's buffer they don't mind the alignment. */
  private void checkAuxiliary() {
    if (hasAuxiliary()) {
      long leading = operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD());
      int unit = epilogue.auxiliaryIsMask() ? MASK_ALIGNMENT : 1;
      INVALID_VALUE.unless(
          leading % unit == 0 && leading >= d.rows(),
          "the auxiliary buffer's leading dimension is %d: a multiple of %d, at least %d, is needed"
              .formatted(leading, unit, d.rows()));
    }
  }

  /** Whether a preference promises that matrices are aligned to their elements. */
  boolean alignedBy(Alignment promised) {
    return promised.a() >= a.type().bytes()
        && promised.b() >= b.type().bytes()
        && promised.c() >= c.type().bytes()
        && promised.d() >= d.type().bytes();
  }

  /** Seen on an H100 with 13.1: pointers of steps that the epilogue lacks are not ignored. */
  private void refuseLeftOverPointers() {
    INVALID_VALUE.unless(
        hasBias() || operation.get(CUBLASLT_MATMUL_DESC_BIAS_POINTER()) == 0,
        "a bias is given, but the epilogue has none");
    boolean activates = epilogue.relu() || epilogue.gelu();
    NOT_SUPPORTED.unless(
        !epilogue.addsBias()
            || !activates
            || epilogue.writesAuxiliary()
            || operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER()) == 0,
        "an auxiliary buffer is given, but the epilogue has none");
  }

  private void checkSmallTypes() {
    if (a.type().fp8()) {
      BlasStatus.NOT_SUPPORTED.unless(
          LibraryWork.profile().architecture() >= FP8_ARCHITECTURE,
          "8-bit floats need compute capability 8.9");
      NOT_SUPPORTED.unless(
          transposeA && !transposeB && columnMajor(), "8-bit floats need A transposed, B not");
      NOT_SUPPORTED.unless(
          multiples(FP8_ALIGNMENT), "8-bit floats need dimensions that are multiples of 16");
    } else if (a.type() == DataType.I8) {
      NOT_SUPPORTED.unless(
          transposeA && !transposeB && columnMajor(), "8-bit integers need A transposed, B not");
      NOT_SUPPORTED.unless(
          multiples(I8_ALIGNMENT), "8-bit integers need dimensions that are multiples of 4");
    }
  }

  private boolean columnMajor() {
    return List.of(a, b, c, d).stream().noneMatch(Matrix::rowMajor);
  }

  private boolean multiples(int number) {
    return LongStream.of(
            a.rows(), a.columns(), d.rows(), a.leadingDimension(), b.leadingDimension())
        .allMatch(size -> size % number == 0);
  }

  private void checkScaleModes() {
    int[] modes = {
      CUBLASLT_MATMUL_DESC_A_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_B_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_C_SCALE_MODE(),
      CUBLASLT_MATMUL_DESC_D_SCALE_MODE()
    };
    for (int mode : modes) {
      NOT_SUPPORTED.unless(
          operation.get(mode) == CUBLASLT_MATMUL_MATRIX_SCALE_SCALAR_32F(),
          "of scales, only one F32 a matrix is emulated");
    }
  }

  /** The product at those addresses. */
  Product product(long alpha, long atA, long atB, long beta, long atC, long atD) {
    refuseLeftOverPointers();
    NOT_SUPPORTED.unless(
        !epilogue.geluBackward() || epilogue.writesBiasGradient() || a.type() != DataType.F32,
        "GELU's gradient alone is not taken of products of F32");
    Scalar alphaValue = alpha(alpha);
    Scalar betaValue = beta(beta);
    if (!d.empty()) {
      requireMatrix(atA, a, "A");
      requireMatrix(atB, b, "B");
      requireMatrix(atD, d, "D");
      if (!betaValue.isZero()) {
        requireMatrix(atC, c, "C");
      }
    }
    boolean inPlace = atC == atD;
    INVALID_VALUE.unless(
        !inPlace || betaValue.isZero() || sameLayout(), "C and D are one but their layouts differ");
    return new Product(
        a.at(atA),
        transposeA,
        b.at(atB),
        transposeB,
        betaValue.isZero() ? null : c.at(atC),
        d.at(atD),
        alphaValue,
        betaValue,
        epilogue,
        bias(),
        auxiliary(),
        scales(),
        compute.inDoubles());
  }

  private boolean sameLayout() {
    return c.at(0).equals(d.at(0));
  }

  private static void requireMatrix(long address, Matrix matrix, String name) {
    Pointers.require(address, name);
    INVALID_VALUE.unless(
        !matrix.type().fp8() || address % FP8_ALIGNMENT == 0,
        name + " is not aligned to " + FP8_ALIGNMENT + " bytes");
  }

  private Scalar alpha(long address) {
    Pointers.require(address, "alpha");
    int mode = mode();
    if (mode == CUBLASLT_POINTER_MODE_HOST()) {
      return Scalar.ofHost(address, scale);
    }
    return new Scalar.OnDevice(address, scale, mode == CUBLASLT_POINTER_MODE_DEVICE() ? 0 : 1);
  }

  private Scalar beta(long address) {
    int mode = mode();
    if (mode == CUBLASLT_POINTER_MODE_ALPHA_DEVICE_VECTOR_BETA_ZERO()) {
      return new Scalar.Value(0);
    }
    Pointers.require(address, "beta");
    if (mode == CUBLASLT_POINTER_MODE_DEVICE()) {
      return new Scalar.OnDevice(address, scale, 0);
    }
    return Scalar.ofHost(address, scale);
  }

  private int mode() {
    int mode = (int) operation.get(CUBLASLT_MATMUL_DESC_POINTER_MODE());
    NOT_SUPPORTED.unless(
        mode == CUBLASLT_POINTER_MODE_HOST()
            || mode == CUBLASLT_POINTER_MODE_DEVICE()
            || mode == CUBLASLT_POINTER_MODE_ALPHA_DEVICE_VECTOR_BETA_ZERO()
            || mode == CUBLASLT_POINTER_MODE_ALPHA_DEVICE_VECTOR_BETA_HOST(),
        "pointer mode " + mode + " is not emulated");
    return mode;
  }

  private Matrix bias() {
    if (!hasBias()) {
      return null;
    }
    long address = operation.get(CUBLASLT_MATMUL_DESC_BIAS_POINTER());
    Pointers.require(address, "the bias");
    long stride = operation.get(CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE());
    long length = epilogue.code() == Epilogue.BGRADB ? d.columns() : d.rows();
    return Matrix.ofColumns(address, biasType(), length, 1, Math.max(1, length))
        .batched(d.batches(), stride);
  }

  private DataType biasType() {
    DataType usual =
        d.type().fp8() ? DataType.BF16 : d.type() == DataType.I8 ? DataType.F32 : d.type();
    return typeOr(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE(), usual);
  }

  private DataType typeOr(int attribute, DataType otherwise) {
    int code = (int) operation.get(attribute);
    return code == -1 ? otherwise : DataType.of(code);
  }

  private Matrix auxiliary() {
    if (!hasAuxiliary()) {
      return null;
    }
    long address = operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER());
    Pointers.require(address, "the epilogue's auxiliary buffer");
    long leading = operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD());
    INVALID_VALUE.unless(
        leading % AUXILIARY_ALIGNMENT == 0,
        "the auxiliary buffer's leading dimension is %d, no multiple of %d"
            .formatted(leading, AUXILIARY_ALIGNMENT));
    long stride = operation.get(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE());
    DataType type = typeOr(CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE(), auxiliaryType());
    return Matrix.ofColumns(address, type, d.rows(), d.columns(), leading)
        .batched(d.batches(), stride);
  }

  private DataType auxiliaryType() {
    return d.type().fp8() ? DataType.BF16 : d.type();
  }

  private Product.Scales scales() {
    return new Product.Scales(
        operation.get(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER()),
        operation.get(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER()),
        operation.get(CUBLASLT_MATMUL_DESC_C_SCALE_POINTER()),
        operation.get(CUBLASLT_MATMUL_DESC_D_SCALE_POINTER()),
        operation.get(CUBLASLT_MATMUL_DESC_AMAX_D_POINTER()));
  }
}
