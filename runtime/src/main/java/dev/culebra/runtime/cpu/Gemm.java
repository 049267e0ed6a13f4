package dev.culebra.runtime.cpu;

import static dev.culebra.bindings.dnnl.dnnl_h.dnnl_sgemm$address;

import dev.culebra.runtime.DType;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Large F32 products by {@code dnnl_sgemm}, where AVX2 is all there is. It copies both factors into
 * the order in which it needs them; oneDNN's matmul primitives do so for AVX-512, but for AVX2 read
 * some right factors where they are, a cache line and a page a row.
 *
 * <p>Measured on Zen 3, one thread, GFLOP/s as a primitive and here: forward 67 and 75 at widths
 * 384 and 768, gradients of inputs 36 to 68 and 75, of weights 36 to 54 and 57 to 79. Below the
 * limit it is as fast or slower.
 */
final class Gemm {
  private static final long LEAST_MULTIPLICATIONS = 1L << 26;

  /** With pointers as numbers, so that a call makes no objects. */
  private static final MethodHandle SGEMM = sgemm();

  private Gemm() {}

  @SuppressWarnings("restricted") // as the generated bindings
  private static MethodHandle sgemm() {
    var character = ValueLayout.JAVA_BYTE;
    var number = ValueLayout.JAVA_LONG;
    var real = ValueLayout.JAVA_FLOAT;
    return Linker.nativeLinker()
        .downcallHandle(
            dnnl_sgemm$address(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                character,
                character,
                number,
                number,
                number,
                real,
                number,
                number,
                number,
                number,
                real,
                number,
                number));
  }

  /** Whether a product is one for {@link #multiply}, and faster so. */
  static boolean isFaster(MatmulShape shape) {
    return shape.operandType() == DType.F32
        && shape.resultType() == DType.F32
        && !shape.gelu()
        && shape.m() * shape.n() * shape.k() >= LEAST_MULTIPLICATIONS
        && !OneDnn.hasAvx512();
  }

  /** Computes a product on the calling thread. */
  static void multiply(MatmulShape shape, long a, long b, long bias, long c) {
    if (shape.bias()) {
      startFromBias(shape, bias, c);
    }
    boolean aRows = shape.aColumnStride() == 1;
    boolean bRows = shape.bColumnStride() == 1;
    int status;
    try {
      // The stride of a single row, which may be anything, must not be less than the row.
      status =
          (int)
              SGEMM.invokeExact(
                  (byte) (aRows ? 'N' : 'T'),
                  (byte) (bRows ? 'N' : 'T'),
                  shape.m(),
                  shape.n(),
                  shape.k(),
                  1f,
                  a,
                  aRows ? Math.max(shape.aRowStride(), shape.k()) : shape.aColumnStride(),
                  b,
                  bRows ? Math.max(shape.bRowStride(), shape.n()) : shape.bColumnStride(),
                  shape.accumulate() || shape.bias() ? 1f : 0f,
                  c,
                  shape.cRowStride());
    } catch (Throwable t) { // a downcall itself throws nothing
      throw new IllegalStateException(t);
    }
    OneDnn.check(status, "dnnl_sgemm", "computing a product");
  }

  private static void startFromBias(MatmulShape shape, long bias, long c) {
    int columns = Math.toIntExact(shape.n());
    for (long row = 0; row < shape.m(); row++) {
      long to = c + row * shape.cRowStride() * Float.BYTES;
      if (shape.accumulate()) {
        Moves.add(to, bias, to, columns);
      } else {
        Moves.copy(bias, to, (long) columns * Float.BYTES);
      }
    }
  }
}
