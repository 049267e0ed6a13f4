package dev.culebra.emulator.tensorcore;

import java.util.Arrays;
import java.util.stream.Stream;

/** One matrix in the registers of a warp. */
final class Fragment {
  private static final int LANES = 32;

  private final FragmentLayout layout;
  private final int bits;
  private final int[][] words;
  private final long[][] longs;

  /** Of zeros. */
  Fragment(FragmentLayout layout, ElementType type) {
    this.layout = layout;
    bits = type.bits();
    words = new int[layout.registers()][LANES];
    longs = new long[layout.registers()][LANES];
  }

  /** Of these elements, numbered as the layout numbers them. */
  Fragment(FragmentLayout layout, ElementType type, long[] elements) {
    this(layout, type);
    for (int register = 0; register < words.length; register++) {
      for (int lane = 0; lane < LANES; lane++) {
        longs[register][lane] = elements[layout.element(register, lane, 0)];
        for (int i = 0; i < layout.perRegister(); i++) {
          int value = (int) elements[layout.element(register, lane, i)];
          words[register][lane] |= (bits == LANES ? value : value & (1 << bits) - 1) << i * bits;
        }
      }
    }
  }

  /** Its elements, zero-extended. */
  long[] elements(int count) {
    long[] elements = new long[count];
    for (int register = 0; register < words.length; register++) {
      for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < layout.perRegister(); i++) {
          long value = words[register][lane] & 0xffffffffL;
          elements[layout.element(register, lane, i)] =
              bits > LANES ? longs[register][lane] : value >>> i * bits & (1L << bits) - 1;
        }
      }
    }
    return elements;
  }

  /** D. */
  static Fragment multiply(
      TileProduct product,
      Fragment a,
      Fragment b,
      Fragment c,
      ElementType result,
      TileBuffers buffers) {
    Fragment d = new Fragment(product.d(), result);
    Fragment[] all = {a, b, c, d};
    int[][] slots = new int[all.length][];
    int next = 0;
    for (int i = 0; i < all.length; i++) {
      slots[i] = new int[all[i].words.length];
      for (int j = 0; j < slots[i].length; j++) {
        slots[i][j] = next++;
      }
    }
    product.multiply(
        new TileRegisters(slots[0], slots[1], slots[2], slots[3]),
        Stream.of(all).flatMap(one -> Arrays.stream(one.words)).toArray(int[][]::new),
        Stream.of(all).flatMap(one -> Arrays.stream(one.longs)).toArray(long[][]::new),
        buffers);
    return d;
  }
}
