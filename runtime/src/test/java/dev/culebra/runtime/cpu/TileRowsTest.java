package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every number of columns up to some vectors, at every alignment of an element, bit by bit: what is
 * written, what it is padded with, and that nothing around it changes.
 */
class TileRowsTest {
  private static final int MOST_COLUMNS = 3 * Lanes.LENGTH + 3;
  private static final int GUARD = 256;
  private static final byte CANARY = (byte) 0xa5;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void close() {
    arena.close();
  }

  /** Bytes amid canaries, and what they are expected to become. */
  private final class Region {
    final long address;
    private final MemorySegment memory;
    private final byte[] expected;
    private final int start;

    /**
     * @param shift bytes from a vector's boundary
     */
    Region(int bytes, int shift) {
      start = GUARD + shift;
      memory = arena.allocate(bytes + 2L * GUARD + shift, GUARD);
      memory.fill(CANARY);
      expected = memory.toArray(ValueLayout.JAVA_BYTE);
      address = memory.address() + start;
    }

    void expectFloat(int at, float value) {
      MemorySegment.ofArray(expected).set(ValueLayout.JAVA_FLOAT_UNALIGNED, start + at, value);
    }

    void expectShort(int at, short bits) {
      MemorySegment.ofArray(expected).set(ValueLayout.JAVA_SHORT_UNALIGNED, start + at, bits);
    }

    void expectZeros(int from, int to) {
      Arrays.fill(expected, start + from, start + to, (byte) 0);
    }

    void check(String what) {
      assertArrayEquals(
          expected, memory.toArray(ValueLayout.JAVA_BYTE), () -> what + ", seed " + seed);
    }
  }

  /** Elements with gaps between the rows. */
  private final class Rows {
    final long address;
    final long rowBytes;
    private final DType dtype;
    private final MemorySegment memory;

    Rows(DType dtype, int rows, int columns) {
      this.dtype = dtype;
      rowBytes = (columns + random.nextInt(4)) * (long) dtype.bytes();
      long shift = random.nextInt(8) * (long) dtype.bytes();
      memory = arena.allocate(rows * rowBytes + shift + 64, 64).asSlice(shift);
      address = memory.address();
      for (long at = 0; at + dtype.bytes() <= rows * rowBytes; at += dtype.bytes()) {
        int bits = Float.floatToRawIntBits((float) random.nextGaussian());
        if (dtype == DType.BF16) {
          memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (bits >>> 16));
        } else {
          memory.set(ValueLayout.JAVA_INT_UNALIGNED, at, bits);
        }
      }
    }

