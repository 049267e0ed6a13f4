package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Executes an instruction on random and on particular operands, for random lanes, and compares
 * every lane with a reference.
 */
final class InstructionCheck {
  private static final Pattern REGISTER = Pattern.compile("%[a-z]+[0-9]");
  private static final int ROUNDS = Boolean.getBoolean("culebra.exhaustive") ? 1000 : 20;

  /** What the destination should hold. */
  interface Reference {
    /**
     * @param operands bits of the registers after the first, zero-extended
     * @return bits of the first
     */
    long apply(long[] operands);
  }

  /** Compares the bits of a result. */
  interface Comparison {
    boolean same(long expected, long actual);
  }

  private static final long[] PARTICULAR = {
    0,
    1,
    2,
    3,
    7,
    15,
    16,
    17,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -128,
    -32768,
    -32769
  };

  private static final float[] FLOATS = {
    0f,
    0.5f,
    1f,
    1.5f,
    2f,
    2.5f,
    3f,
    0.1f,
    127.5f,
    128.5f,
    255.5f,
    32767.5f,
    65504f,
    65519.996f,
    65520f,
    0x1p31f,
    0x1.fffffep30f,
    0x1p32f,
    0x1p63f,
    0x1p64f,
    Float.MIN_VALUE,
    Float.MIN_NORMAL,
    0x1.fffffcp-127f,
    Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NaN,
    0x1p-14f,
    0x1p-24f,
    0x1p-25f,
    0x1.8p-25f,
    448f,
    464f,
    57344f,
    61440f
  };

  private static final double[] DOUBLES = {
    0,
    0.5,
    1,
    1.5,
    2,
    2.5,
    1e300,
    0x1p31,
    0x1p31 - 0.5,
    0x1p32,
    0x1p63,
    0x1p64,
    0x1p64 - 2048,
    Double.MIN_VALUE,
    Double.MIN_NORMAL,
    Double.MAX_VALUE,
    Double.POSITIVE_INFINITY,
    Double.NaN,
    0x1.0000010000001p0,
    0x1p-149,
    0x1p-150,
    0x1.0000001p-150,
    0x1.fffffefp127,
    0x1.ffffffp127
  };

  private final SplittableRandom random;
  private final long seed;

  InstructionCheck(long seed) {
    this.seed = seed;
    random = new SplittableRandom(seed);
  }

  /** The result has to have exactly the reference's bits. */
  void check(String instruction, Reference reference) {
    check(instruction, reference, (expected, actual) -> expected == actual);
  }

  /** Any NaN of f32 does where the reference gives one. */
  void checkF32(String instruction, Reference reference) {
    check(
        instruction,
        reference,
        (expected, actual) ->
            expected == actual
                || Float.isNaN(Float.intBitsToFloat((int) expected))
                    && Float.isNaN(Float.intBitsToFloat((int) actual)));
  }

  /** Any NaN of f64 does where the reference gives one. */
  void checkF64(String instruction, Reference reference) {
    check(
        instruction,
        reference,
        (expected, actual) ->
            expected == actual
                || Double.isNaN(Double.longBitsToDouble(expected))
                    && Double.isNaN(Double.longBitsToDouble(actual)));
  }

  /** As {@link Reference}, of several results. */
  interface References {
    long[] apply(long[] operands);
  }

  /**
   * @param instruction the first register is its result, the others, in order, its operands
   */
  void check(String instruction, Reference reference, Comparison comparison) {
    List<String> registers = new ArrayList<>();
    Matcher matcher = REGISTER.matcher(instruction);
    while (matcher.find()) {
      registers.add(matcher.group());
    }
    String result = registers.removeFirst();
    run(
        new StraightLine(instruction + ";"),
        instruction,
        List.of(result),
        registers,
        in -> new long[] {reference.apply(in)},
        comparison);
  }

  /** Several instructions with several results, each of which has to have exactly those bits. */
  void checkAll(
      String instructions, List<String> results, List<String> operands, References references) {
    run(
        new StraightLine(instructions),
        instructions,
        results,
        operands,
        references,
        (expected, actual) -> expected == actual);
  }

  private void run(
      StraightLine code,
      String text,
      List<String> results,
      List<String> operands,
      References references,
      Comparison comparison) {
    for (int round = 0; round < ROUNDS; round++) {
      int active = mask(round);
      long[][] in = new long[Operation.LANES][operands.size()];
      long[][] before = new long[Operation.LANES][results.size()];
      for (int lane = 0; lane < Operation.LANES; lane++) {
        for (String result : results) {
          code.set(result, lane, random.nextLong());
        }
        for (String operand : operands) {
          code.set(operand, lane, value(operand));
        }
        before[lane] = values(code, results, lane);
        in[lane] = values(code, operands, lane);
      }
      code.execute(active);
      for (int lane = 0; lane < Operation.LANES; lane++) {
        boolean on = (active >>> lane & 1) != 0;
        long[] expected = on ? references.apply(in[lane]) : before[lane];
        long[] actual = values(code, results, lane);
        for (int i = 0; i < expected.length; i++) {
          if (on ? !comparison.same(expected[i], actual[i]) : expected[i] != actual[i]) {
            assertEquals(
                Long.toHexString(expected[i]),
                Long.toHexString(actual[i]),
                "%s: %s of %s%s, seed %d"
                    .formatted(
                        text,
                        results.get(i),
                        hex(in[lane]),
                        on ? "" : " in a lane that is not active",
                        seed));
          }
        }
      }
    }
  }

  private static String hex(long[] values) {
    return Arrays.toString(Arrays.stream(values).mapToObj(Long::toHexString).toArray());
  }

  private static long[] values(StraightLine code, List<String> registers, int lane) {
    return registers.stream().mapToLong(register -> code.get(register, lane)).toArray();
  }

  private int mask(int round) {
    return switch (round % 4) {
      case 0 -> Operation.ALL;
      case 1 -> 1 << random.nextInt(Operation.LANES);
      default -> random.nextInt() | 1;
    };
  }

  /** Bits for a register: particular ones or random ones, those of a number for %f and %fd. */
  private long value(String register) {
    int choice = random.nextInt(8);
    if (register.startsWith("%fd")) {
      return Double.doubleToRawLongBits(real(choice));
    }
    if (register.startsWith("%f")) {
      return Integer.toUnsignedLong(Float.floatToRawIntBits(single(choice)));
    }
    return choice < 3
        ? PARTICULAR[random.nextInt(PARTICULAR.length)]
        : choice < 4 ? random.nextInt(-300, 300) : random.nextLong();
  }

  private float single(int choice) {
    if (choice < 3) {
      float particular = FLOATS[random.nextInt(FLOATS.length)];
      float near =
          switch (random.nextInt(4)) {
            case 0 -> Math.nextUp(particular);
            case 1 -> Math.nextDown(particular);
            default -> particular;
          };
      return random.nextBoolean() ? near : -near;
    }
    if (choice < 6) {
      return (float) (random.nextDouble(-2, 2) * Math.scalb(1.0, random.nextInt(-4, 20)));
    }
    return Float.intBitsToFloat(random.nextInt());
  }

  private double real(int choice) {
    if (choice < 2) {
      double particular = DOUBLES[random.nextInt(DOUBLES.length)];
      return random.nextBoolean() ? particular : -particular;
    }
    if (choice < 4) {
      return single(choice == 2 ? 0 : 7);
    }
    if (choice < 6) {
      return random.nextDouble(-2, 2) * Math.scalb(1.0, random.nextInt(-4, 20));
    }
    return Double.longBitsToDouble(random.nextLong());
  }
}
