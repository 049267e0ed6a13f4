package dev.culebra.emulator.exec;

/** Conversions between floating formats, and between them and integers (PTX ISA 9.7.9.21). */
final class FloatConversions {
  private static final double TWO_TO_63 = 0x1p63;
  private static final double TWO_TO_64 = 0x1p64;
  private static final int BF16_SHIFT = 16;
  private static final int BF16_ROUND = 0x7fff;
  private static final char NAN_16 = 0x7fff;

  private static final double SCALE = 0x1p64;

  private FloatConversions() {}

  static float roundRniF32(float a) {
    return (float) Math.rint(a);
  }

  static float roundRziF32(float a) {
    return (float) (a < 0 ? Math.ceil(a) : Math.floor(a));
  }

  static float roundRmiF32(float a) {
    return (float) Math.floor(a);
  }

  static float roundRpiF32(float a) {
    return (float) Math.ceil(a);
  }

  static double roundRniF64(double a) {
    return a == a ? Math.rint(a) : a;
  }

  static double roundRziF64(double a) {
    return a < 0 ? Math.ceil(a) : Math.floor(a);
  }

  static double roundRmiF64(double a) {
    return Math.floor(a);
  }

  static double roundRpiF64(double a) {
    return Math.ceil(a);
  }

  // To integers, clamped to their range. NaN gives 0 where no type has 64 bits, else the top bit.