    short bits(int row, int column) {
      return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, row * rowBytes + column * 2L);
    }

    float value(int row, int column) {
      return dtype == DType.BF16
          ? Float.intBitsToFloat(bits(row, column) << 16)
          : memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row * rowBytes + column * 4L);
    }
  }

  /** The nearest BF16 by distance, of two as near the even one: not by the kernels' arithmetic. */
  private static short nearestBf16(float x) {
    int low = Float.floatToRawIntBits(x) & 0xffff0000;
    int high = low + 0x10000;
    double below = Math.abs((double) x - Float.intBitsToFloat(low));
    // Beyond the largest number comes what would be the next, though it stands for infinity.
    double next =
        Float.isInfinite(Float.intBitsToFloat(high))
            ? Math.copySign(0x1p128, x)
            : Float.intBitsToFloat(high);
    double above = Math.abs(next - x);
    boolean up = above < below || above == below && (low >>> 16 & 1) == 1;
    return (short) ((up ? high : low) >>> 16);
  }

  @Test
  void columns_are_padded_to_whole_vectors() {
    for (int columns = 0; columns <= MOST_COLUMNS; columns++) {
      int padded = TileRows.padded(columns);
      assertEquals(0, padded % Lanes.LENGTH);
      assertTrue(padded >= columns && padded < columns + Lanes.LENGTH);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void packed_rows_are_the_rows_then_zeros_and_rows_of_zeros(DType dtype) {
    for (int columns = 1; columns <= MOST_COLUMNS; columns++) {
      for (int count = 0; count <= 3; count++) {
        for (int rows = count; rows <= count + 2; rows++) {
          pack(dtype, DType.F32, columns, count, rows);
          pack(dtype, dtype, columns, count, rows);
        }
      }
    }
  }

  private void pack(DType dtype, DType operand, int columns, int count, int rows) {
    Rows from = new Rows(dtype, count, columns);
    int padded = TileRows.padded(columns);
    Region to = new Region(rows * padded * operand.bytes(), 0);
    to.expectZeros(0, rows * padded * operand.bytes());
    for (int row = 0; row < count; row++) {
      for (int column = 0; column < columns; column++) {
        int at = (row * padded + column) * operand.bytes();
        if (operand == DType.BF16) {
          to.expectShort(at, from.bits(row, column));
        } else {
          to.expectFloat(at, from.value(row, column));
        }
      }
    }
    TileColumns.pack(from.address, dtype, from.rowBytes, columns, count, rows, to.address, operand);
    to.check("%s to %s, %d columns, %d of %d rows".formatted(dtype, operand, columns, count, rows));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void a_loaded_row_is_scaled_and_padded_with_zeros(DType dtype) {
    for (int columns = 1; columns <= MOST_COLUMNS; columns++) {
      for (float factor : new float[] {1, -0.37f}) {
        Rows from = new Rows(dtype, 1, columns);
        Region to = new Region(TileRows.padded(columns) * 4, 0);
        for (int i = 0; i < TileRows.padded(columns); i++) {
          // Padding is multiplied like the rest: by a negative factor to a negative zero.
          to.expectFloat(4 * i, (i < columns ? from.value(0, i) : 0) * factor);
        }
        TileRows.load(from.address, dtype, columns, factor, to.address);
        to.check(dtype + ", " + columns + " columns times " + factor);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void a_stored_row_is_scaled_rounded_and_written_no_further_than_its_columns(DType dtype) {
    for (int columns = 1; columns <= MOST_COLUMNS; columns++) {
      for (int shift = 0; shift < 64; shift += dtype.bytes()) {
        Rows row = new Rows(DType.F32, 1, TileRows.padded(columns));
        Region to = new Region(columns * dtype.bytes(), shift);
        for (int i = 0; i < columns; i++) {
          float scaled = row.value(0, i) * 0.7f;
          if (dtype == DType.BF16) {
            to.expectShort(2 * i, nearestBf16(scaled));
          } else {
            to.expectFloat(4 * i, scaled);
          }
        }
        TileRows.store(row.address, columns, 0.7f, to.address, dtype);
        to.check(dtype + ", " + columns + " columns, shifted by " + shift);
      }
    }
  }

  @Test
  void zeros_are_written_to_the_last_bf16() {
    for (int bytes = 0; bytes <= 12 * Lanes.LENGTH; bytes += Short.BYTES) {
      Region to = new Region(bytes, bytes % 7);
      to.expectZeros(0, bytes);
      TileRows.clear(to.address, to.address + bytes);
      to.check(bytes + " bytes");
    }
  }

  /** Ties, neighbours of ties, the smallest, the largest and random numbers. */
  @Test
  void rounding_is_to_the_nearest_and_of_two_to_the_even() {
    int count = 1 << 16;
    MemorySegment from = arena.allocate(4L * count, 64);
    for (int i = 0; i < count; i++) {
      int tail = new int[] {0x8000, 0x7fff, 0x8001, 0, 0xffff, random.nextInt(0x10000)}[i % 6];
      int bits = random.nextInt() & 0xffff0000 | tail;
      boolean finite = (bits & 0x7f800000) != 0x7f800000;
      from.setAtIndex(ValueLayout.JAVA_INT, i, finite ? bits : bits & 0x80000000 | tail);
    }
    for (int n : new int[] {count, Lanes.LENGTH, 2 * Lanes.LENGTH}) {
      Region rounded = new Region(2 * n, 0);
      Region narrowed = new Region(2 * n, 2);
      for (int i = 0; i < n; i++) {
        short nearest = nearestBf16(from.getAtIndex(ValueLayout.JAVA_FLOAT, i));
        rounded.expectShort(2 * i, nearest);
        narrowed.expectShort(2 * i, nearest);
      }
      TileRows.round(from.address(), rounded.address, n);
      rounded.check("round " + n);
      Blocks.narrow(from.address(), narrowed.address, n);
      narrowed.check("narrow " + n);
    }
  }

  @Test
  void blocks_widen_and_narrow_every_count_and_no_element_more() {
    for (int n = 0; n <= MOST_COLUMNS; n++) {
      for (int shift = 0; shift < 64; shift += 2) {
        Rows half = new Rows(DType.BF16, 1, n);
        Region wide = new Region(4 * n, 2 * shift);
        Region back = new Region(2 * n, shift);
        for (int i = 0; i < n; i++) {
          wide.expectFloat(4 * i, half.value(0, i));
          back.expectShort(2 * i, half.bits(0, i));
        }
        Blocks.widen(half.address, wide.address, n);
        wide.check("widen " + n + ", shifted by " + shift);
        Blocks.narrow(wide.address, back.address, n);
        back.check("narrow " + n + ", shifted by " + shift);
      }
    }
  }

  @Test
  void every_bf16_number_is_widened_and_narrowed_to_itself() {
    Region wide = new Region(4 << 16, 0);
    Region back = new Region(2 << 16, 0);
    MemorySegment all = arena.allocate(2 << 16);
    for (int bits = 0; bits < 1 << 16; bits++) {
      boolean nan = (bits & 0x7f80) == 0x7f80 && (bits & 0x7f) != 0;
      all.setAtIndex(ValueLayout.JAVA_SHORT, bits, (short) bits);
      MemorySegment.ofArray(wide.expected)
          .set(ValueLayout.JAVA_INT_UNALIGNED, wide.start + 4L * bits, bits << 16);
      back.expectShort(2 * bits, (short) (nan ? bits | 0x40 : bits)); // it becomes quiet
    }
    Blocks.widen(all.address(), wide.address, 1 << 16);
    wide.check("widened");
    Blocks.narrow(wide.address, back.address, 1 << 16);
    back.check("narrowed");
  }

  /** Whole numbers, so that sums are exact in any order. */
  @Test
  void dot_products_take_every_column_and_none_behind() {
    for (int columns = 1; columns <= MOST_COLUMNS; columns++) {
      MemorySegment a = wholeNumbers(columns + Lanes.LENGTH);
      MemorySegment b = wholeNumbers(columns + Lanes.LENGTH);
      float expected = 0;
      for (int i = 0; i < columns; i++) {
        expected +=
            a.getAtIndex(ValueLayout.JAVA_FLOAT, i) * b.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
      Region partial = new Region(4 * Lanes.LENGTH, 0);
      Region sum = new Region(4, 0);
      sum.expectFloat(0, expected);
      TileRows.dot(a.address(), b.address(), columns, partial.address);
      TileRows.sumEach(partial.address, 1, sum.address);
      sum.check(columns + " columns");
    }
  }

  private MemorySegment wholeNumbers(int count) {
    MemorySegment numbers = arena.allocate(4L * count, 64);
    for (int i = 0; i < count; i++) {
      numbers.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(-9, 10));
    }
    return numbers;
  }
}
