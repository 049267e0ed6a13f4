package dev.culebra.emulator.exec;

/**
 * Conversions of cvt whose result is f16, bf16, tf32, e4m3 or e5m2 with {@code .satfinite}, or
 * holds two numbers (PTX ISA 9.7.9.21), and those of cvt.pack (9.7.9.22).
 */
final class PackedConversions {
  private static final int SIGN_16 = 0x8000;
  private static final int F16_LARGEST = 0x7bff;
  private static final int BF16_LARGEST = 0x7f7f;
  private static final char NAN_16 = 0x7fff;
  private static final int TF32_UNUSED = 0x1fff;
  private static final int TF32_HALF = 0x1000;
  private static final int F32_INFINITY = 0x7f80_0000;
  private static final int TF32_NAN = 0x7fff_e000;
  private static final int NAN_8 = 0x7f;
  private static final char[] E4M3_AS_F16 = new char[256];

  static {
    for (int i = 0; i < E4M3_AS_F16.length; i++) {
      E4M3_AS_F16[i] = FloatConversions.f64ToRnF16(BinaryFormat.E4M3.decode(i));
    }
  }

  private PackedConversions() {}

  // .satfinite: what is larger than the largest number becomes that, with its sign.

  static char f32ToRnSatfiniteF16(float a) {
    return finite(FloatConversions.f32ToRnF16(a), F16_LARGEST);
  }

  static char f32ToRzSatfiniteF16(float a) {
    return finite(FloatConversions.f32ToRzF16(a), F16_LARGEST);
  }

  static char f32ToRnSatfiniteBF16(float a) {
    return finite(FloatConversions.f32ToRnBF16(a), BF16_LARGEST);
  }

  static char f32ToRzSatfiniteBF16(float a) {
    return finite(FloatConversions.f32ToRzBF16(a), BF16_LARGEST);
  }

  private static char finite(char bits, int largest) {
    return (bits & ~SIGN_16) > largest && bits != NAN_16 ? (char) (bits & SIGN_16 | largest) : bits;
  }

  // Pairs: the first operand becomes the upper half.

  static int f32PairToRnF16(float a, float b) {
    return FloatConversions.f32ToRnF16(a) << 16 | FloatConversions.f32ToRnF16(b);
  }

  static int f32PairToRzF16(float a, float b) {
    return FloatConversions.f32ToRzF16(a) << 16 | FloatConversions.f32ToRzF16(b);
  }

  static int f32PairToRnSatfiniteF16(float a, float b) {
    return f32ToRnSatfiniteF16(a) << 16 | f32ToRnSatfiniteF16(b);
  }

  static int f32PairToRzSatfiniteF16(float a, float b) {
    return f32ToRzSatfiniteF16(a) << 16 | f32ToRzSatfiniteF16(b);
  }

  static int f32PairToRnBF16(float a, float b) {
    return FloatConversions.f32ToRnBF16(a) << 16 | FloatConversions.f32ToRnBF16(b);
  }

  static int f32PairToRzBF16(float a, float b) {
    return FloatConversions.f32ToRzBF16(a) << 16 | FloatConversions.f32ToRzBF16(b);
  }

  static int f32PairToRnSatfiniteBF16(float a, float b) {
    return f32ToRnSatfiniteBF16(a) << 16 | f32ToRnSatfiniteBF16(b);
  }

  static int f32PairToRzSatfiniteBF16(float a, float b) {
    return f32ToRzSatfiniteBF16(a) << 16 | f32ToRzSatfiniteBF16(b);
  }

  /** {@code .relu} of two halves; NaN stays. */
  static int reluPair(int a) {
    return relu((char) (a >>> 16)) << 16 | relu((char) a);
  }

  /** {@code .relu} of a half whose NaN has no sign. */
  static char relu(char a) {
    return a >= SIGN_16 ? 0 : a;
  }

  // tf32: f32 with 10 bits of fraction; the other 13 are zero.

  static int f32ToRnTF32(float a) {
    int bits = Float.floatToRawIntBits(a);
    int even = bits >>> 13 & 1;
    return a != a ? TF32_NAN : bits + TF32_HALF - 1 + even & ~TF32_UNUSED;
  }

  static int f32ToRzTF32(float a) {
    return a != a ? TF32_NAN : Float.floatToRawIntBits(a) & ~TF32_UNUSED;
  }

