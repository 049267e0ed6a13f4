package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A block of a matrix product that is summed up in registers: {@link #ROWS} rows of two vectors.
 * Eight sums are as many as hide the latency of two multiplications a cycle, and leave AVX2
 * registers for a row of the right factor. All distances are in bytes.
 */
final class RegisterBlock {
  static final int ROWS = 4;

  static final int COLUMNS = 2 * Lanes.LENGTH;

  /** Bytes of a row. */
  static final long BYTES = COLUMNS * (long) Float.BYTES;

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

  private RegisterBlock() {}

  /**
   * {@code out = a b}, or {@code out += a b}.
   *
   * @param a {@code [ROWS, k]}
   * @param b {@code [k, COLUMNS]} with adjacent columns
   * @param out {@code [ROWS, COLUMNS]} with adjacent columns
   */
  static void multiply(
      long a,
      long aRow,
      long aColumn,
      long b,
      long bRow,
      int k,
      long out,
      long outRow,
      boolean add) {
    FloatVector zero = FloatVector.zero(FLOATS);
    FloatVector c00 = zero;
    FloatVector c01 = zero;
    FloatVector c10 = zero;
    FloatVector c11 = zero;
    FloatVector c20 = zero;
    FloatVector c21 = zero;
    FloatVector c30 = zero;
    FloatVector c31 = zero;
    long a1 = a + aRow;
    long a2 = a1 + aRow;
    long a3 = a2 + aRow;
    long at = 0;
    for (int i = 0; i < k; i++) {
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + VECTOR, ORDER);
      FloatVector x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a + at));
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a1 + at));
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a2 + at));
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(FLOATS, MEMORY.get(FLOAT, a3 + at));
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      at += aColumn;
      b += bRow;
    }
    long out1 = out + outRow;
    long out2 = out1 + outRow;
    long out3 = out2 + outRow;
    if (add) {
      c00 = c00.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out, ORDER));
      c01 = c01.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out + VECTOR, ORDER));
      c10 = c10.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out1, ORDER));
      c11 = c11.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out1 + VECTOR, ORDER));
      c20 = c20.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out2, ORDER));
      c21 = c21.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out2 + VECTOR, ORDER));
      c30 = c30.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out3, ORDER));
      c31 = c31.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, out3 + VECTOR, ORDER));
    }
    c00.intoMemorySegment(MEMORY, out, ORDER);
    c01.intoMemorySegment(MEMORY, out + VECTOR, ORDER);
    c10.intoMemorySegment(MEMORY, out1, ORDER);
    c11.intoMemorySegment(MEMORY, out1 + VECTOR, ORDER);
    c20.intoMemorySegment(MEMORY, out2, ORDER);
    c21.intoMemorySegment(MEMORY, out2 + VECTOR, ORDER);
    c30.intoMemorySegment(MEMORY, out3, ORDER);
    c31.intoMemorySegment(MEMORY, out3 + VECTOR, ORDER);
  }
}
