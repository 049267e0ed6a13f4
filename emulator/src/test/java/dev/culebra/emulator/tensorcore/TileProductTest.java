package dev.culebra.emulator.tensorcore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.emulator.profile.TensorCoreModel;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole tiles, from registers to registers, against products of matrices written out. */
class TileProductTest {
  private static final int ROUNDS = Boolean.getBoolean("culebra.exhaustive") ? 300 : 10;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final FloatInputs inputs = new FloatInputs(seed);
  private final TileBuffers buffers = new TileBuffers();

  private interface Sum {
    long of(int row, int column);
  }

  /** Compares D with what {@code expected} makes of each row and column. */
  private void check(
      TileProduct product,
      TileShape shape,
      ElementType[] types,
      long[] a,
      long[] b,
      long[] c,
      Sum expected) {
    long[] d =
        Fragment.multiply(
                product,
                new Fragment(product.a(), types[0], a),
                new Fragment(product.b(), types[1], b),
                new Fragment(product.c(), types[2], c),
                types[3],
                buffers)
            .elements(shape.m() * shape.n());
    for (int i = 0; i < d.length; i++) {
      int row = i / shape.n();
      int column = i % shape.n();
      assertEquals(
          Long.toHexString(expected.of(row, column)),
          Long.toHexString(d[i]),
          () -> "seed " + seed + ", row " + row + ", column " + column);
    }
  }

  private static long extend(long value, ElementType type) {
    int shift = Long.SIZE - type.bits();
    return type == ElementType.S8 || type == ElementType.S4
        ? value << shift >> shift
        : value << shift >>> shift;
  }

