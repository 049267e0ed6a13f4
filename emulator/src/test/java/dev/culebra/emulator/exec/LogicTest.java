package dev.culebra.emulator.exec;

import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Logic, shifts, selection and comparison of integers and predicates. */
final class LogicTest {
  private final long seed = System.nanoTime();
  private final InstructionCheck check = new InstructionCheck(seed);

  private static String register(int width) {
    return width == 16 ? "%rs" : width == 32 ? "%r" : "%rd";
  }

  private static long mask(int width) {
    return -1L >>> 64 - width;
  }

  @Test
  void and_or_xor_not_and_cnot_work_on_every_width() {
    for (int width : new int[] {16, 32, 64}) {
      String r = register(width);
      String binary = ".b" + width + " " + r + "0, " + r + "1, " + r + "2";
      String unary = ".b" + width + " " + r + "0, " + r + "1";
      check.check("and" + binary, in -> in[0] & in[1]);
      check.check("or" + binary, in -> in[0] | in[1]);
      check.check("xor" + binary, in -> in[0] ^ in[1]);
      check.check("not" + unary, in -> ~in[0] & mask(width));
      check.check("cnot" + unary, in -> in[0] == 0 ? 1 : 0);
    }
  }

  @Test
  void predicates_are_combined_negated_and_constant() {
    check.check("and.pred %p0, %p1, %p2", in -> in[0] & in[1]);
    check.check("or.pred %p0, %p1, !%p2", in -> in[0] | in[1] ^ 1);
    check.check("xor.pred %p0, %p1, %p2", in -> in[0] ^ in[1]);
    check.check("and.pred %p0, %p1, 1", in -> in[0]);
    check.check("not.pred %p0, %p1", in -> in[0] ^ 1);
    check.check("mov.pred %p0, %p1", in -> in[0]);
    check.check("mov.pred %p0, !%p1", in -> in[0] ^ 1);
    check.check("mov.pred %p0, -1", in -> 1);
    check.check("mov.pred %p0, 0", in -> 0);
  }

  @Test
  void shifts_beyond_the_width_shift_everything_out() {
    for (int width : new int[] {16, 32, 64}) {
      String r = register(width);
      String operands = width + " " + r + "0, " + r + "1, %r2";
      check.check("shl.b" + operands, in -> in[1] >= width ? 0 : in[0] << in[1] & mask(width));
      for (String type : new String[] {".u", ".b"}) {
        check.check("shr" + type + operands, in -> in[1] >= width ? 0 : in[0] >>> in[1]);
      }
      check.check(
          "shr.s" + operands,
          in -> {
            BigInteger a = IntegerArithmeticTest.number(in[0], width, true);
            int amount = (int) Math.min(in[1], width);
            return IntegerArithmeticTest.bits(a.shiftRight(amount), width);
          });
    }
  }

  @Test
  void shf_shifts_a_pair_of_words_wrapped_or_clamped() {
    for (String mode : new String[] {"wrap", "clamp"}) {
      for (String direction : new String[] {"l", "r"}) {
        check.check(
            "shf." + direction + "." + mode + ".b32 %r0, %r1, %r2, %r3",
            in -> {
              int amount = (int) (mode.equals("wrap") ? in[2] & 31 : Math.min(in[2], 32));
              BigInteger pair =
                  BigInteger.valueOf(in[1]).shiftLeft(32).add(BigInteger.valueOf(in[0]));
              BigInteger shifted =
                  direction.equals("l")
                      ? pair.shiftLeft(amount).shiftRight(32)
                      : pair.shiftRight(amount);
              return IntegerArithmeticTest.bits(shifted, 32);
            });
      }
    }
  }

  private static long lop3(long a, long b, long c, int table) {
    long result = 0;
    for (int i = 0; i < 32; i++) {
      int row = (int) ((a >>> i & 1) << 2 | (b >>> i & 1) << 1 | c >>> i & 1);
      result |= (table >>> row & 1L) << i;
    }
    return result;
  }

  @Test
  void lop3_looks_every_bit_up() {
    SplittableRandom random = new SplittableRandom(seed);
    for (int table : new int[] {0, 255, 0x80, 0xfe, 0x96, 0xe8, random.nextInt(256)}) {
      check.check("lop3.b32 %r0, %r1, %r2, %r3, " + table, in -> lop3(in[0], in[1], in[2], table));
      for (String logic : new String[] {"or", "and"}) {
        for (String not : new String[] {"", "!"}) {
          String tail = ", %r1, %r2, %r3, " + table + ", " + not + "%p1;";
          InstructionCheck.References references =
              in -> {
                long value = lop3(in[0], in[1], in[2], table);
                long p = value != 0 ? 1 : 0;
                long q = not.isEmpty() ? in[3] : in[3] ^ 1;
                return new long[] {logic.equals("or") ? p | q : p & q, value};
              };
          check.checkAll(
              "lop3." + logic + ".b32 %r0|%p0" + tail,
              List.of("%p0", "%r0"),
              List.of("%r1", "%r2", "%r3", "%p1"),
              references);
          check.checkAll(
              "lop3." + logic + ".b32 _|%p0" + tail,
              List.of("%p0"),
              List.of("%r1", "%r2", "%r3", "%p1"),
              in -> new long[] {references.apply(in)[0]});
        }
      }
    }
  }

