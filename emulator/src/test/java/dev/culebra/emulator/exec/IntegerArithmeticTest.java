package dev.culebra.emulator.exec;

import java.math.BigInteger;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Integer instructions, against exact arithmetic on integers of any size. */
final class IntegerArithmeticTest {
  private final InstructionCheck check = new InstructionCheck(System.nanoTime());

  /** The value of bits as a two's complement or unsigned number. */
  static BigInteger number(long bits, int width, boolean signed) {
    BigInteger value = BigInteger.valueOf(bits);
    BigInteger modulus = BigInteger.ONE.shiftLeft(width);
    value = value.mod(modulus);
    return signed && value.testBit(width - 1) ? value.subtract(modulus) : value;
  }

  /** The lower bits of a number, zero-extended. */
  static long bits(BigInteger value, int width) {
    return value.mod(BigInteger.ONE.shiftLeft(width)).longValue();
  }

  private interface Exact {
    BigInteger of(BigInteger a, BigInteger b);
  }

  private static String register(int width) {
    return switch (width) {
      case 16 -> "%rs";
      case 32 -> "%r";
      default -> "%rd";
    };
  }

  private void binary(String instruction, Exact exact) {
    for (int width : new int[] {16, 32, 64}) {
      for (boolean signed : new boolean[] {true, false}) {
        String r = register(width);
        check.check(
            instruction + (signed ? ".s" : ".u") + width + " " + r + "0, " + r + "1, " + r + "2",
            in ->
                bits(exact.of(number(in[0], width, signed), number(in[1], width, signed)), width));
      }
    }
  }

  @Test
  void add_sub_and_mul_lo_wrap() {
    binary("add", BigInteger::add);
    binary("sub", BigInteger::subtract);
    binary("mul.lo", BigInteger::multiply);
  }

  @Test
  void min_and_max_compare_signed_and_unsigned() {
    binary("min", BigInteger::min);
    binary("max", BigInteger::max);
  }

  @Test
  void div_truncates_and_rem_has_the_sign_of_the_dividend() {
    BigInteger ones = BigInteger.ONE.negate();
    binary("div", (a, b) -> b.signum() == 0 ? ones : a.divide(b));
    binary("rem", (a, b) -> b.signum() == 0 ? a : a.remainder(b));
  }

  @Test
  void sat_clamps_sums_to_32_bits() {
    check.check("add.sat.s32 %r0, %r1, %r2", in -> clamped(signed(in[0]).add(signed(in[1]))));
    check.check("sub.sat.s32 %r0, %r1, %r2", in -> clamped(signed(in[0]).subtract(signed(in[1]))));
    check.check(
        "mad.hi.sat.s32 %r0, %r1, %r2, %r3",
        in -> clamped(signed(in[0]).multiply(signed(in[1])).shiftRight(32).add(signed(in[2]))));
    check.check(
        "mad24.hi.sat.s32 %r0, %r1, %r2, %r3",
        in ->
            clamped(
                number(in[0], 24, true)
                    .multiply(number(in[1], 24, true))
                    .shiftRight(16)
                    .add(signed(in[2]))));
  }

  private static BigInteger signed(long bits) {
    return number(bits, 32, true);
  }

  private static long clamped(BigInteger value) {
    BigInteger most = BigInteger.valueOf(Integer.MAX_VALUE);
    return bits(value.min(most).max(most.not()), 32);
  }

  @Test
  void mul_and_mad_give_either_half_or_all_of_the_product() {
    for (int width : new int[] {16, 32, 64}) {
      for (boolean sign : new boolean[] {true, false}) {
        String type = (sign ? ".s" : ".u") + width;
        String r = register(width);
        String operands = r + "0, " + r + "1, " + r + "2";
        check.check(
            "mul.hi" + type + " " + operands,
            in -> bits(product(in, width, sign).shiftRight(width), width));
        check.check(
            "mad.hi" + type + " " + operands + ", " + r + "3",
            in ->
                bits(
                    product(in, width, sign).shiftRight(width).add(BigInteger.valueOf(in[2])),
                    width));
        check.check(
            "mad.lo" + type + " " + operands + ", " + r + "3",
            in -> bits(product(in, width, sign).add(BigInteger.valueOf(in[2])), width));
        if (width < 64) {
          String w = register(2 * width);
          check.check(
              "mul.wide" + type + " " + w + "0, " + r + "1, " + r + "2",
              in -> bits(product(in, width, sign), 2 * width));
          check.check(
              "mad.wide" + type + " " + w + "0, " + r + "1, " + r + "2, " + w + "3",
              in -> bits(product(in, width, sign).add(BigInteger.valueOf(in[2])), 2 * width));
        }
      }
    }
  }