  @ParameterizedTest
  @CsvSource({
    "m8n8k16, s8, u8", "m8n8k16, u8, u8", "m16n8k16, u8, s8", "m16n8k16, s8, s8",
        "m16n8k32, s8, s8",
    "m16n8k32, u8, u8", "m8n8k32, s4, u4", "m8n8k32, u4, u4", "m16n8k32, s4, s4",
        "m16n8k32, u4, s4",
    "m16n8k64, s4, s4", "m16n8k64, u4, u4"
  })
  void integer_products_are_exact_and_wrap_or_are_clamped(String name, String left, String right) {
    TileShape shape = TileShape.named(name);
    ElementType a = ElementType.named(left);
    ElementType b = ElementType.named(right);
    ElementType[] types = {a, b, ElementType.S32, ElementType.S32};
    for (int round = 0; round < ROUNDS; round++) {
      boolean clamped = round % 2 == 0;
      // Same signs in every other round: sums as large as they get.
      long mask = round % 4 < 2 ? -1 : ~(1L << a.bits() - 1);
      long[] x = random.longs(shape.m() * shape.k()).map(value -> value & mask).toArray();
      long[] y = random.longs(shape.k() * shape.n()).map(value -> value & mask).toArray();
      long[] c = new long[shape.m() * shape.n()];
      for (int i = 0; i < c.length; i++) {
        c[i] =
            switch (i % 3) {
              case 0 -> random.nextInt();
              case 1 -> Integer.MAX_VALUE - random.nextInt(3000);
              default -> Integer.MIN_VALUE + random.nextInt(3000);
            };
      }
      check(
          TileProduct.integers(shape, a, b, clamped),
          shape,
          types,
          x,
          y,
          c,
          (row, column) -> {
            BigInteger total = BigInteger.valueOf(c[row * shape.n() + column]);
            for (int k = 0; k < shape.k(); k++) {
              total =
                  total.add(
                      BigInteger.valueOf(extend(x[row * shape.k() + k], a))
                          .multiply(BigInteger.valueOf(extend(y[k * shape.n() + column], b))));
            }
            if (clamped) {
              total =
                  total
                      .max(BigInteger.valueOf(Integer.MIN_VALUE))
                      .min(BigInteger.valueOf(Integer.MAX_VALUE));
            }
            return total.intValue() & 0xffffffffL;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"m8n8k128, true", "m16n8k128, false", "m16n8k256, true", "m16n8k256, false"})
  void single_bits_are_combined_and_counted(String name, boolean xor) {
    TileShape shape = TileShape.named(name);
    TileProduct product = TileProduct.bits(shape, xor);
    // Registers hold 32 columns each: a matrix of words, as far as layouts go.
    int words = shape.k() / 32;
    long[] x = random.longs(shape.m() * words).map(value -> value & 0xffffffffL).toArray();
    long[] y = random.longs(words * shape.n()).map(value -> value & 0xffffffffL).toArray();
    long[] c = random.ints(shape.m() * shape.n()).mapToLong(value -> value).toArray();
    ElementType[] types = new ElementType[4];
    Arrays.fill(types, ElementType.S32);
    check(
        product,
        shape,
        types,
        x,
        y,
        c,
        (row, column) -> {
          int count = 0;
          for (int k = 0; k < shape.k(); k++) {
            int bit = k % 32;
            boolean left = (x[row * words + k / 32] >>> bit & 1) != 0;
            boolean right = (y[k / 32 * shape.n() + column] >>> bit & 1) != 0;
            count += (xor ? left != right : left && right) ? 1 : 0;
          }
          return c[row * shape.n() + column] + count & 0xffffffffL;
        });
  }

  @ParameterizedTest
  @EnumSource(DoubleRounding.class)
  void doubles_are_added_product_by_product_rounded_as_asked(DoubleRounding rounding) {
    ElementType[] types = new ElementType[4];
    Arrays.fill(types, ElementType.F64);
    for (String name : new String[] {"m8n8k4", "m16n8k4", "m16n8k8", "m16n8k16"}) {
      TileShape shape = TileShape.named(name);
      long[] a = random.longs(shape.m() * shape.k()).map(TileProductTest::moderate).toArray();
      long[] b = random.longs(shape.k() * shape.n()).map(TileProductTest::moderate).toArray();
      long[] c = random.longs(shape.m() * shape.n()).map(TileProductTest::moderate).toArray();
      check(
          TileProduct.doubles(shape, rounding),
          shape,
          types,
          a,
          b,
          c,
          (row, column) -> {
            double total = Double.longBitsToDouble(c[row * shape.n() + column]);
            for (int k = 0; k < shape.k(); k++) {
              double x = Double.longBitsToDouble(a[row * shape.k() + k]);
              double y = Double.longBitsToDouble(b[k * shape.n() + column]);
              total = exact(rounding, x, y, total);
            }
            return Double.doubleToRawLongBits(total);
          });
    }
  }

  /** Exponents that neither overflow nor vanish, few enough that many bits overlap. */
  private static long moderate(long bits) {
    return bits & 0x800fffffffffffffL | (1023L - 20 + (bits >>> 52 & 31)) << 52;
  }

  /** The double that is the result, found among the neighbours of one that is near. */
  private static double exact(DoubleRounding rounding, double a, double b, double c) {
    BigDecimal sum = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
    double near = sum.doubleValue();
    double below = new BigDecimal(near).compareTo(sum) <= 0 ? near : Math.nextDown(near);
    double above = new BigDecimal(near).compareTo(sum) >= 0 ? near : Math.nextUp(near);
    return switch (rounding) {
      case RN -> near;
      case RM -> below;
      case RP -> above;
      case RZ -> sum.signum() > 0 ? below : above;
    };
  }

  @Test
  void directed_doubles_keep_signs_of_zero_and_do_not_pass_infinity() {
    assertEquals(-0.0, DoubleRounding.RM.multiplyAdd(1, 1, -1));
    assertEquals(0.0, DoubleRounding.RP.multiplyAdd(1, 1, -1));
    assertEquals(0.0, DoubleRounding.RZ.multiplyAdd(1, -1, 1));
    assertEquals(Double.MAX_VALUE, DoubleRounding.RZ.multiplyAdd(Double.MAX_VALUE, 2, 0));
    assertEquals(Double.MAX_VALUE, DoubleRounding.RM.multiplyAdd(Double.MAX_VALUE, 2, 0));
    assertEquals(Double.NEGATIVE_INFINITY, DoubleRounding.RM.multiplyAdd(Double.MAX_VALUE, -2, 0));
    assertEquals(Double.MIN_VALUE, DoubleRounding.RP.multiplyAdd(Double.MIN_VALUE, 0.25, 0));
    assertEquals(-0.0, DoubleRounding.RZ.multiplyAdd(Double.MIN_VALUE, -0.25, -0.0));
  }

  @ParameterizedTest
  @CsvSource({
    "AMPERE, m16n8k16, bf16, f32", "AMPERE, m16n8k16, f16, f16", "AMPERE, m16n8k8, tf32, f32",
    "AMPERE, m16n8k32, e4m3, f32", "AMPERE, m16n8k32, e5m2, f16", "HOPPER, m16n8k16, bf16, f32",
    "HOPPER, m16n8k8, f16, f16", "HOPPER, m16n8k8, tf32, f32"
  })
  void groups_are_added_one_after_the_other(
      TensorCoreModel model, String name, String multiplicand, String result) {
    TileShape shape = TileShape.named(name);
    ElementType type = ElementType.named(multiplicand);
    ElementType accumulator = ElementType.named(result);
    boolean half = accumulator == ElementType.F16;
    FloatFormat format = FloatFormat.of(type);
    AlignedSum sum =
        model == TensorCoreModel.AMPERE
            ? AlignedSum.ampere(format, half)
            : AlignedSum.hopper(format, half);
    int group = Math.min(sum.group(), shape.k());
    for (int round = 0; round < ROUNDS; round++) {
      int flavour = round % FloatInputs.FLAVOURS;
      long[] a = floats(type, shape.m() * shape.k(), flavour);
      long[] b = floats(type, shape.k() * shape.n(), flavour);
      long[] c = floats(accumulator, shape.m() * shape.n(), flavour);
      check(
          TileProduct.floats(model, shape, type, type, accumulator, accumulator),
          shape,
          new ElementType[] {type, type, accumulator, accumulator},
          a,
          b,
          c,
          (row, column) -> {
            int total = widen((int) c[row * shape.n() + column], half);
            for (int k = 0; k < shape.k(); k += group) {
              int first = k;
              int[] x =
                  IntStream.range(0, group)
                      .map(i -> (int) a[row * shape.k() + first + i])
                      .toArray();
              int[] y =
                  IntStream.range(0, group)
                      .map(i -> (int) b[(first + i) * shape.n() + column])
                      .toArray();
              total = ExactSum.add(sum, format, x, format, y, total);
            }
            return narrow(total, half);
          });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "m16n8k32, e4m3, e4m3, f32",
    "m16n8k32, e5m2, e4m3, f32",
    "m16n8k16, e4m3, e5m2, f32",
    "m16n8k32, e4m3, e5m2, f16",
    "m16n8k16, e5m2, e5m2, f16"
  })
  void hopper_widens_floats_of_8_bits_and_adds_the_addend_last(
      String name, String left, String right, String result) {
    TileShape shape = TileShape.named(name);
    ElementType typeOfA = ElementType.named(left);
    ElementType typeOfB = ElementType.named(right);
    ElementType accumulator = ElementType.named(result);
    boolean half = accumulator == ElementType.F16;
    AlignedSum sum = AlignedSum.hopper(FloatFormat.F16, half);
    for (int round = 0; round < ROUNDS; round++) {
      int flavour = round % FloatInputs.FLAVOURS;
      long[] a = floats(typeOfA, shape.m() * shape.k(), flavour);
      long[] b = floats(typeOfB, shape.k() * shape.n(), flavour);
      long[] c = floats(accumulator, shape.m() * shape.n(), flavour);
      check(
          TileProduct.floats(
              TensorCoreModel.HOPPER, shape, typeOfA, typeOfB, accumulator, accumulator),
          shape,
          new ElementType[] {typeOfA, typeOfB, accumulator, accumulator},
          a,
          b,
          c,
          (row, column) -> {
            int partial = 0;
            for (int start : new int[] {0, 2}) {
              int[] chosen =
                  IntStream.range(0, shape.k())
                      .filter(k -> k % 4 == start || k % 4 == start + 1)
                      .toArray();
              int[] x =
                  Arrays.stream(chosen)
                      .map(k -> half(typeOfA, (int) a[row * shape.k() + k]))
                      .toArray();
              int[] y =
                  Arrays.stream(chosen)
                      .map(k -> half(typeOfB, (int) b[k * shape.n() + column]))
                      .toArray();
              partial = ExactSum.add(sum, FloatFormat.F16, x, FloatFormat.F16, y, partial);
            }
            float addend = Float.intBitsToFloat(widen((int) c[row * shape.n() + column], half));
            float total = addend + Float.intBitsToFloat(partial);
            return narrow(Float.isNaN(total) ? 0x7fffffff : Float.floatToRawIntBits(total), half);
          });
    }
  }

  private long[] floats(ElementType type, int count, int flavour) {
    long mask = (1L << type.bits()) - 1;
    return IntStream.range(0, count).mapToLong(i -> inputs.next(type, flavour) & mask).toArray();
  }

  private static int half(ElementType type, int bits) {
    return Float.floatToFloat16((float) FloatFormat.of(type).value(bits)) & 0xffff;
  }

  private static int widen(int bits, boolean half) {
    return half ? Float.floatToRawIntBits(Float.float16ToFloat((short) bits)) : bits;
  }

  private static long narrow(int bits, boolean half) {
    if (!half) {
      return bits & 0xffffffffL;
    }
    float value = Float.intBitsToFloat(bits);
    return Float.isNaN(value) ? 0x7fff : Float.floatToFloat16(value) & 0xffff;
  }

  @ParameterizedTest
  @CsvSource({
    "true, true, f32, f32",
    "true, false, f16, f32",
    "false, true, f32, f32",
    "false, false, f16, f16",
    "true, false, f16, f16"
  })
  void the_four_products_of_m8n8k4_are_ordinary_arithmetic(
      boolean rowsOfA, boolean rowsOfB, String addend, String result) {
    ElementType typeOfC = ElementType.named(addend);
    ElementType typeOfD = ElementType.named(result);
    TileProduct product = TileProduct.quarters(rowsOfA, rowsOfB, typeOfC, typeOfD);
    ElementType[] types = {ElementType.F16, ElementType.F16, typeOfC, typeOfD};
    for (int round = 0; round < ROUNDS; round++) {
      int flavour = round % FloatInputs.FLAVOURS;
      long[] a = floats(ElementType.F16, 4 * 8 * 4, flavour);
      long[] b = floats(ElementType.F16, 4 * 4 * 8, flavour);
      long[] c = floats(typeOfC, 4 * 8 * 8, flavour);
      // Rows of the four results stand one below the other.
      check(
          product,
          new TileShape(32, 8, 4),
          types,
          a,
          b,
          c,
          (row, column) -> {
            float[] x = new float[4];
            float[] y = new float[4];
            for (int k = 0; k < 4; k++) {
              x[k] = Float.float16ToFloat((short) a[row * 4 + k]);
              y[k] = Float.float16ToFloat((short) b[row / 8 * 32 + k * 8 + column]);
            }
            float start =
                Float.intBitsToFloat(widen((int) c[row * 8 + column], typeOfC == ElementType.F16));
            float total;
            if (typeOfD == ElementType.F16) {
              total = start + Math.fma(x[1], y[1], x[0] * y[0]);
              total += Math.fma(x[3], y[3], x[2] * y[2]);
            } else {
              total = 0;
              for (int k = 0; k < 4; k++) {
                total = Math.fma(x[k], y[k], total);
              }
              total = start + total;
            }
            return narrow(
                Float.isNaN(total) ? 0x7fffffff : Float.floatToRawIntBits(total),
                typeOfD == ElementType.F16);
          });
    }
  }
}