  /** Ties away from zero; infinity and NaN are cut off, as an H100 does it. */
  static int f32ToRnaTF32(float a) {
    int bits = Float.floatToRawIntBits(a);
    boolean finite = (bits & F32_INFINITY) != F32_INFINITY;
    return (finite ? bits + TF32_HALF : bits) & ~TF32_UNUSED;
  }

  /** Takes one unit off what is not finite: infinity becomes the largest number. */
  static int satfiniteRnaTF32(int a) {
    return (a & F32_INFINITY) == F32_INFINITY ? a - TF32_UNUSED - 1 : a;
  }

  static int satfiniteTF32(int a) {
    return (a & Integer.MAX_VALUE) == F32_INFINITY ? a - TF32_UNUSED - 1 : a;
  }

  static int reluTF32(int a) {
    return Math.max(a, 0);
  }

  // Pairs of 8 bits: the first operand becomes the upper byte.

  private static int toE4M3(float a) {
    return a != a ? NAN_8 : (int) BinaryFormat.E4M3.round(a, Rounding.NEAREST_EVEN);
  }

  private static int toE5M2(float a) {
    if (a != a) {
      return NAN_8;
    }
    int bits = (int) BinaryFormat.E5M2.round(a, Rounding.NEAREST_EVEN);
    return (bits & NAN_8) > BinaryFormat.E5M2.largest()
        ? bits & ~NAN_8 | (int) BinaryFormat.E5M2.largest()
        : bits;
  }

  static char f32PairToE4M3(float a, float b) {
    return (char) (toE4M3(a) << 8 | toE4M3(b));
  }

  static char f32PairToE5M2(float a, float b) {
    return (char) (toE5M2(a) << 8 | toE5M2(b));
  }

  static char f16PairToE4M3(int a) {
    return f32PairToE4M3(FloatConversions.f16ToF32(a >> 16), FloatConversions.f16ToF32(a));
  }

  static char f16PairToE5M2(int a) {
    return f32PairToE5M2(FloatConversions.f16ToF32(a >> 16), FloatConversions.f16ToF32(a));
  }

  /** {@code .relu} of two bytes; NaN stays. */
  static char reluBytes(char a) {
    int upper = a >>> 8;
    int lower = a & 0xff;
    return (char) ((upper > NAN_8 ? 0 : upper) << 8 | (lower > NAN_8 ? 0 : lower));
  }

  static int e4m3PairToF16(char a) {
    return E4M3_AS_F16[a >>> 8] << 16 | E4M3_AS_F16[a & 0xff];
  }

  static int e5m2PairToF16(char a) {
    return e5m2ToF16(a >>> 8) << 16 | e5m2ToF16(a & 0xff);
  }

  private static int e5m2ToF16(int a) {
    return (a & NAN_8) > BinaryFormat.E5M2.infinity() ? NAN_16 : a << 8;
  }

  // cvt.pack: two integers into the lower bits, the rest from c.

  static int packU16(int a, int b) {
    return Math.clamp(a, 0, 0xffff) << 16 | Math.clamp(b, 0, 0xffff);
  }

  static int packS16(int a, int b) {
    return clampSigned(a, 16) << 16 | clampSigned(b, 16) & 0xffff;
  }

  static int packU8(int a, int b, int c) {
    return c << 16 | Math.clamp(a, 0, 0xff) << 8 | Math.clamp(b, 0, 0xff);
  }

  static int packS8(int a, int b, int c) {
    return c << 16 | (clampSigned(a, 8) & 0xff) << 8 | clampSigned(b, 8) & 0xff;
  }

  static int packU4(int a, int b, int c) {
    return c << 8 | Math.clamp(a, 0, 0xf) << 4 | Math.clamp(b, 0, 0xf);
  }

  static int packS4(int a, int b, int c) {
    return c << 8 | (clampSigned(a, 4) & 0xf) << 4 | clampSigned(b, 4) & 0xf;
  }

  static int packU2(int a, int b, int c) {
    return c << 4 | Math.clamp(a, 0, 3) << 2 | Math.clamp(b, 0, 3);
  }

  static int packS2(int a, int b, int c) {
    return c << 4 | (clampSigned(a, 2) & 3) << 2 | clampSigned(b, 2) & 3;
  }

  private static int clampSigned(int a, int bits) {
    return Math.clamp(a, -1 << bits - 1, (1 << bits - 1) - 1);
  }
}
