package dev.culebra.emulator.exec;

/**
 * {@code vadd2}, {@code vabsdiff4} and their like (PTX ISA 9.7.18): two halves or four bytes of a
 * register at once.
 *
 * @param width bits of an element
 * @param first which elements of a and b together, 0 the lowest of a, the first operand's are
 * @param mask the results that are wanted, a bit each; c has the others
 * @param accumulates whether results are added to c
 */
record SimdVideoOperation(
    Function function,
    int width,
    Source first,
    Source second,
    boolean signed,
    boolean saturates,
    boolean accumulates,
    int mask) {
  /** What is done with a pair of elements. */
  enum Function {
    ADD,
    SUB,
    AVRG,
    ABSDIFF,
    MIN,
    MAX,
    EQ,
    NE,
    LT,
    LE,
    GT,
    GE;

    private int of(int a, int b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case AVRG -> a + b + (a + b >= 0 ? 1 : 0) >> 1;
        case ABSDIFF -> Math.abs(a - b);
        case MIN -> Math.min(a, b);
        case MAX -> Math.max(a, b);
        case EQ -> a == b ? 1 : 0;
        case NE -> a != b ? 1 : 0;
        case LT -> a < b ? 1 : 0;
        case LE -> a <= b ? 1 : 0;
        case GT -> a > b ? 1 : 0;
        case GE -> a >= b ? 1 : 0;
      };
    }
  }

  /**
   * Where an operand's elements come from.
   *
   * @param elements by element of the result, the lowest first
   */
  record Source(int[] elements, boolean signed) {
    private int element(int index, int a, int b, int width) {
      int count = Integer.SIZE / width;
      int from = elements[index];
      int shift = Integer.SIZE - width - from % count * width;
      int top = (from < count ? a : b) << shift;
      return signed ? top >> Integer.SIZE - width : top >>> Integer.SIZE - width;
    }
  }

  int result(int a, int b, int c) {
    int result = c;
    int bits = (1 << width) - 1;
    for (int i = 0; i < Integer.SIZE / width; i++) {
      if ((mask >>> i & 1) == 0) {
        continue;
      }
      int value = function.of(first.element(i, a, b, width), second.element(i, a, b, width));
      if (accumulates) {
        result += value;
        continue;
      }
      if (saturates) {
        value =
            signed
                ? Math.clamp(value, -(1 << width - 1), (1 << width - 1) - 1)
                : Math.clamp(value, 0, bits);
      }
      result = result & ~(bits << i * width) | (value & bits) << i * width;
    }
    return result;
  }

  /** The operation on slots of words. */
  Operation on(int destination, int a, int b, int c) {
    return new Operation() {
      @Override
      void execute(Warp warp, int active) {
        int[] firsts = warp.words[a];
        int[] seconds = warp.words[b];
        int[] thirds = warp.words[c];
        int[] results = warp.words[destination];
        for (int left = active; left != 0; left &= left - 1) {
          int lane = Integer.numberOfTrailingZeros(left);
          results[lane] = result(firsts[lane], seconds[lane], thirds[lane]);
        }
      }
    };
  }
}
