package dev.culebra.emulator.exec;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

/** f32 and f64 instructions, against exact decimal arithmetic rounded once. */
final class FloatArithmeticTest {
  private final InstructionCheck check = new InstructionCheck(System.nanoTime());

  private static float f(long bits) {
    return Float.intBitsToFloat((int) bits);
  }

  private static long bits(float value) {
    return Integer.toUnsignedLong(Float.floatToRawIntBits(value));
  }

  private static double d(long bits) {
    return Double.longBitsToDouble(bits);
  }

  private static BigDecimal exact(double value) {
    return new BigDecimal(value);
  }

  private static float flush(float value) {
    return value != 0 && Math.abs(value) < Float.MIN_NORMAL ? Math.copySign(0f, value) : value;
  }

  private static float saturate(float value) {
    return value != value || value <= 0 ? 0f : value >= 1 ? 1f : value;
  }

  /** A sum of two exact numbers; zeros have the sign that IEEE 754 gives them. */
  private static double sum(
      BigDecimal a, boolean aNegative, BigDecimal b, boolean bNegative, String mode, boolean f64) {
    BigDecimal sum = a.add(b);
    if (sum.signum() != 0) {
      return f64 ? ExactRounding.real(sum, mode) : ExactRounding.single(sum, mode);
    }
    boolean negative = aNegative == bNegative ? aNegative : mode.equals("rm");
    return negative ? -0.0 : 0.0;
  }

  private static boolean negative(double value) {
    return Double.doubleToRawLongBits(value) < 0;
  }

  private static double add(double a, double b, String mode, boolean f64) {
    return Double.isFinite(a) && Double.isFinite(b)
        ? sum(exact(a), negative(a), exact(b), negative(b), mode, f64)
        : a + b;
  }