  private static BigInteger product(long[] in, int width, boolean sign) {
    return number(in[0], width, sign).multiply(number(in[1], width, sign));
  }

  @Test
  void mul24_and_mad24_take_24_bits_of_their_factors() {
    for (boolean sign : new boolean[] {true, false}) {
      String type = (sign ? ".s32" : ".u32") + " %r0, %r1, %r2";
      check.check("mul24.lo" + type, in -> bits(product(in, 24, sign), 32));
      check.check("mul24.hi" + type, in -> bits(product(in, 24, sign).shiftRight(16), 32));
      check.check(
          "mad24.lo" + type + ", %r3",
          in -> bits(product(in, 24, sign).add(BigInteger.valueOf(in[2])), 32));
      check.check(
          "mad24.hi" + type + ", %r3",
          in -> bits(product(in, 24, sign).shiftRight(16).add(BigInteger.valueOf(in[2])), 32));
    }
  }

  @Test
  void sad_adds_the_distance() {
    for (int width : new int[] {16, 32, 64}) {
      for (boolean sign : new boolean[] {true, false}) {
        String r = register(width);
        check.check(
            "sad.%s%d %s0, %s1, %s2, %s3".formatted(sign ? "s" : "u", width, r, r, r, r),
            in ->
                bits(
                    number(in[0], width, sign)
                        .subtract(number(in[1], width, sign))
                        .abs()
                        .add(BigInteger.valueOf(in[2])),
                    width));
      }
    }
  }

  @Test
  void abs_and_neg_wrap_at_the_least_number() {
    for (int width : new int[] {16, 32, 64}) {
      String operands = ".s" + width + " " + register(width) + "0, " + register(width) + "1";
      check.check("abs" + operands, in -> bits(number(in[0], width, true).abs(), width));
      check.check("neg" + operands, in -> bits(number(in[0], width, true).negate(), width));
    }
  }

  @Test
  void packed_halves_are_computed_apart() {
    for (boolean sign : new boolean[] {true, false}) {
      String type = (sign ? ".s" : ".u") + "16x2";
      check.check("add" + type + " %r0, %r1, %r2", in -> halves(in, sign, BigInteger::add));
      check.check("min" + type + " %r0, %r1, %r2", in -> halves(in, sign, BigInteger::min));
      check.check("max" + type + " %r0, %r1, %r2", in -> halves(in, sign, BigInteger::max));
    }
  }

  private static long halves(long[] in, boolean sign, Exact exact) {
    long result = 0;
    for (int at = 0; at < 32; at += 16) {
      BigInteger a = number(in[0] >>> at, 16, sign);
      BigInteger b = number(in[1] >>> at, 16, sign);
      result |= bits(exact.of(a, b), 16) << at;
    }
    return result;
  }

  @Test
  void relu_makes_negative_results_zero() {
    BigInteger zero = BigInteger.ZERO;
    check.check(
        "min.relu.s32 %r0, %r1, %r2", in -> bits(signed(in[0]).min(signed(in[1])).max(zero), 32));
    check.check(
        "max.relu.s32 %r0, %r1, %r2", in -> bits(signed(in[0]).max(signed(in[1])).max(zero), 32));
    check.check(
        "min.relu.s16x2 %r0, %r1, %r2", in -> halves(in, true, (a, b) -> a.min(b).max(zero)));
    check.check(
        "max.relu.s16x2 %r0, %r1, %r2", in -> halves(in, true, (a, b) -> a.max(b).max(zero)));
  }

  @Test
  void dot_products_extend_each_part_by_its_own_type() {
    for (String a : new String[] {"u32", "s32"}) {
      for (String b : new String[] {"u32", "s32"}) {
        String types = "." + a + "." + b + " %r0, %r1, %r2, %r3";
        check.check("dp4a" + types, in -> dot(in, 8, a, 0, b));
        check.check("dp2a.lo" + types, in -> dot(in, 16, a, 0, b));
        check.check("dp2a.hi" + types, in -> dot(in, 16, a, 16, b));
      }
    }
  }

  private static long dot(long[] in, int width, String a, int start, String b) {
    BigInteger sum = BigInteger.valueOf(in[2]);
    for (int i = 0; i < 32 / width; i++) {
      BigInteger x = number(in[0] >>> width * i, width, a.equals("s32"));
      BigInteger y = number(in[1] >>> start + 8 * i, 8, b.equals("s32"));
      sum = sum.add(x.multiply(y));
    }
    return bits(sum, 32);
  }

