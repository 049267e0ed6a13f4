package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.culebra.runtime.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Products by {@link Gemm}, whatever the processor would choose. */
class GemmTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  @Test
  void products_of_any_layout_agree_with_sums_in_double() {
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < 120; i++) {
        int most = i % 2 == 0 ? 90 : 2; // single rows and columns, too
        int m = 1 + random.nextInt(most);
        int n = 1 + random.nextInt(most);
        int k = 2 + random.nextInt(200);
        check(arena, shape(m, n, k, random.nextBoolean(), random.nextBoolean()));
      }
    }
  }

  /** Factors by rows or by columns, with gaps between them; results with gaps between rows. */
  private MatmulShape shape(int m, int n, int k, boolean aByRows, boolean bByRows) {
    int gap = random.nextInt(5);
    return new MatmulShape(
        m,
        n,
        k,
        DType.F32,
        aByRows ? k + gap : 1,
        aByRows ? 1 : m + gap,
        bByRows ? n + gap : 1,
        bByRows ? 1 : k + gap,
        DType.F32,
        n + random.nextInt(5),
        random.nextBoolean(),
        false,
        random.nextBoolean());
  }

  private void check(Arena arena, MatmulShape s) {
    MemorySegment a = normals(arena, s.m() * s.aRowStride() + s.k() * s.aColumnStride());
    MemorySegment b = normals(arena, s.k() * s.bRowStride() + s.n() * s.bColumnStride());
    MemorySegment bias = normals(arena, s.n());
    MemorySegment c = normals(arena, s.m() * s.cRowStride());
    float[] before = c.toArray(ValueLayout.JAVA_FLOAT);
    Gemm.multiply(s, a.address(), b.address(), bias.address(), c.address());
    for (long i = 0; i < s.m() * s.cRowStride(); i++) {
      long row = i / s.cRowStride();
      long column = i % s.cRowStride();
      String place = s + " at " + row + ", " + column + ", seed " + seed;
      if (column >= s.n()) {
        assertEquals(before[(int) i], get(c, i), "behind the row: " + place);
        continue;
      }
      double sum = (s.accumulate() ? before[(int) i] : 0) + (s.bias() ? get(bias, column) : 0);
      double size = Math.abs(sum);
      for (long j = 0; j < s.k(); j++) {
        double term =
            (double) get(a, row * s.aRowStride() + j * s.aColumnStride())
                * get(b, j * s.bRowStride() + column * s.bColumnStride());
        sum += term;
        size += Math.abs(term);
      }
      // each of k + 2 additions rounds by at most 2^-24 of what has been summed
      assertEquals(sum, get(c, i), (s.k() + 2) * 0x1p-24 * size, place);
    }
  }

  @Test
  void threads_that_multiply_at_once_do_not_disturb_each_other() throws Exception {
    int size = 150;
    MatmulShape shape =
        new MatmulShape(
            size, size, size, DType.F32, 1, size, size, 1, DType.F32, size, false, false, false);
    try (Arena arena = Arena.ofShared();
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      MemorySegment a = normals(arena, size * size);
      MemorySegment b = normals(arena, size * size);
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        MemorySegment c = normals(arena, size * size);
        results.add(
            threads.submit(
                () -> {
                  Gemm.multiply(shape, a.address(), b.address(), 0, c.address());
                  return c.toArray(ValueLayout.JAVA_FLOAT);
                }));
      }
      for (Future<float[]> result : results) {
        assertArrayEquals(results.getFirst().get(), result.get(), "seed " + seed);
      }
    }
  }

  @Test
  void small_products_and_those_with_an_activation_are_left_to_primitives() {
    MatmulShape small =
        new MatmulShape(
            256, 128, 768, DType.F32, 1, 512, 128, 1, DType.F32, 128, false, false, false);
    assertFalse(Gemm.isFaster(small));
    assertFalse(
        Gemm.isFaster(
            new MatmulShape(
                4096, 512, 512, DType.F32, 512, 1, 512, 1, DType.F32, 512, true, true, false)));
  }

  private MemorySegment normals(Arena arena, long elements) {
    MemorySegment segment = arena.allocate(ValueLayout.JAVA_FLOAT, elements);
    for (long i = 0; i < elements; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return segment;
  }

  private static float get(MemorySegment segment, long index) {
    return segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }
}