  static int f32ToS8(float a) {
    return Math.clamp((int) a, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  static int f32ToU8(float a) {
    return Math.clamp((int) a, 0, 0xff);
  }

  static int f32ToS16(float a) {
    return Math.clamp((int) a, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static int f32ToU16(float a) {
    return Math.clamp((int) a, 0, 0xffff);
  }

  static int f32ToS32(float a) {
    return (int) a;
  }

  static int f32ToU32(float a) {
    return (int) Math.clamp((long) a, 0L, 0xffff_ffffL);
  }

  static long f32ToS64(float a) {
    return f64ToS64(a);
  }

  static long f32ToU64(float a) {
    return f64ToU64(a);
  }

  static int f64ToS8(double a) {
    return a != a ? Byte.MIN_VALUE : Math.clamp((int) a, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  static int f64ToU8(double a) {
    return a != a ? 0x80 : Math.clamp((int) a, 0, 0xff);
  }

  static int f64ToS16(double a) {
    return a != a ? Short.MIN_VALUE : Math.clamp((int) a, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static int f64ToU16(double a) {
    return a != a ? 0x8000 : Math.clamp((int) a, 0, 0xffff);
  }

  static int f64ToS32(double a) {
    return a != a ? Integer.MIN_VALUE : (int) a;
  }

  static int f64ToU32(double a) {
    return a != a ? Integer.MIN_VALUE : (int) Math.clamp((long) a, 0L, 0xffff_ffffL);
  }

  static long f64ToS64(double a) {
    return a != a ? Long.MIN_VALUE : (long) a;
  }

  static long f64ToU64(double a) {
    if (a < TWO_TO_63) {
      return Math.max((long) a, 0);
    }
    return a >= TWO_TO_64 ? -1 : (long) (a - TWO_TO_63) + Long.MIN_VALUE;
  }

  // From integers.

  static float s32ToRnF32(int a) {
    return a;
  }

  static float u32ToRnF32(int a) {
    return Integer.toUnsignedLong(a);
  }

  static double s32ToF64(int a) {
    return a;
  }

  static double u32ToF64(int a) {
    return Integer.toUnsignedLong(a);
  }

  static float s64ToRnF32(long a) {
    return a;
  }

  static double s64ToRnF64(long a) {
    return a;
  }

  // Between formats.

  /** What {@code .ftz} does to an f32 source; NaN becomes the canonical one. */
  static float flushSource(float a) {
    return a == a ? FloatArithmetic.flush(a) : Float.intBitsToFloat(FloatArithmetic.bits(a));
  }

  /** An f32 result as it is, whatever its NaN. */
  static int rawBits(float a) {
    return Float.floatToRawIntBits(a);
  }

  /** An f64 result as it is, but for a NaN made quiet. */
  static long quietBits(double a) {
    return NanPropagation.bits(a, a);
  }

  static double f32ToF64(float a) {
    return a;
  }

  // .ftz of an f32 result: what rounds to less than the least normal number is flushed, as if the
  // exponent went on below it. Only then does the precision not shrink before.

  private static float flushed(float result, float scaled) {
    boolean less = Math.abs(scaled) < Float.MIN_NORMAL * SCALE;
    return less ? Math.copySign(0f, result) : result;
  }

  static float f64ToRnFtzF32(double a) {
    return flushed(f64ToRnF32(a), f64ToRnF32(a * SCALE));
  }

  static float f64ToRzFtzF32(double a) {
    return flushed(f64ToRzF32(a), f64ToRzF32(a * SCALE));
  }

  static float f64ToRmFtzF32(double a) {
    return flushed(f64ToRmF32(a), f64ToRmF32(a * SCALE));
  }

  static float f64ToRpFtzF32(double a) {
    return flushed(f64ToRpF32(a), f64ToRpF32(a * SCALE));
  }

  static float f64ToRnF32(double a) {
    return (float) a;
  }

  static float f64ToRzF32(double a) {
    return a < 0 ? f64ToRpF32(a) : f64ToRmF32(a);
  }

  static float f64ToRmF32(double a) {
    float near = (float) a;
    return near > a ? Math.nextDown(near) : near;
  }

  static float f64ToRpF32(double a) {
    float near = (float) a;
    return near < a ? Math.nextUp(near) : near;
  }

  static float f16ToF32(int a) {
    return Float.float16ToFloat((short) a);
  }

  static float bf16ToF32(int a) {
    return Float.intBitsToFloat(a << BF16_SHIFT);
  }

  static float halfToF32(char a) {
    return f16ToF32(a);
  }

  static float bfloatToF32(char a) {
    return bf16ToF32(a);
  }

  static char f32ToRnF16(float a) {
    return a != a ? NAN_16 : (char) Float.floatToFloat16(a);
  }

  static char f32ToRnBF16(float a) {
    int bits = Float.floatToRawIntBits(a);
    return a != a ? NAN_16 : (char) (bits + BF16_ROUND + (bits >>> BF16_SHIFT & 1) >>> BF16_SHIFT);
  }

  static char f32ToRzF16(float a) {
    return (char) BinaryFormat.F16.round(a, Rounding.ZERO);
  }

  static char f32ToRmF16(float a) {
    return (char) BinaryFormat.F16.round(a, Rounding.DOWN);
  }

  static char f32ToRpF16(float a) {
    return (char) BinaryFormat.F16.round(a, Rounding.UP);
  }

  static char f32ToRmBF16(float a) {
    return (char) BinaryFormat.BF16.round(a, Rounding.DOWN);
  }

  static char f32ToRpBF16(float a) {
    return (char) BinaryFormat.BF16.round(a, Rounding.UP);
  }

  static char f32ToRzBF16(float a) {
    return a != a ? NAN_16 : (char) (Float.floatToRawIntBits(a) >>> BF16_SHIFT);
  }

  static char f64ToRnF16(double a) {
    return f32ToRnF16(toOddF32(a));
  }

  static char f64ToRnBF16(double a) {
    return f32ToRnBF16(toOddF32(a));
  }

  /**
   * Rounded to odd: of the two nearest finite f32 numbers the one whose last bit is set, unless one
   * is exact. Rounding that again, to a shorter format, is as good as rounding the double itself.
   */
  private static float toOddF32(double a) {
    float near = (float) a;
    int bits = Float.floatToRawIntBits(near);
    if (near == a || (bits & 1) != 0 || a != a) {
      return near;
    }
    if (near == 0) {
      return Math.copySign(Float.MIN_VALUE, near);
    }
    return Float.intBitsToFloat(Math.abs(near) < Math.abs(a) ? bits + 1 : bits - 1);
  }
}
