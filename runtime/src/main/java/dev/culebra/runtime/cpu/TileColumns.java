package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of a tensor as tiles in scratch memory and back, a vector of columns at a time, down all
 * rows: a head's rows are a few vectors long, over which a loop would hardly have begun. Tiles'
 * rows are adjacent and padded with zeros to whole vectors; columns beyond the tensor's last whole
 * vector are copied one by one.
 */
final class TileColumns {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;

  private TileColumns() {}

  /**
   * Copies rows to a tile and fills it up with rows of zeros.
   *
   * @param rowBytes bytes from row to row of what is copied
   * @param count rows to copy
   * @param rows rows to write
   * @param operand type of the tile: F32, or the rows' own
   */
  static void pack(
      long from,
      DType dtype,
      long rowBytes,
      int columns,
      int count,
      int rows,
      long tile,
      DType operand) {
    int fromBytes = dtype.bytes();
    int tileBytes = operand.bytes();
    long tileRow = TileRows.padded(columns) * (long) tileBytes;
    int column = 0;
    for (; column <= columns - LENGTH; column += LENGTH) {
      long source = from + (long) column * fromBytes;
      long target = tile + (long) column * tileBytes;
      if (dtype == DType.F32) {
        copyFloats(source, rowBytes, target, tileRow, count);
      } else if (operand == DType.BF16) {
        copyShorts(source, rowBytes, target, tileRow, count);
      } else {
        widen(source, rowBytes, target, tileRow, count);
      }
    }
    if (column < columns) {
      for (int row = 0; row < count; row++) {
        long target = tile + row * tileRow + (long) column * tileBytes;
        long source = from + row * rowBytes + (long) column * fromBytes;
        Moves.convert(source, fromBytes, target, tileBytes, columns - column);
        TileRows.clear(target + (long) (columns - column) * tileBytes, tile + (row + 1) * tileRow);
      }
    }
    TileRows.clear(tile + count * tileRow, tile + rows * tileRow);
  }

  /**
   * Copies rows of an F32 tile, {@code rowBytes} apart where they go, rounding to {@code dtype}.
   */
  static void unpack(long tile, int columns, int count, long to, DType dtype, long rowBytes) {
    long tileRow = TileRows.padded(columns) * (long) Float.BYTES;
    int bytes = dtype.bytes();
    int column = 0;
    for (; column <= columns - LENGTH; column += LENGTH) {
      long source = tile + column * 4L;
      long target = to + (long) column * bytes;
      if (dtype == DType.F32) {
        copyFloats(source, tileRow, target, rowBytes, count);
      } else {
        narrow(source, tileRow, target, rowBytes, count);
      }
    }
    if (column < columns) {
      for (int row = 0; row < count; row++) {
        long source = tile + row * tileRow + column * 4L;
        long target = to + row * rowBytes + (long) column * bytes;
        Moves.convert(source, Float.BYTES, target, bytes, columns - column);
      }
    }
  }

  /** Multiplies each row of an F32 tile by its own of adjacent factors. */
  static void multiply(long tile, int columns, int count, long factors) {
    long tileRow = TileRows.padded(columns) * (long) Float.BYTES;
    for (long column = 0; column < tileRow; column += VECTOR) {
      multiplyColumn(tile + column, tileRow, factors, count);
    }
  }

  /** Copies a tile of F32 rows, one for each query, to one of its columns. */
  static void transpose(long tile, long rowBytes, int columns, long to) {
    for (int row = 0; row < ScoreTile.QUERIES; row++) {
      for (int column = 0; column < columns; column++) { // the steps are constants, unlike a row's
        float element = MEMORY.get(FLOAT, tile + ((long) column << 2));
        MEMORY.set(FLOAT, to + column * ScoreColumn.ROW, element);
      }
      tile += rowBytes;
      to += Float.BYTES;
    }
  }