  private static double fma(double a, double b, double c, String mode, boolean f64) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || !Double.isFinite(c)) {
      return Math.fma(a, b, c);
    }
    boolean sign = negative(a) != negative(b);
    return sum(exact(a).multiply(exact(b)), sign, exact(c), negative(c), mode, f64);
  }

  private static double multiply(double a, double b, String mode, boolean f64) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || a == 0 || b == 0) {
      return a * b;
    }
    BigDecimal product = exact(a).multiply(exact(b));
    return f64 ? ExactRounding.real(product, mode) : ExactRounding.single(product, mode);
  }

  private static double divide(double a, double b, String mode, boolean f64) {
    if (!Double.isFinite(a) || !Double.isFinite(b) || a == 0 || b == 0) {
      return a / b;
    }
    // Java divides to nearest; whether that is too large is told by multiplying back
    double near = f64 ? a / b : (float) a / (float) b;
    if (Double.isInfinite(near)) {
      return ExactRounding.next(near, near > 0 ? 1 : -1, mode, f64);
    }
    int order = exact(near).multiply(exact(b)).compareTo(exact(a));
    return ExactRounding.next(near, b > 0 ? order : -order, mode, f64);
  }

  private static double root(double a, String mode, boolean f64) {
    if (!(a > 0) || !Double.isFinite(a)) {
      return Math.sqrt(a);
    }
    double near = f64 ? Math.sqrt(a) : (float) Math.sqrt(a);
    return ExactRounding.next(near, exact(near).pow(2).compareTo(exact(a)), mode, f64);
  }

  private interface Operation {
    double of(double[] operands, String mode, boolean f64);
  }

  /** Every rounding mode, {@code .ftz} and {@code .sat} of f32. */
  private void everyF32(String opcode, int operands, boolean sat, boolean optional, Operation op) {
    String registers = " %f0, %f1, %f2, %f3".substring(0, 4 + 5 * operands);
    for (String mode : ExactRounding.MODES) {
      for (boolean ftz : new boolean[] {false, true}) {
        for (boolean saturated : sat ? new boolean[] {false, true} : new boolean[] {false}) {
          String modifiers = (ftz ? ".ftz" : "") + (saturated ? ".sat" : "") + ".f32";
          InstructionCheck.Reference reference =
              in -> {
                double[] values = new double[operands];
                for (int i = 0; i < operands; i++) {
                  values[i] = ftz ? flush(f(in[i])) : f(in[i]);
                }
                float result = (float) op.of(values, mode, false);
                result = ftz ? flush(result) : result;
                return bits(saturated ? saturate(result) : result);
              };
          check.checkF32(opcode + "." + mode + modifiers + registers, reference);
          if (optional && mode.equals("rn")) {
            check.checkF32(opcode + modifiers + registers, reference);
          }
        }
      }
    }
  }

  private void everyF64(String opcode, int operands, Operation op) {
    String registers = " %fd0, %fd1, %fd2, %fd3".substring(0, 5 + 6 * operands);
    for (String mode : ExactRounding.MODES) {
      check.checkF64(
          opcode + "." + mode + ".f64" + registers,
          in -> {
            double[] values = new double[operands];
            for (int i = 0; i < operands; i++) {
              values[i] = d(in[i]);
            }
            return Double.doubleToRawLongBits(op.of(values, mode, true));
          });
    }
  }

  private void every(String opcode, int operands, boolean sat, boolean optional, Operation op) {
    everyF32(opcode, operands, sat, optional, op);
    everyF64(opcode, operands, op);
  }

  @Test
  void add_and_sub_round_once_in_every_mode() {
    every("add", 2, true, true, (v, mode, f64) -> add(v[0], v[1], mode, f64));
    every("sub", 2, true, true, (v, mode, f64) -> add(v[0], -v[1], mode, f64));
  }

  @Test
  void mul_rounds_once_in_every_mode() {
    every("mul", 2, true, true, (v, mode, f64) -> multiply(v[0], v[1], mode, f64));
  }

  @Test
  void fma_and_mad_round_once_in_every_mode() {
    every("fma", 3, true, false, (v, mode, f64) -> fma(v[0], v[1], v[2], mode, f64));
    every("mad", 3, true, false, (v, mode, f64) -> fma(v[0], v[1], v[2], mode, f64));
  }

  @Test
  void div_and_rcp_round_once_in_every_mode() {
    every("div", 2, false, false, (v, mode, f64) -> divide(v[0], v[1], mode, f64));
    every("rcp", 1, false, false, (v, mode, f64) -> divide(1, v[0], mode, f64));
  }

  @Test
  void sqrt_rounds_once_in_every_mode() {
    every("sqrt", 1, false, false, (v, mode, f64) -> root(v[0], mode, f64));
  }

  @Test
  void f32x2_computes_both_halves_as_f32() {
    for (String mode : ExactRounding.MODES) {
      for (boolean ftz : new boolean[] {false, true}) {
        String modifiers = "." + mode + (ftz ? ".ftz" : "") + ".f32x2";
        pairs("add" + modifiers, 2, ftz, (v, m, f64) -> add(v[0], v[1], mode, false));
        pairs("mul" + modifiers, 2, ftz, (v, m, f64) -> multiply(v[0], v[1], mode, false));
        pairs("fma" + modifiers, 3, ftz, (v, m, f64) -> fma(v[0], v[1], v[2], mode, false));
      }
    }
    pairs("sub.f32x2", 2, false, (v, m, f64) -> add(v[0], -v[1], "rn", false));
  }

  private void pairs(String instruction, int operands, boolean ftz, Operation op) {
    check.check(
        instruction + " %rd0, %rd1, %rd2, %rd3".substring(0, 5 + 6 * operands),
        in -> {
          long result = 0;
          for (int half = 0; half < 64; half += 32) {
            double[] values = new double[operands];
            for (int i = 0; i < operands; i++) {
              float value = f(in[i] >>> half);
              values[i] = ftz ? flush(value) : value;
            }
            float one = (float) op.of(values, "", false);
            result |= bits(ftz ? flush(one) : one) << half;
          }
          return result;
        },
        (expected, actual) ->
            sameOrNan(f(expected), f(actual)) && sameOrNan(f(expected >>> 32), f(actual >>> 32)));
  }

  private static boolean sameOrNan(float a, float b) {
    return Float.floatToRawIntBits(a) == Float.floatToRawIntBits(b) || a != a && b != b;
  }

  @Test
  void abs_neg_and_copysign_change_the_sign_alone() {
    check.checkF32("abs.f32 %f0, %f1", in -> in[0] & 0x7fff_ffffL);
    check.checkF32("abs.ftz.f32 %f0, %f1", in -> bits(flush(f(in[0] & 0x7fff_ffffL))));
    check.checkF64("abs.f64 %fd0, %fd1", in -> in[0] & Long.MAX_VALUE);
    check.checkF32("neg.f32 %f0, %f1", in -> in[0] ^ 0x8000_0000L);
    check.checkF32("neg.ftz.f32 %f0, %f1", in -> bits(flush(f(in[0] ^ 0x8000_0000L))));
    check.checkF64("neg.f64 %fd0, %fd1", in -> in[0] ^ Long.MIN_VALUE);
    check.checkF32("copysign.f32 %f0, %f1, %f2", in -> in[1] & 0x7fff_ffffL | in[0] & 0x8000_0000L);
    check.checkF64(
        "copysign.f64 %fd0, %fd1, %fd2", in -> in[1] & Long.MAX_VALUE | in[0] & Long.MIN_VALUE);
  }

  /** By the pseudocode of PTX ISA 9.7.3.11 and 9.7.3.12. */
  private static double extreme(double x, double y, boolean max, boolean nan) {
    if (x != x || y != y) {
      return nan || x != x && y != y ? Double.NaN : x != x ? y : x;
    }
    if (x == 0 && y == 0) {
      return negative(x) == max ? y : x;
    }
    return (x < y) == max ? y : x;
  }

  @Test
  void min_and_max_prefer_numbers_unless_told_to_give_nan() {
    for (boolean max : new boolean[] {false, true}) {
      String opcode = max ? "max" : "min";
      check.checkF64(
          opcode + ".f64 %fd0, %fd1, %fd2",
          in -> Double.doubleToRawLongBits(extreme(d(in[0]), d(in[1]), max, false)));
      for (boolean nan : new boolean[] {false, true}) {
        for (boolean ftz : new boolean[] {false, true}) {
          String modifiers = (ftz ? ".ftz" : "") + (nan ? ".NaN" : "");
          check.checkF32(
              opcode + modifiers + ".f32 %f0, %f1, %f2",
              in -> {
                float a = ftz ? flush(f(in[0])) : f(in[0]);
                float b = ftz ? flush(f(in[1])) : f(in[1]);
                return bits((float) extreme(a, b, max, nan));
              });
          check.checkF32(
              opcode + modifiers + ".xorsign.abs.f32 %f0, %f1, %f2",
              in -> {
                float a = ftz ? flush(f(in[0])) : f(in[0]);
                float b = ftz ? flush(f(in[1])) : f(in[1]);
                float result = (float) extreme(Math.abs(a), Math.abs(b), max, nan);
                return result != result ? bits(result) : bits(result) | (in[0] ^ in[1]) & 1L << 31;
              });
          for (boolean abs : new boolean[] {false, true}) {
            check.checkF32(
                opcode + modifiers + (abs ? ".abs" : "") + ".f32 %f0, %f1, %f2, %f3",
                in -> {
                  double[] v = new double[3];
                  for (int i = 0; i < 3; i++) {
                    v[i] = ftz ? flush(f(in[i])) : f(in[i]);
                    v[i] = abs ? Math.abs(v[i]) : v[i];
                  }
                  return bits((float) extreme(extreme(v[0], v[1], max, nan), v[2], max, nan));
                });
          }
        }
      }
    }
  }

  @Test
  void nan_of_min_and_max_is_canonical() {
    InstructionCheck.Reference nan =
        in -> f(in[0]) != f(in[0]) || f(in[1]) != f(in[1]) ? 0x7fff_ffffL : -1;
    for (String opcode : new String[] {"min.NaN.f32", "max.NaN.f32"}) {
      check.check(
          opcode + " %f0, %f1, %f2",
          nan,
          (expected, actual) -> expected == -1 || expected == actual);
    }
  }

  @Test
  void testp_tells_kinds_of_numbers_apart() {
    testp("finite", 0, 1, 2);
    testp("infinite", 3);
    testp("number", 0, 1, 2, 3);
    testp("notanumber", 4);
    testp("normal", 0, 1);
    testp("subnormal", 2);
  }

  /** Kinds: 0 zero, 1 normal, 2 subnormal, 3 infinite, 4 NaN. */
  private void testp(String property, int... kinds) {
    check.check(
        "testp." + property + ".f32 %p0, %f1",
        in -> among(kind(in[0] >>> 23 & 0xff, 0xff, in[0] & 0x7f_ffff), kinds));
    check.check(
        "testp." + property + ".f64 %p0, %fd1",
        in -> among(kind(in[0] >>> 52 & 0x7ff, 0x7ff, in[0] & (1L << 52) - 1), kinds));
  }

  private static int kind(long exponent, long top, long fraction) {
    return exponent == 0 ? fraction == 0 ? 0 : 2 : exponent < top ? 1 : fraction == 0 ? 3 : 4;
  }

  private static long among(int kind, int... kinds) {
    for (int one : kinds) {
      if (one == kind) {
        return 1;
      }
    }
    return 0;
  }
}
