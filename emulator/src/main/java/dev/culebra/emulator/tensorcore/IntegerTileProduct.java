package dev.culebra.emulator.tensorcore;

import java.util.Arrays;

/** Integers of 8 or 4 bits, and single bits. All exact; what does not fit wraps or is clamped. */
final class IntegerTileProduct extends TileProduct {
  /** What takes the place of the multiplication. */
  enum Operation {
    MULTIPLY,
    AND_POPC,
    XOR_POPC
  }

  private static final int WORD = 32;
  private static final int COLUMNS = SumUnit.COLUMNS;

  private final TileShape shape;
  private final ElementType typeOfA;
  private final ElementType typeOfB;
  private final Operation operation;
  private final boolean clamped;

  /**
   * @param clamped whether a sum that does not fit 32 bits becomes the nearest that does ({@code
   *     .satfinite}) instead of losing its upper bits
   */
  IntegerTileProduct(
      TileShape shape,
      ElementType typeOfA,
      ElementType typeOfB,
      Operation operation,
      boolean clamped) {
    super(
        FragmentLayout.a(elements(shape, typeOfA), whole(typeOfA)),
        FragmentLayout.b(elements(shape, typeOfB), whole(typeOfB)),
        FragmentLayout.accumulators(shape, ElementType.S32),
        FragmentLayout.accumulators(shape, ElementType.S32));
    this.shape = elements(shape, typeOfA);
    this.typeOfA = typeOfA;
    this.typeOfB = typeOfB;
    this.operation = operation;
    this.clamped = clamped;
  }

  /** Single bits are taken 32 at a time. */
  private static TileShape elements(TileShape shape, ElementType type) {
    return type == ElementType.B1 ? new TileShape(shape.m(), shape.n(), shape.k() / WORD) : shape;
  }

  private static ElementType whole(ElementType type) {
    return type == ElementType.B1 ? ElementType.S32 : type;
  }

  @Override
  public void multiply(
      TileRegisters registers, int[][] words, long[][] longs, TileBuffers buffers) {
    int[] rows = buffers.a.bits;
    int[] columns = buffers.b.bits;
    int[] accumulators = buffers.accumulators;
    a.gather(words, registers.a(), rows);
    b.gather(words, registers.b(), columns);
    c.gather(words, registers.c(), accumulators);
    extend(rows, shape.m() * shape.k(), typeOfA);
    extend(columns, shape.k() * shape.n(), typeOfB);
    for (int row = 0; row < shape.m(); row++) {
      int[] sums = buffers.partial;
      Arrays.fill(sums, 0, COLUMNS, 0);
      for (int k = 0; k < shape.k(); k++) {
        add(rows[row * shape.k() + k], columns, k * COLUMNS, sums);
      }
      for (int column = 0; column < COLUMNS; column++) {
        int at = row * COLUMNS + column;
        long total = (long) accumulators[at] + sums[column];
        accumulators[at] =
            clamped ? Math.clamp(total, Integer.MIN_VALUE, Integer.MAX_VALUE) : (int) total;
      }
    }
    d.scatter(accumulators, words, registers.d());
  }

  /** What one element of A gives with a row of B: no sum of these leaves an int. */
  private void add(int x, int[] columns, int from, int[] sums) {
    switch (operation) {
      case MULTIPLY -> {
        for (int column = 0; column < COLUMNS; column++) {
          sums[column] += x * columns[from + column];
        }
      }
      case AND_POPC -> {
        for (int column = 0; column < COLUMNS; column++) {
          sums[column] += Integer.bitCount(x & columns[from + column]);
        }
      }
      case XOR_POPC -> {
        for (int column = 0; column < COLUMNS; column++) {
          sums[column] += Integer.bitCount(x ^ columns[from + column]);
        }
      }
    }
  }

  private static void extend(int[] elements, int count, ElementType type) {
    if (type == ElementType.S8 || type == ElementType.S4) {
      int shift = WORD - type.bits();
      for (int i = 0; i < count; i++) {
        elements[i] = elements[i] << shift >> shift;
      }
    }
  }
}
