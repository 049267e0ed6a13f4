package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Small F32 matrix products between tiles in a worker's scratch memory: {@code c += a b} for {@link
 * #ROWS} rows of c at a time, b and c being read by whole vectors.
 *
 * <p>Each element of {@code a} is broadcast, so {@code a} may be transposed for free: {@code aRow}
 * and {@code aStep} are the distances in bytes between its rows and along the summed dimension.
 * With four rows by four vectors 16 sums run at once, enough to hide an FMA's latency of four
 * cycles on one or two ports, and 24 registers of the 32 that AVX-512 has are used; narrower
 * machines take two vectors.
 *
 * <p>The loops call the Vector API itself and not {@link Lanes}: the compiler always inlines the
 * API's methods, but gives up on others in methods as large as these, and a vector that crosses a
 * call is boxed on the heap.
 */
final class TileProducts {
  /** Rows of one call. Tiles are padded to a multiple of this. */
  static final int ROWS = 4;

  private static final int WIDEST = Lanes.LENGTH >= 16 ? 4 : 2;
  private static final long VECTOR = (long) Lanes.LENGTH * Float.BYTES;
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private TileProducts() {}

  /**
   * Adds four rows of a product to c.
   *
   * @param a address of the first element, rows {@code aRow} bytes apart, steps {@code aStep}
   * @param b {@code [steps, vectors]}, rows {@code bRow} bytes apart
   * @param c {@code [4, vectors]}, rows {@code cRow} bytes apart
   */
  static void addProduct(
      long a, long aRow, long aStep, long b, long bRow, long c, long cRow, int vectors, int steps) {
    int done = 0;
    if (WIDEST == 4) {
      for (; done + 4 <= vectors; done += 4) {
        long offset = done * VECTOR;
        fourByFour(a, aRow, aStep, b + offset, bRow, c + offset, cRow, steps);
      }
    }
    for (; done + 2 <= vectors; done += 2) {
      long offset = done * VECTOR;
      fourByTwo(a, aRow, aStep, b + offset, bRow, c + offset, cRow, steps);
    }
    if (done < vectors) {
      long offset = done * VECTOR;
      fourByOne(a, aRow, aStep, b + offset, bRow, c + offset, cRow, steps);
    }
  }

