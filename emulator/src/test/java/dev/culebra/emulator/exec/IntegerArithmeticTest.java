package dev.culebra.emulator.exec;

import java.math.BigInteger;
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
}
