package dev.culebra.emulator.tensorcore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the sums of tensor cores against exact arithmetic, and the fast ones against the plain. */
class AlignedSumTest {
  private static final int ROUNDS = Boolean.getBoolean("culebra.exhaustive") ? 400 : 10;
  private static final int DEPTH = 32;

  static Stream<Arguments> sums() {
    List<Arguments> all = new ArrayList<>();
    List<List<ElementType>> multiplicands =
        List.of(
            List.of(ElementType.F16, ElementType.F16),
            List.of(ElementType.BF16, ElementType.BF16),
            List.of(ElementType.TF32, ElementType.TF32),
            List.of(ElementType.E4M3, ElementType.E4M3),
            List.of(ElementType.E5M2, ElementType.E4M3),
            List.of(ElementType.E5M2, ElementType.E5M2));
    for (List<ElementType> types : multiplicands) {
      FloatFormat format = FloatFormat.of(types.getFirst());
      for (boolean half : new boolean[] {false, true}) {
        all.add(Arguments.of(types.get(0), types.get(1), AlignedSum.ampere(format, half)));
        all.add(Arguments.of(types.get(0), types.get(1), AlignedSum.hopper(format, half)));
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("sums")
  void plain_sums_are_those_of_exact_arithmetic(ElementType a, ElementType b, AlignedSum sum) {
    compare(new SumUnit(), a, b, sum);
  }

  @ParameterizedTest
  @MethodSource("sums")
  void sums_of_whole_tiles_are_those_of_exact_arithmetic(
      ElementType a, ElementType b, AlignedSum sum) {
    compare(new TileSums(), a, b, sum);
  }

  @ParameterizedTest
  @MethodSource("sums")
  void vector_sums_are_those_of_exact_arithmetic(ElementType a, ElementType b, AlignedSum sum) {
    assumeTrue(VectorSums.supported(), "this machine has no vectors of 256 bits");
    compare(new VectorSums(), a, b, sum);
  }

  private static void compare(SumUnit unit, ElementType a, ElementType b, AlignedSum sum) {
    long seed = System.nanoTime();
    FloatInputs inputs = new FloatInputs(seed);
    FloatOperand left = new FloatOperand(SumUnit.MAX_ROWS * DEPTH);
    FloatOperand right = new FloatOperand(DEPTH * SumUnit.COLUMNS);
    for (int round = 0; round < ROUNDS; round++) {
      int flavour = round % FloatInputs.FLAVOURS;
      int rows = round % 3 == 0 ? 8 : SumUnit.MAX_ROWS;
      for (int i = 0; i < rows * DEPTH; i++) {
        left.bits[i] = inputs.next(a, flavour);
      }
      for (int i = 0; i < DEPTH * SumUnit.COLUMNS; i++) {
        right.bits[i] = inputs.next(b, flavour);
      }
      left.decode(FloatFormat.of(a), rows * DEPTH);
      right.decode(FloatFormat.of(b), DEPTH * SumUnit.COLUMNS);
      int[] accumulators = new int[rows * SumUnit.COLUMNS];
      for (int i = 0; i < accumulators.length; i++) {
        int c = inputs.next(sum.half() ? ElementType.F16 : ElementType.F32, flavour);
        accumulators[i] = sum.half() ? Float.floatToRawIntBits(Float.float16ToFloat((short) c)) : c;
      }
      int[] expected = expected(sum, left, right, rows, accumulators);
      unit.multiplyAdd(sum, left, right, rows, DEPTH, accumulators);
      for (int i = 0; i < accumulators.length; i++) {
        int at = i;
        assertEquals(
            Integer.toHexString(expected[i]),
            Integer.toHexString(accumulators[i]),
            () -> "seed " + seed + ", flavour " + flavour + ", element " + at);
      }
    }
  }

  private static int[] expected(
      AlignedSum sum, FloatOperand left, FloatOperand right, int rows, int[] accumulators) {
    int[] expected = accumulators.clone();
    for (int i = 0; i < expected.length; i++) {
      int row = i / SumUnit.COLUMNS;
      int column = i % SumUnit.COLUMNS;
      for (int k = 0; k < DEPTH; k += sum.group()) {
        int[] a = new int[sum.group()];
        int[] b = new int[sum.group()];
        for (int n = 0; n < sum.group(); n++) {
          a[n] = left.bits[row * DEPTH + k + n];
          b[n] = right.bits[(k + n) * SumUnit.COLUMNS + column];
        }
        expected[i] = ExactSum.add(sum, left.format, a, right.format, b, expected[i]);
      }
    }
    return expected;
  }

  @Test
  void vectors_take_over_where_they_are() throws InterruptedException {
    assumeTrue(Boolean.getBoolean("culebra.exhaustive"), "takes seconds: only if exhaustive");
    assumeTrue(VectorSums.supported(), "this machine has no vectors of 256 bits");
    TileBuffers buffers = new TileBuffers();
    long end = System.nanoTime() + 60_000_000_000L;
    while (!(buffers.sums() instanceof VectorSums)) {
      assertTrue(System.nanoTime() < end, "vectors have not become fast in a minute");
      for (int i = 0; i < 10_000; i++) {
        buffers.sums();
      }
      Thread.sleep(20);
    }
  }

  /** One row and column: products of {@code a} with ones, and an addend. */
  private static int sum(AlignedSum sum, ElementType type, int one, int[] a, int c) {
    FloatOperand left = new FloatOperand(a.length);
    FloatOperand right = new FloatOperand(a.length * SumUnit.COLUMNS);
    System.arraycopy(a, 0, left.bits, 0, a.length);
    Arrays.fill(right.bits, one);
    left.decode(FloatFormat.of(type), a.length);
    right.decode(FloatFormat.of(type), a.length * SumUnit.COLUMNS);
    int[] accumulators = new int[SumUnit.COLUMNS];
    Arrays.fill(accumulators, c);
    new TileSums().multiplyAdd(sum, left, right, 1, a.length, accumulators);
    return accumulators[0];
  }

  private static int bf16(float value) {
    return Float.floatToRawIntBits(value) >>> 16;
  }

  @Test
  void what_is_below_the_kept_bits_of_the_largest_term_is_lost() {
    AlignedSum ampere = AlignedSum.ampere(FloatFormat.BF16, false);
    AlignedSum hopper = AlignedSum.hopper(FloatFormat.BF16, false);
    int one = bf16(1);
    // Two terms of 2^-24 beside 1: one bit more than f32 has keeps both, and their sum shows.
    int[] terms = {bf16(1), bf16(0x1p-24f), bf16(0x1p-24f), 0, 0, 0, 0, 0};
    assertEquals(0x1.000002p0f, Float.intBitsToFloat(sum(ampere, ElementType.BF16, one, terms, 0)));
    // Four of 2^-25: only two bits more keep them.
    int quarter = bf16(0x1p-25f);
    int[] quarters = {bf16(1), quarter, quarter, quarter, quarter, 0, 0, 0};
    assertEquals(1f, Float.intBitsToFloat(sum(ampere, ElementType.BF16, one, quarters, 0)));
    assertEquals(
        0x1.000002p0f, Float.intBitsToFloat(sum(hopper, ElementType.BF16, one, quarters, 0)));
  }

  @Test
  void sums_are_cut_off_towards_zero() {
    AlignedSum hopper = AlignedSum.hopper(FloatFormat.BF16, false);
    int[] terms = {bf16(-1), bf16(-0x1.8p-24f), 0, 0, 0, 0, 0, 0};
    assertEquals(-1f, Float.intBitsToFloat(sum(hopper, ElementType.BF16, bf16(1), terms, 0)));
  }

  @Test
  void not_a_number_is_canonical() {
    AlignedSum hopper = AlignedSum.hopper(FloatFormat.BF16, false);
    int infinity = bf16(Float.POSITIVE_INFINITY);
    int one = bf16(1);
    int[] opposite = {infinity, bf16(Float.NEGATIVE_INFINITY), 0, 0, 0, 0, 0, 0};
    assertEquals(0x7fffffff, sum(hopper, ElementType.BF16, one, opposite, 0));
    assertEquals(0x7fffffff, sum(hopper, ElementType.BF16, 0, new int[] {infinity, 0}, 0));
    assertEquals(0x7fffffff, sum(hopper, ElementType.BF16, one, new int[] {0x7f81, 0}, 0));
    assertEquals(0x7fffffff, sum(hopper, ElementType.BF16, one, new int[] {one, 0}, 0xffc00001));
    assertEquals(0x7f800000, sum(hopper, ElementType.BF16, one, new int[] {infinity, one}, 0));
  }

  @Test
  void infinities_are_kept_and_overflow_becomes_one() {
    AlignedSum ampere = AlignedSum.ampere(FloatFormat.BF16, false);
    int huge = 0x7f7f;
    int[] terms = {huge, huge, 0, 0, 0, 0, 0, 0};
    assertEquals(0x7f800000, sum(ampere, ElementType.BF16, bf16(1), terms, 0));
    assertEquals(0x7f800000, sum(ampere, ElementType.BF16, bf16(1), new int[] {0, 0}, 0x7f800000));
    assertEquals(
        0xff800000, sum(ampere, ElementType.BF16, bf16(1), new int[] {0xff80, 0}, 0x7f7fffff));
  }

  @Test
  void a_sum_of_zero_is_positive() {
    AlignedSum hopper = AlignedSum.hopper(FloatFormat.BF16, false);
    assertEquals(0, sum(hopper, ElementType.BF16, bf16(-1), new int[] {0, 0}, 0x80000000));
    assertEquals(0, sum(hopper, ElementType.BF16, bf16(1), new int[] {bf16(1), bf16(-1)}, 0));
  }
}