  private static void fourByFour(
      long a, long aRow, long aStep, long b, long bRow, long c, long cRow, int steps) {
    FloatVector c00 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + VECTOR, ORDER);
    FloatVector c02 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * VECTOR, ORDER);
    FloatVector c03 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * VECTOR, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow, ORDER);
    FloatVector c11 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow + VECTOR, ORDER);
    FloatVector c12 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow + 2 * VECTOR, ORDER);
    FloatVector c13 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow + 3 * VECTOR, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow, ORDER);
    FloatVector c21 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow + VECTOR, ORDER);
    FloatVector c22 =
        FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow + 2 * VECTOR, ORDER);
    FloatVector c23 =
        FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow + 3 * VECTOR, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow, ORDER);
    FloatVector c31 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow + VECTOR, ORDER);
    FloatVector c32 =
        FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow + 2 * VECTOR, ORDER);
    FloatVector c33 =
        FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow + 3 * VECTOR, ORDER);
    for (int step = 0; step < steps; step++) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + VECTOR, ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + 2 * VECTOR, ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + 3 * VECTOR, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a));
      c00 = b0.fma(x, c00);
      c01 = b1.fma(x, c01);
      c02 = b2.fma(x, c02);
      c03 = b3.fma(x, c03);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + aRow));
      c10 = b0.fma(x, c10);
      c11 = b1.fma(x, c11);
      c12 = b2.fma(x, c12);
      c13 = b3.fma(x, c13);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 2 * aRow));
      c20 = b0.fma(x, c20);
      c21 = b1.fma(x, c21);
      c22 = b2.fma(x, c22);
      c23 = b3.fma(x, c23);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 3 * aRow));
      c30 = b0.fma(x, c30);
      c31 = b1.fma(x, c31);
      c32 = b2.fma(x, c32);
      c33 = b3.fma(x, c33);
      a += aStep;
      b += bRow;
    }
    c00.intoMemorySegment(MEMORY, c, ORDER);
    c01.intoMemorySegment(MEMORY, c + VECTOR, ORDER);
    c02.intoMemorySegment(MEMORY, c + 2 * VECTOR, ORDER);
    c03.intoMemorySegment(MEMORY, c + 3 * VECTOR, ORDER);
    c += cRow;
    c10.intoMemorySegment(MEMORY, c, ORDER);
    c11.intoMemorySegment(MEMORY, c + VECTOR, ORDER);
    c12.intoMemorySegment(MEMORY, c + 2 * VECTOR, ORDER);
    c13.intoMemorySegment(MEMORY, c + 3 * VECTOR, ORDER);
    c += cRow;
    c20.intoMemorySegment(MEMORY, c, ORDER);
    c21.intoMemorySegment(MEMORY, c + VECTOR, ORDER);
    c22.intoMemorySegment(MEMORY, c + 2 * VECTOR, ORDER);
    c23.intoMemorySegment(MEMORY, c + 3 * VECTOR, ORDER);
    c += cRow;
    c30.intoMemorySegment(MEMORY, c, ORDER);
    c31.intoMemorySegment(MEMORY, c + VECTOR, ORDER);
    c32.intoMemorySegment(MEMORY, c + 2 * VECTOR, ORDER);
    c33.intoMemorySegment(MEMORY, c + 3 * VECTOR, ORDER);
  }

  private static void fourByTwo(
      long a, long aRow, long aStep, long b, long bRow, long c, long cRow, int steps) {
    FloatVector c00 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c, ORDER);
    FloatVector c01 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + VECTOR, ORDER);
    FloatVector c10 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow, ORDER);
    FloatVector c11 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow + VECTOR, ORDER);
    FloatVector c20 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow, ORDER);
    FloatVector c21 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow + VECTOR, ORDER);
    FloatVector c30 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow, ORDER);
    FloatVector c31 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow + VECTOR, ORDER);
    for (int step = 0; step < steps; step++) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + VECTOR, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a));
      c00 = b0.fma(x, c00);
      c01 = b1.fma(x, c01);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + aRow));
      c10 = b0.fma(x, c10);
      c11 = b1.fma(x, c11);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 2 * aRow));
      c20 = b0.fma(x, c20);
      c21 = b1.fma(x, c21);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 3 * aRow));
      c30 = b0.fma(x, c30);
      c31 = b1.fma(x, c31);
      a += aStep;
      b += bRow;
    }
    c00.intoMemorySegment(MEMORY, c, ORDER);
    c01.intoMemorySegment(MEMORY, c + VECTOR, ORDER);
    c10.intoMemorySegment(MEMORY, c + cRow, ORDER);
    c11.intoMemorySegment(MEMORY, c + cRow + VECTOR, ORDER);
    c20.intoMemorySegment(MEMORY, c + 2 * cRow, ORDER);
    c21.intoMemorySegment(MEMORY, c + 2 * cRow + VECTOR, ORDER);
    c30.intoMemorySegment(MEMORY, c + 3 * cRow, ORDER);
    c31.intoMemorySegment(MEMORY, c + 3 * cRow + VECTOR, ORDER);
  }

  private static void fourByOne(
      long a, long aRow, long aStep, long b, long bRow, long c, long cRow, int steps) {
    FloatVector c0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c, ORDER);
    FloatVector c1 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + cRow, ORDER);
    FloatVector c2 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 2 * cRow, ORDER);
    FloatVector c3 = FloatVector.fromMemorySegment(FLOATS, MEMORY, c + 3 * cRow, ORDER);
    for (int step = 0; step < steps; step++) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b, ORDER);
      c0 = b0.fma(FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a)), c0);
      c1 = b0.fma(FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + aRow)), c1);
      c2 = b0.fma(FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 2 * aRow)), c2);
      c3 = b0.fma(FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + 3 * aRow)), c3);
      a += aStep;
      b += bRow;
    }
    c0.intoMemorySegment(MEMORY, c, ORDER);
    c1.intoMemorySegment(MEMORY, c + cRow, ORDER);
    c2.intoMemorySegment(MEMORY, c + 2 * cRow, ORDER);
    c3.intoMemorySegment(MEMORY, c + 3 * cRow, ORDER);
  }
}