  /**
   * The products of rows of two tensors of one type, not yet summed across lanes: a vector each at
   * {@code sums}.
   */
  static void dots(
      long a, long aRow, long b, long bRow, DType dtype, int columns, int count, long sums) {
    int bytes = dtype.bytes();
    TileRows.clear(sums, sums + count * VECTOR);
    int column = 0;
    for (; column <= columns - LENGTH; column += LENGTH) {
      long x = a + (long) column * bytes;
      long y = b + (long) column * bytes;
      if (dtype == DType.F32) {
        addProducts(x, aRow, y, bRow, count, sums);
      } else {
        addProductsBf16(x, aRow, y, bRow, count, sums);
      }
    }
    for (; column < columns; column++) {
      long lane = sums + column % LENGTH * 4L;
      for (int row = 0; row < count; row++) {
        float x = get(a + row * aRow + (long) column * bytes, dtype);
        float y = get(b + row * bRow + (long) column * bytes, dtype);
        Lanes.set(lane + row * VECTOR, Math.fma(x, y, Lanes.get(lane + row * VECTOR)));
      }
    }
  }

  private static float get(long address, DType dtype) {
    return dtype == DType.F32 ? Lanes.get(address) : Lanes.getBf16(address);
  }

  private static void copyFloats(long from, long fromRow, long to, long toRow, int rows) {
    for (int row = 0; row < rows; row++) {
      FloatVector.fromMemorySegment(FLOATS, MEMORY, from, ORDER)
          .intoMemorySegment(MEMORY, to, ORDER);
      from += fromRow;
      to += toRow;
    }
  }

  private static void copyShorts(long from, long fromRow, long to, long toRow, int rows) {
    for (int row = 0; row < rows; row++) {
      ShortVector.fromMemorySegment(SHORTS, MEMORY, from, ORDER)
          .intoMemorySegment(MEMORY, to, ORDER);
      from += fromRow;
      to += toRow;
    }
  }

  private static void widen(long from, long fromRow, long to, long toRow, int rows) {
    for (int row = 0; row < rows; row++) {
      ((IntVector)
              ShortVector.fromMemorySegment(SHORTS, MEMORY, from, ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .intoMemorySegment(MEMORY, to, ORDER);
      from += fromRow;
      to += toRow;
    }
  }

  /** To nearest even; of a NaN, which arithmetic makes with a high bit only, a NaN. */
  private static void narrow(long from, long fromRow, long to, long toRow, int rows) {
    for (int row = 0; row < rows; row++) {
      IntVector bits = IntVector.fromMemorySegment(INTS, MEMORY, from, ORDER);
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      ((ShortVector)
              bits.add(odd)
                  .add(0x7FFF)
                  .lanewise(VectorOperators.LSHR, 16)
                  .convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(MEMORY, to, ORDER);
      from += fromRow;
      to += toRow;
    }
  }

  private static void multiplyColumn(long column, long rowBytes, long factors, int rows) {
    for (int row = 0; row < rows; row++) {
      float factor = MEMORY.get(FLOAT, factors + row * 4L);
      FloatVector.fromMemorySegment(FLOATS, MEMORY, column, ORDER)
          .mul(factor)
          .intoMemorySegment(MEMORY, column, ORDER);
      column += rowBytes;
    }
  }

  private static void addProducts(long a, long aRow, long b, long bRow, int rows, long sums) {
    for (int row = 0; row < rows; row++) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums, ORDER);
      FloatVector.fromMemorySegment(FLOATS, MEMORY, a, ORDER)
          .fma(FloatVector.fromMemorySegment(FLOATS, MEMORY, b, ORDER), sum)
          .intoMemorySegment(MEMORY, sums, ORDER);
      a += aRow;
      b += bRow;
      sums += VECTOR;
    }
  }

  private static void addProductsBf16(long a, long aRow, long b, long bRow, int rows, long sums) {
    for (int row = 0; row < rows; row++) {
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, a, ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector y =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, b, ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, MEMORY, sums, ORDER);
      x.fma(y, sum).intoMemorySegment(MEMORY, sums, ORDER);
      a += aRow;
      b += bRow;
      sums += VECTOR;
    }
  }
}
