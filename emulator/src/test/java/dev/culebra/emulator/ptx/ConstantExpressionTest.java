package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.operands;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConstantExpressionTest {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(64);

  private static long value(String expression) {
    return ((Operand.IntegerConstant) operands("mov.u64 %rd1, " + expression + ";").get(1)).value();
  }

  private static Operand.FloatConstant number(String expression) {
    return (Operand.FloatConstant) operands("mov.f64 %fd1, " + expression + ";").get(1);
  }

  /** Values that ptxas 13.0 writes into a variable initialised so. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          42 → 42
          0x1F → 31
          0X1f → 31
          017 → 15
          0b101 → 5
          0B11U → 3
          0 → 0
          0xffffffffffffffff → -1
          9223372036854775808 → -9223372036854775808
          WARP_SZ → 32
          -WARP_SZ + 1 → -31
          (-1 & -1) / 2 → 0
          (-1 | 0) / 2 → 0
          (-2 ^ 1) / 2 → 0
          -1 / 2 → 0
          -1U / 2 → 0x7fffffffffffffff
          -7 % 3 → 0
          -7 % -3 → -7
          (~0 % 10) → 5
          (-1 % 10) / -1 → 0
          ((.u64)7 % 4) - 10 < 0 → 0
          ~0 / 2 → 0x7fffffffffffffff
          -8 >> 1 → -4
          ~0 >> 1 → 0x7fffffffffffffff
          1 << 63 → -9223372036854775808
          1 << 64 → 1
          1 << -1 → -9223372036854775808
          -1 >> 70 → -1
          ~0 >> 70 → 0x3ffffffffffffff
          (.u64)-1 / 2 → 0x7fffffffffffffff
          (.s64)0xffffffffffffffff / 2 → 0
          !0 + !5 → 1
          -1 < 1 → 1
          -1U < 1 → 0
          0xffffffffffffffff < 1 → 0
          5 > 3 ? -1 : 2U → -1
          (0 ? 1U : -1) / 2 → 0
          -9223372036854775808 / -1 → 0
          1 ? 2 : 3 + 4 → 2
          5 ? 6 : 7 ? 8 : 9 → 6
          0 ? 6 : 0 ? 8 : 9 → 9
          2 + 3 * 4 - 1 → 13
          2 - 3 - 4 → -5
          100 / 10 / 5 → 2
          1 | 2 ^ 3 & 6 → 1
          1 << 2 + 1 → 8
          3 && 0 || 1 → 1
          -2 == -2U → 1
          1 == 1 == 1 → 1
          3 > 2 > 1 → 0
          - -5 → 5
          +5 → 5
          ~-1 → 0
          !-1 → 0
          0x10U / 3 → 5
          7 >= 7 && 7 <= 7 && 6 != 7 → 1
          """)
  void integers_have_the_value_that_ptxas_gives_them(String expression, String expected) {
    assertEquals(Long.decode(expected), value(expression), expression);
  }

  @Test
  void random_trees_agree_with_arithmetic_on_integers_of_any_size() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 400; i++) {
      Tree tree = tree(random, 4);
      assertEquals(
          tree.value.longValue(), value(tree.text), () -> "seed " + seed + ": " + tree.text);
    }
  }

  /** An expression, its exact value from 0 to 2^64 - 1, and whether its type is {@code .u64}. */
  private record Tree(String text, BigInteger value, boolean unsigned) {
    static Tree of(String text, BigInteger value, boolean unsigned) {
      return new Tree(text, value.mod(MODULUS), unsigned);
    }

    BigInteger number() {
      return unsigned || !value.testBit(63) ? value : value.subtract(MODULUS);
    }

    BigInteger numberAs(boolean asUnsigned) {
      return asUnsigned ? value : number();
    }
  }

  /** Two operands in need of an operator. */
  private record Pair(String left, String right) {
    String with(String operator) {
      return left + operator + right;
    }
  }

  private static Tree tree(SplittableRandom random, int depth) {
    if (depth == 0 || random.nextInt(5) == 0) {
      long bits = random.nextLong() >>> random.nextInt(64);
      boolean suffix = random.nextBoolean();
      String text =
          switch (random.nextInt(4)) {
            case 0 -> "0x" + Long.toHexString(bits);
            case 1 -> "0b" + Long.toBinaryString(bits);
            case 2 -> "0" + Long.toOctalString(bits);
            default -> Long.toUnsignedString(bits);
          };
      BigInteger value = new BigInteger(Long.toUnsignedString(bits));
      return Tree.of(text + (suffix ? "U" : ""), value, suffix || bits < 0);
    }
    Tree a = tree(random, depth - 1);
    Tree b = tree(random, depth - 1);
    boolean unsigned = a.unsigned || b.unsigned;
    BigInteger x = a.numberAs(unsigned);
    BigInteger y = b.numberAs(unsigned);
    Pair pair = new Pair("(" + a.text + ") ", " (" + b.text + ")");
    return switch (random.nextInt(16)) {
      case 0 -> Tree.of(pair.with("+"), x.add(y), unsigned);
      case 1 -> Tree.of(pair.with("-"), x.subtract(y), unsigned);
      case 2 -> Tree.of(pair.with("*"), x.multiply(y), unsigned);
      case 3 -> y.signum() == 0 ? a : Tree.of(pair.with("/"), x.divide(y), unsigned);
      case 4 -> b.value.signum() == 0 ? a : Tree.of(pair.with("%"), a.value.mod(b.value), true);
      case 5 -> Tree.of(pair.with("&"), x.and(y), unsigned);
      case 6 -> Tree.of(pair.with("|"), x.or(y), unsigned);
      case 7 -> Tree.of(pair.with("^"), x.xor(y), unsigned);
      case 8 -> logical(pair, "<", x.compareTo(y) < 0);
      case 9 -> logical(pair, ">=", x.compareTo(y) >= 0);
      case 10 -> logical(pair, "==", a.value.equals(b.value));
      case 11 -> logical(pair, "&&", a.value.signum() != 0 && b.value.signum() != 0);
      case 12 -> Tree.of("-(" + a.text + ")", a.number().negate(), a.unsigned);
      case 13 -> Tree.of("~(" + a.text + ")", a.value.not(), true);
      case 14 -> {
        int distance = random.nextInt(64);
        yield Tree.of(
            "(" + a.text + ") >> " + distance, a.number().shiftRight(distance), a.unsigned);
      }
      default ->
          Tree.of(
              "(" + a.text + ") ? (" + b.text + ") : (" + a.text + ")",
              a.value.signum() != 0 ? b.value : a.value,
              a.value.signum() != 0 ? b.unsigned : a.unsigned);
    };
  }

  private static Tree logical(Pair pair, String operator, boolean value) {
    return Tree.of(pair.with(operator), value ? BigInteger.ONE : BigInteger.ZERO, false);
  }

  @Test
  void floating_expressions_are_of_double_precision() {
    assertEquals(1.0 / 3.0, number("1.0 / 3.0").value());
    assertEquals(-3.0, number("-1.5 * 2.0").value());
    assertEquals(0.1 + 0.2, number("0.1 + 0.2").value());
    assertEquals(2.5, number("1.0 < 2.0 ? 2.5 : 3.5").value());
    assertEquals(ScalarType.F64, number("1.0").type());
    assertEquals(-0.0, number("-0.0").value());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          5 / 0 → 6:17: division by zero
          5 % 0 → 6:17: division by zero
          1.0 + 2 → 6:19: an integer and a floating number don't mix; PTX has no casts
          1.0 << 2.0 → 6:19: "<<" doesn't take floating numbers
          ~1.0 → 6:15: "~" takes integers only
          !1.0 → 6:15: "!" takes integers only
          1.0 ? 2 : 3 → 6:19: ?: takes integers only
          1 ? 2.0 : 3 → 6:17: both choices of ?: have to be integers or both floating
          (.s64)1.0 → 6:21: a cast takes integers only
          (.u32)1 → 6:16: expected a cast to .s64 or .u64, found ".u32"
          -0f3f800000 → 6:15: a number written 0f may not be used in an expression
          0f3f800000 + 1.0 → 6:26: a number written 0f may not be used in an expression
          1 +  → 6:18: expected a constant, found ";"
          (1 → 6:17: expected ")", found ";"
          1 ? 2 → 6:20: expected ":", found ";"
          1 2 → 6:17: expected ";", found "2"
          4 + tile → 6:19: expected a constant, found "tile"
          7%3 → 6:16: expected ";", found "%3"
          """)
  void broken_expressions_are_refused_where_they_break(String expression, String message) {
    assertStatementsRefused(message, "mov.u64 %rd1, " + expression + ";");
  }

  @Test
  void deep_nesting_is_refused_and_shallow_is_not() {
    assertEquals(3, value("(".repeat(90) + "3" + ")".repeat(90)));
    assertEquals(3, value("- ".repeat(90) + "3"));
    String refusal = ": the expression is nested more than 100 deep";
    for (String opening : new String[] {"(", "- ", "!", "~", "(.s64)", "1 ? 2 : ", "1 ? "}) {
      String message = PtxTexts.refusal(PtxTexts.kernel("mov.u64 %rd1, " + opening.repeat(9_999)));
      assertEquals(refusal, message.substring(message.indexOf(": ")), opening);
    }
    assertEquals(9_999, value("1 + ".repeat(9_998) + "1"));
  }
}
