package dev.culebra.emulator.blas;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.bindings.dnnl.dnnl_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Products of matrices by columns: in floats by oneDNN where it is there, else, and for doubles and
 * integers, in plain loops. FLOPs: 2 m n k.
 */
final class Multiplication {
  private static final boolean ONEDNN = NativeLibraries.isAvailable("dnnl");
  private static final byte PLAIN = 'N';

  private Multiplication() {}

  /**
   * {@code a b}, summed in floats.
   *
   * @param a by columns, {@code [m, k]}
   * @param b by columns, {@code [k, n]}
   * @return by columns, {@code [m, n]}
   */
  static double[] inFloats(double[] a, double[] b, int m, int n, int k) {
    return ONEDNN && m > 0 && n > 0 && k > 0
        ? byOneDnn(a, b, m, n, k)
        : inFloatsByLoops(a, b, m, n, k);
  }

  private static double[] byOneDnn(double[] a, double[] b, int m, int n, int k) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment left = floats(arena, a);
      MemorySegment right = floats(arena, b);
      MemorySegment product = arena.allocate(ValueLayout.JAVA_FLOAT, (long) m * n);
      // By rows, which oneDNN has, a matrix by columns is its transpose: ab = (bt at)t.
      int status = dnnl_h.dnnl_sgemm(PLAIN, PLAIN, n, m, k, 1, right, k, left, m, 0, product, m);
      if (status != dnnl_h.dnnl_success()) {
        throw new IllegalStateException("dnnl_sgemm returned " + status);
      }
      double[] result = new double[m * n];
      for (int i = 0; i < result.length; i++) {
        result[i] = product.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
      return result;
    }
  }

  private static MemorySegment floats(Arena arena, double[] values) {
    MemorySegment memory = arena.allocate(ValueLayout.JAVA_FLOAT, values.length);
    for (int i = 0; i < values.length; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
    }
    return memory;
  }

  /** As {@link #inFloats}, without oneDNN. */
  static double[] inFloatsByLoops(double[] a, double[] b, int m, int n, int k) {
    double[] result = new double[m * n];
    float[] sums = new float[m];
    for (int column = 0; column < n; column++) {
      Arrays.fill(sums, 0);
      for (int i = 0; i < k; i++) {
        float factor = (float) b[column * k + i];
        for (int row = 0; row < m; row++) {
          sums[row] = Math.fma((float) a[i * m + row], factor, sums[row]);
        }
      }
      for (int row = 0; row < m; row++) {
        result[column * m + row] = sums[row];
      }
    }
    return result;
  }

  /** {@code a b}, summed in doubles: exact for integers of 8 bits. */
  static double[] inDoubles(double[] a, double[] b, int m, int n, int k) {
    double[] result = new double[m * n];
    for (int column = 0; column < n; column++) {
      for (int i = 0; i < k; i++) {
        double factor = b[column * k + i];
        for (int row = 0; row < m; row++) {
          result[column * m + row] += a[i * m + row] * factor;
        }
      }
    }
    return result;
  }
}