  @Test
  void selp_and_slct_choose() {
    for (int width : new int[] {16, 32, 64}) {
      String r = register(width);
      for (String type : new String[] {".b", ".u", ".s"}) {
        String operands = type + width + " " + r + "0, " + r + "1, " + r + "2, ";
        check.check("selp" + operands + "%p1", in -> in[2] == 1 ? in[0] : in[1]);
        check.check("selp" + operands + "!%p1", in -> in[2] == 0 ? in[0] : in[1]);
        check.check(
            "slct" + operands.replaceFirst(" ", ".s32 ") + "%r3",
            in -> (int) in[2] >= 0 ? in[0] : in[1]);
        check.check(
            "slct" + operands.replaceFirst(" ", ".f32 ") + "%f3",
            in -> Float.intBitsToFloat((int) in[2]) >= 0 ? in[0] : in[1]);
        check.check(
            "slct.ftz" + operands.replaceFirst(" ", ".f32 ") + "%f3",
            in -> Float.intBitsToFloat((int) in[2]) > -Float.MIN_NORMAL ? in[0] : in[1]);
      }
      check.check(
          "selp.b%d %s0, -1, %s1, %%p1".formatted(width, r, r),
          in -> in[1] == 1 ? mask(width) : in[0]);
    }
    check.check("selp.f32 %f0, 1.5, %f1, %p1", in -> in[1] == 1 ? 0x3fc0_0000L : in[0]);
    check.check(
        "selp.f64 %fd0, 0d3FF8000000000000, %fd1, %p1",
        in -> in[1] == 1 ? 0x3ff8_0000_0000_0000L : in[0]);
  }

  private static boolean holds(String operator, int order) {
    return switch (operator) {
      case "eq" -> order == 0;
      case "ne" -> order != 0;
      case "lt", "lo" -> order < 0;
      case "le", "ls" -> order <= 0;
      case "gt", "hi" -> order > 0;
      default -> order >= 0;
    };
  }

  private interface Typed {
    void check(String type, String operator, int width, boolean signed);
  }

  private static void everyIntegerComparison(Typed typed) {
    for (int width : new int[] {16, 32, 64}) {
      for (String operator : new String[] {"eq", "ne"}) {
        typed.check("b" + width, operator, width, false);
      }
      for (String operator : new String[] {"eq", "ne", "lt", "le", "gt", "ge"}) {
        typed.check("s" + width, operator, width, true);
        typed.check("u" + width, operator, width, false);
      }
      for (String operator : new String[] {"lo", "ls", "hi", "hs"}) {
        typed.check("u" + width, operator, width, false);
      }
    }
  }

  private static long compare(long[] in, String operator, int width, boolean signed) {
    BigInteger a = IntegerArithmeticTest.number(in[0], width, signed);
    BigInteger b = IntegerArithmeticTest.number(in[1], width, signed);
    return holds(operator, a.compareTo(b)) ? 1 : 0;
  }

  private static long combine(String logic, long a, long b) {
    return switch (logic) {
      case "and" -> a & b;
      case "or" -> a | b;
      default -> a ^ b;
    };
  }

  @Test
  void setp_compares_integers_of_every_type() {
    everyIntegerComparison(
        (type, operator, width, signed) -> {
          String r = register(width);
          check.check(
              "setp.%s.%s %%p0, %s1, %s2".formatted(operator, type, r, r),
              in -> compare(in, operator, width, signed));
        });
  }

  @Test
  void setp_combines_the_comparison_and_its_negation_with_a_predicate() {
    for (String logic : new String[] {"and", "or", "xor"}) {
      String head = "setp.lt." + logic + ".s32 ";
      check.check(
          head + "%p0, %r1, %r2, %p1", in -> combine(logic, compare(in, "lt", 32, true), in[2]));
      check.check(
          head + "%p0, %r1, %r2, !%p1",
          in -> combine(logic, compare(in, "lt", 32, true), in[2] ^ 1));
      for (String third : new String[] {"%p2", "%p0", "%p1"}) {
        check.checkAll(
            head + "%p0|%p1, %r1, %r2, " + third + ";",
            List.of("%p0", "%p1"),
            List.of("%r1", "%r2", third),
            in -> {
              long t = compare(in, "lt", 32, true);
              return new long[] {combine(logic, t, in[2]), combine(logic, t ^ 1, in[2])};
            });
      }
    }
    check.checkAll(
        "setp.ge.u32 %p0|%p1, %r1, %r2;",
        List.of("%p0", "%p1"),
        List.of("%r1", "%r2"),
        in -> {
          long t = compare(in, "ge", 32, false);
          return new long[] {t, t ^ 1};
        });
    check.checkAll(
        "setp.ge.u32 _|%p1, %r1, %r2;",
        List.of("%p1"), List.of("%r1", "%r2"), in -> new long[] {compare(in, "ge", 32, false) ^ 1});
  }

  @Test
  void set_writes_ones_or_one_for_integers() {
    everyIntegerComparison(
        (type, operator, width, signed) -> {
          String r = register(width);
          String operands = "%s1, %s2".formatted(r, r);
          for (String result : new String[] {"u32", "s32"}) {
            check.check(
                "set.%s.%s.%s %%r0, %s".formatted(operator, result, type, operands),
                in -> -compare(in, operator, width, signed) & 0xffff_ffffL);
          }
          check.check(
              "set.%s.f32.%s %%f0, %s".formatted(operator, type, operands),
              in -> compare(in, operator, width, signed) * 0x3f80_0000L);
        });
    check.check(
        "set.gt.xor.u32.s32 %r0, %r1, %r2, !%p1",
        in -> -(compare(in, "gt", 32, true) ^ in[2] ^ 1) & 0xffff_ffffL);
  }
}
