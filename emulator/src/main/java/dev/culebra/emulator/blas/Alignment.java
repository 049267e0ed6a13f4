package dev.culebra.emulator.blas;

import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static dev.culebra.bindings.cublaslt.cublasLt_h.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;

import dev.culebra.emulator.memory.MisalignedDeviceAddressException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the addresses of matrices are multiples of, in bytes. A program promises it to the
 * heuristics, and the algorithm that they give relies on it: the library looks at no address, the
 * kernel faults.
 */
record Alignment(long a, long b, long c, long d) {
  /** Promises nothing beyond the elements' own. */
  static final Alignment NONE = new Alignment(1, 1, 1, 1);

  /** No kernel loads more at once, in bytes. */
  private static final long WIDEST_LOAD = 16;

  /** What a preference promises. */
  static Alignment promised(Attributes preference) {
    return new Alignment(
        preference.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES()),
        preference.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES()),
        preference.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES()),
        preference.get(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES()));
  }

  /** Out of an algorithm, from its second word on. */
  static Alignment read(MemorySegment algorithm) {
    return new Alignment(
        algorithm.getAtIndex(ValueLayout.JAVA_LONG, 1),
        algorithm.getAtIndex(ValueLayout.JAVA_LONG, 2),
        algorithm.getAtIndex(ValueLayout.JAVA_LONG, 3),
        algorithm.getAtIndex(ValueLayout.JAVA_LONG, 4));
  }

  /** Into an algorithm, as {@link #read} finds it. */
  void write(MemorySegment algorithm) {
    algorithm.setAtIndex(ValueLayout.JAVA_LONG, 1, a);
    algorithm.setAtIndex(ValueLayout.JAVA_LONG, 2, b);
    algorithm.setAtIndex(ValueLayout.JAVA_LONG, 3, c);
    algorithm.setAtIndex(ValueLayout.JAVA_LONG, 4, d);
  }

  /**
   * What a kernel does that relies on it.
   *
   * @throws MisalignedDeviceAddressException where a matrix lies otherwise
   */
  void require(Product product) {
    require(product.a(), a, "A");
    require(product.b(), b, "B");
    require(product.d(), d, "D");
    if (product.c() != null) {
      require(product.c(), c, "C");
    }
  }

  private static void require(Matrix matrix, long promised, String name) {
    long needed = Math.max(matrix.type().bytes(), Math.min(WIDEST_LOAD, promised));
    if (matrix.address() % needed != 0) {
      throw new MisalignedDeviceAddressException(
          "%s at 0x%x is no multiple of %d bytes".formatted(name, matrix.address(), needed));
    }
  }
}
