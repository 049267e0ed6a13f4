package dev.culebra.emulator.blas;

import java.util.Set;

/**
 * What cuBLASLt does to a product before it is stored ({@code cublasLtEpilogue_t}): a set of steps.
 *
 * <p>GELU is the form with tanh: {@code 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}.
 */
record Epilogue(int code) {
  private static final int RELU_BIT = 2;
  private static final int BIAS_BIT = 4;
  private static final int GRADIENT_BIT = 8;
  private static final int BIAS_GRADIENT_BIT = 16;
  private static final int GELU_BIT = 32;
  private static final int GELU_GRADIENT_BIT = 64;
  private static final int AUXILIARY_BIT = 128;

  static final Epilogue DEFAULT = new Epilogue(1);

  /** The bias's gradient is the sum of A's rows over k. */
  static final int BGRADA = 256;

  /** The bias's gradient is the sum of B's columns over k. */
  static final int BGRADB = 512;

  private static final Set<Integer> KNOWN =
      Set.of(1, 2, 130, 4, 6, 134, 136, 152, 32, 160, 36, 164, 192, 208, BGRADA, BGRADB);

  private static final double SLOPE = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  /** Refuses what is none of the enumeration. */
  static Epilogue of(int code) {
    BlasStatus.INVALID_VALUE.unless(KNOWN.contains(code), "epilogue " + code);
    return new Epilogue(code);
  }

  private boolean has(int bit) {
    return (code & bit) != 0;
  }

  /** Whether a bias is added. */
  boolean addsBias() {
    return has(BIAS_BIT);
  }

  /** Whether a bias's gradient is written. */
  boolean writesBiasGradient() {
    return has(BIAS_GRADIENT_BIT) || code == BGRADA || code == BGRADB;
  }

  boolean relu() {
    return has(RELU_BIT) && !has(GRADIENT_BIT);
  }

  boolean gelu() {
    return has(GELU_BIT);
  }

  /** Whether the product is a gradient that goes back through a ReLU. */
  boolean reluBackward() {
    return has(GRADIENT_BIT);
  }

  boolean geluBackward() {
    return has(GELU_GRADIENT_BIT);
  }

  /** Whether the auxiliary buffer is written: what went into the activation. */
  boolean writesAuxiliary() {
    return has(AUXILIARY_BIT) && !readsAuxiliary();
  }

  /** Whether the auxiliary buffer is read. */
  boolean readsAuxiliary() {
    return reluBackward() || geluBackward();
  }

  /** Whether the auxiliary buffer holds a bit an element: whether it was positive. */
  boolean auxiliaryIsMask() {
    return has(RELU_BIT) || has(GRADIENT_BIT);
  }

  static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(SLOPE * (x + CUBIC * x * x * x)));
  }

  /** The derivative of {@link #gelu} at x. */
  static double geluSlope(double x) {
    double tanh = Math.tanh(SLOPE * (x + CUBIC * x * x * x));
    double inner = SLOPE * (1 + 3 * CUBIC * x * x);
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner;
  }
}