  @Test
  void carries_chain_sums_of_any_length() {
    for (String type : new String[] {"u32", "s32", "u64", "s64"}) {
      int width = Integer.parseInt(type.substring(1));
      chain("add.cc.%s", "addc.cc.%s", "addc.%s", type, BigInteger::add, 3 * width);
      chain("sub.cc.%s", "subc.cc.%s", "subc.%s", type, BigInteger::subtract, 3 * width);
    }
  }

  @Test
  void a_subtraction_that_borrows_nothing_carries() {
    check.checkAll(
        "sub.cc.u32 %r3, %r0, %r1; addc.u32 %r4, 0, 0; ",
        List.of("%r3", "%r4"),
        List.of("%r0", "%r1"),
        in ->
            new long[] {
              in[0] - in[1] & 0xffffffffL,
              Integer.compareUnsigned((int) in[0], (int) in[1]) >= 0 ? 1 : 0
            });
    check.checkAll(
        "add.cc.u64 %rd3, %rd0, %rd1; subc.u64 %rd4, %rd0, %rd1; ",
        List.of("%rd3", "%rd4"),
        List.of("%rd0", "%rd1"),
        in -> {
          boolean carries = Long.compareUnsigned(in[0] + in[1], in[0]) < 0;
          return new long[] {in[0] + in[1], in[0] - in[1] - (carries ? 0 : 1)};
        });
  }

  /** Three instructions on numbers of three registers each: result 0 to 2, operands 3 to 8. */
  private void chain(String low, String middle, String high, String type, Exact exact, int bits) {
    int width = bits / 3;
    String r = register(width);
    StringBuilder text = new StringBuilder();
    String[] instructions = {low, middle, high};
    for (int i = 0; i < 3; i++) {
      text.append(instructions[i].formatted(type))
          .append(" %s%d, %s%d, %s%d; ".formatted(r, i, r, 3 + i, r, 6 + i));
    }
    check.checkAll(
        text.toString(),
        List.of(r + 0, r + 1, r + 2),
        List.of(r + 3, r + 4, r + 5, r + 6, r + 7, r + 8),
        in -> {
          BigInteger result = exact.of(joined(in, 0, width), joined(in, 3, width));
          long[] parts = new long[3];
          for (int i = 0; i < 3; i++) {
            parts[i] = bits(result.shiftRight(i * width), width);
          }
          return parts;
        });
  }

  private static BigInteger joined(long[] in, int first, int width) {
    BigInteger value = BigInteger.ZERO;
    for (int i = 2; i >= 0; i--) {
      value = value.shiftLeft(width).add(number(in[first + i], width, false));
    }
    return value;
  }

  @Test
  void mad_cc_and_madc_multiply_numbers_of_two_registers() {
    for (int width : new int[] {32, 64}) {
      String r = register(width);
      String t = ".u" + width + " ";
      // the product of one register with another, added to a number of two: result 0 and 1
      String text =
          "mad.lo.cc"
              + t
              + r
              + "0, "
              + r
              + "2, "
              + r
              + "3, "
              + r
              + "4; "
              + "madc.hi"
              + t
              + r
              + "1, "
              + r
              + "2, "
              + r
              + "3, "
              + r
              + "5;";
      check.checkAll(
          text,
          List.of(r + 0, r + 1),
          List.of(r + 2, r + 3, r + 4, r + 5),
          in -> {
            BigInteger sum =
                product(in, width, false)
                    .add(number(in[2], width, false))
                    .add(number(in[3], width, false).shiftLeft(width));
            return new long[] {bits(sum, width), bits(sum.shiftRight(width), width)};
          });
    }
  }

  @Test
  void a_carry_is_left_as_it_is_by_what_has_no_cc() {
    check.checkAll(
        "add.cc.u32 %r0, %r4, %r5; add.u32 %r1, %r4, %r5; addc.u32 %r2, %r4, %r5; "
            + "addc.u32 %r3, %r4, %r5;",
        List.of("%r0", "%r1", "%r2", "%r3"),
        List.of("%r4", "%r5"),
        in -> {
          long sum = in[0] + in[1];
          long word = sum & 0xffff_ffffL;
          long carried = sum + (sum >>> 32) & 0xffff_ffffL;
          return new long[] {word, word, carried, carried};
        });
  }
}
