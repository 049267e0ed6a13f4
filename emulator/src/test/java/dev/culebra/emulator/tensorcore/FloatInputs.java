package dev.culebra.emulator.tensorcore;

import java.util.Random;

/** Random floats of any format, each time with another difficulty. */
final class FloatInputs {
  static final int FLAVOURS = 10;

  private final Random random;

  FloatInputs(long seed) {
    random = new Random(seed);
  }

  /** Sign, exponent and fraction in the upper bits of so many. */
  private record Layout(int width, int exponent, int fraction) {
    int of(int sign, int field, int fractionBits) {
      int unused = width - 1 - exponent - fraction;
      return sign << width - 1 | (field << fraction | fractionBits) << unused;
    }
  }

  private static Layout layout(ElementType type) {
    return switch (type) {
      case F16 -> new Layout(16, 5, 10);
      case BF16 -> new Layout(16, 8, 7);
      case TF32 -> new Layout(32, 8, 10);
      case F32 -> new Layout(32, 8, 23);
      case E4M3 -> new Layout(8, 4, 3);
      case E5M2 -> new Layout(8, 5, 2);
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  int next(ElementType type, int flavour) {
    Layout layout = layout(type);
    int sign = random.nextInt(2);
    int fraction = random.nextInt(1 << layout.fraction);
    int fields = (1 << layout.exponent) - 1;
    int bias = fields / 2;
    return switch (flavour) {
      case 0 -> layout.of(sign, bias - random.nextInt(Math.min(5, bias)), fraction);
      case 1 -> layout.of(sign, 1 + random.nextInt(fields - 1), fraction);
      case 2 -> layout.of(sign, random.nextInt(Math.min(fields, 30)) + bias / 2, fraction);
      case 3 -> random.nextInt(3) == 0 ? 0 : layout.of(sign, bias + random.nextInt(2), 0);
      case 4 -> layout.of(sign, random.nextInt(3), fraction);
      case 5 -> layout.of(sign, fields - 1 - random.nextInt(3), fraction);
      case 6 ->
          random.nextInt(40) == 0
              ? layout.of(sign, fields, random.nextBoolean() ? 0 : fraction)
              : layout.of(sign, bias, fraction);
      case 7 -> random.nextInt(8) == 0 ? layout.of(sign, bias, fraction) : layout.of(sign, 0, 0);
      case 8 -> layout.of(sign, layout.exponent == 8 ? 52 + random.nextInt(14) : 1, fraction);
      default -> random.nextInt() >>> 32 - layout.width;
    };
  }
}
