package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import org.junit.jupiter.api.Test;

class MatmulPrimitivesTest {
  private static final int KEPT = 256;
  private static final int GRAPH = 40;

  private static MatmulShape shape(long m, long n) {
    return new MatmulShape(m, n, 2, DType.F32, 2, 1, 1, 2, DType.F32, n, false, false, false);
  }

  private static MatmulPrimitives.Captured capture(MatmulPrimitives primitives, int count) {
    for (int n = 1; n <= count; n++) {
      primitives.get(shape(1, n), true);
    }
    return primitives.takeCaptured();
  }

  /** Uses as many others as push out all that nobody keeps. */
  private static void useOthers(MatmulPrimitives primitives, long m) {
    for (int n = 1; n <= KEPT; n++) {
      primitives.get(shape(m, n), false);
    }
    primitives.trim();
  }

  @Test
  void what_graphs_call_stays_until_the_last_of_them_is_closed() {
    try (MatmulPrimitives primitives = new MatmulPrimitives(1)) {
      MatmulPrimitives.Captured one = capture(primitives, GRAPH);
      MatmulPrimitives.Captured other = capture(primitives, 1);
      MatmulPrimitive shared = primitives.get(shape(1, 1), false);
      MatmulPrimitive alone = primitives.get(shape(1, GRAPH), false);
      useOthers(primitives, 2);
      assertEquals(KEPT + GRAPH, primitives.size());
      assertSame(alone, primitives.get(shape(1, GRAPH), false));
      one.close();
      one.close(); // counts once
      assertEquals(KEPT + 1, primitives.size());
      useOthers(primitives, 3);
      assertNotSame(alone, primitives.get(shape(1, GRAPH), false));
      assertSame(shared, primitives.get(shape(1, 1), false));
      other.close();
      assertEquals(KEPT, primitives.size());
    }
  }

  @Test
  void a_capture_that_fails_keeps_nothing() {
    try (CpuDevice device = new CpuDevice(1);
        Arena arena = device.memory().arena("test", 1 << 20)) {
      MatmulPrimitives primitives = ((CpuOps) device.ops()).products().primitives();
      Tensor x = arena.allocate(DType.F32, 40, 8);
      Tensor out = arena.allocate(DType.F32, 40, 8);
      try (Weight weight =
          device.weight(arena.allocate(DType.F32, 8, 8), WeightFormat.SOURCE, false)) {
        assertThrows(
            ArithmeticException.class,
            () ->
                device.capture(
                    () -> {
                      device.ops().matmul(x, weight, Epilogue.NONE, out);
                      throw new ArithmeticException("in the middle");
                    }));
      }
      assertTrue(primitives.size() > 0);
      useOthers(primitives, 1);
      assertEquals(KEPT, primitives.size());
    }
  }
}
