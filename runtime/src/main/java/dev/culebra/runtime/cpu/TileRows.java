package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Single rows of a tensor in scratch memory and back, padded with zeros to whole vectors; {@link
 * TileColumns} has what is done to many together.
 */
final class TileRows {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = (long) LENGTH * Float.BYTES;

  private TileRows() {}

  /** Columns rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LENGTH - 1) / LENGTH * LENGTH;
  }

  /**
   * Copies a row and pads it with zeros to whole vectors.
   *
   * @param operand type of what is written: F32, or the row's own
   */
  static void pack(long from, DType dtype, int columns, long to, DType operand) {
    Moves.convert(from, dtype.bytes(), to, operand.bytes(), columns);
    clear(to + columns * (long) operand.bytes(), to + padded(columns) * (long) operand.bytes());
  }

  /** Copies one row as F32 times {@code factor} and pads it with zeros to whole vectors. */
  static void load(long from, DType dtype, int columns, float factor, long to) {
    pack(from, dtype, columns, to, DType.F32);
    if (factor != 1) {
      multiply(to, padded(columns) * (long) Float.BYTES, factor);
    }
  }

  /** Multiplies a packed F32 row by {@code factor} and copies it, rounding to {@code dtype}. */
  static void store(long row, int columns, float factor, long to, DType dtype) {
    multiply(row, padded(columns) * (long) Float.BYTES, factor);
    Moves.convert(row, Float.BYTES, to, dtype.bytes(), columns);
  }

  /**
   * F32 to BF16, to nearest even, whole vectors. Unlike {@link Blocks#narrow} it takes no care of a
   * NaN with low bits only: those of BF16 operands have none, and arithmetic makes none.
   */
  static void round(long from, long to, int count) {
    for (int i = 0; i < count; i += LENGTH) {
      IntVector bits = IntVector.fromMemorySegment(Lanes.INTS, MEMORY, from + i * 4L, ORDER);
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector rounded = bits.add(odd).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
      ((ShortVector) rounded.convertShape(VectorOperators.I2S, Lanes.SHORTS, 0))
          .intoMemorySegment(MEMORY, to + i * 2L, ORDER);
    }
  }

  /** Zeros from {@code from} up to {@code to}, both even. */
  static void clear(long from, long to) {
    for (; from + VECTOR <= to; from += VECTOR) {
      FloatVector.zero(FLOATS).intoMemorySegment(MEMORY, from, ORDER);
    }
    for (; from < to; from += Short.BYTES) {
      MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, from, (short) 0);
    }
  }

  /** Multiplies the F32 of {@code bytes} bytes, whole vectors. */
  static void multiply(long row, long bytes, float factor) {
    for (long at = row; at < row + bytes; at += VECTOR) {
      FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER)
          .mul(factor)
          .intoMemorySegment(MEMORY, at, ORDER);
    }
  }

  /** Adds {@code factor} times a row of F32, whole vectors, to another. */
  static void addMultiple(float factor, long from, long bytes, long to) {
    for (long at = 0; at < bytes; at += VECTOR) {
      FloatVector.fromMemorySegment(FLOATS, MEMORY, from + at, ORDER)
          .mul(factor)
          .add(FloatVector.fromMemorySegment(FLOATS, MEMORY, to + at, ORDER))
          .intoMemorySegment(MEMORY, to + at, ORDER);
    }
  }

  /** The product of two F32 rows, not yet summed across lanes. */
  static void dot(long a, long b, int columns, long sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int column = 0;
    for (; column + LENGTH <= columns; column += LENGTH) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, MEMORY, a + column * 4L, ORDER);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + column * 4L, ORDER);
      sum = x.fma(y, sum);
    }
    if (column < columns) {
      VectorMask<Float> mask = FLOATS.indexInRange(column, columns);
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, MEMORY, a + column * 4L, ORDER, mask);
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, MEMORY, b + column * 4L, ORDER, mask);
      sum = x.fma(y, sum);
    }
    sum.intoMemorySegment(MEMORY, sums, ORDER);
  }

  /**
   * Sums across the lanes of adjacent vectors by halves, an order that {@code reduceLanes} does not
   * promise: {@code sums[i]} becomes the sum of vector i.
   */
  static void sumEach(long vectors, int count, long sums) {
    for (int i = 0; i < count; i++) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, MEMORY, vectors + i * VECTOR, ORDER);
      if (LENGTH > 32) {
        x = x.add(x.rearrange(Lanes.BY_32));
      }
      if (LENGTH > 16) {
        x = x.add(x.rearrange(Lanes.BY_16));
      }
      if (LENGTH > 8) {
        x = x.add(x.rearrange(Lanes.BY_8));
      }
      if (LENGTH > 4) {
        x = x.add(x.rearrange(Lanes.BY_4));
      }
      if (LENGTH > 2) {
        x = x.add(x.rearrange(Lanes.BY_2));
      }
      float sum = x.add(x.rearrange(Lanes.BY_1)).lane(0);
      MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, sums + i * 4L, sum);
    }
  }
}
