package dev.culebra.emulator.exec;

/**
 * Conversions to f16, bf16, f32 and f64 from wider formats and from integers of 64 bits, in each
 * rounding mode (PTX ISA 9.7.9.21).
 */
final class RoundedConversions {
  private static final int FRACTION_BITS = 52;
  private static final long FRACTION = (1L << FRACTION_BITS) - 1;

  private RoundedConversions() {}

  /** NaN keeps its sign and what fits of its payload, made quiet, as an H100 does it. */
  private static char ofReal(double a, BinaryFormat format, Rounding rounding) {
    if (a == a) {
      return (char) format.round(a, rounding);
    }
    long bits = Double.doubleToRawLongBits(a);
    long fraction = (bits & FRACTION) >>> FRACTION_BITS - format.fractionBits();
    long quiet = 1L << format.fractionBits() - 1;
    return (char) ((bits < 0 ? format.signBit() : 0) | format.infinity() | fraction | quiet);
  }

  private static long ofSigned(long a, BinaryFormat format, Rounding rounding) {
    return format.round(a < 0, Math.abs(a), 0, false, rounding);
  }

  private static long ofUnsigned(long a, BinaryFormat format, Rounding rounding) {
    return format.round(false, a, 0, false, rounding);
  }

  static char f64ToRnF16(double a) {
    return ofReal(a, BinaryFormat.F16, Rounding.NEAREST_EVEN);
  }

  static char f64ToRzF16(double a) {
    return ofReal(a, BinaryFormat.F16, Rounding.ZERO);
  }

  static char f64ToRmF16(double a) {
    return ofReal(a, BinaryFormat.F16, Rounding.DOWN);
  }

  static char f64ToRpF16(double a) {
    return ofReal(a, BinaryFormat.F16, Rounding.UP);
  }

  static char s64ToRnF16(long a) {
    return (char) ofSigned(a, BinaryFormat.F16, Rounding.NEAREST_EVEN);
  }

  static char s64ToRzF16(long a) {
    return (char) ofSigned(a, BinaryFormat.F16, Rounding.ZERO);
  }

  static char s64ToRmF16(long a) {
    return (char) ofSigned(a, BinaryFormat.F16, Rounding.DOWN);
  }

  static char s64ToRpF16(long a) {
    return (char) ofSigned(a, BinaryFormat.F16, Rounding.UP);
  }

  static char u64ToRnF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.F16, Rounding.NEAREST_EVEN);
  }

  static char u64ToRzF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.F16, Rounding.ZERO);
  }

  static char u64ToRmF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.F16, Rounding.DOWN);
  }

  static char u64ToRpF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.F16, Rounding.UP);
  }

  static char f64ToRnBF16(double a) {
    return ofReal(a, BinaryFormat.BF16, Rounding.NEAREST_EVEN);
  }

  static char f64ToRzBF16(double a) {
    return ofReal(a, BinaryFormat.BF16, Rounding.ZERO);
  }

  static char f64ToRmBF16(double a) {
    return ofReal(a, BinaryFormat.BF16, Rounding.DOWN);
  }

  static char f64ToRpBF16(double a) {
    return ofReal(a, BinaryFormat.BF16, Rounding.UP);
  }

  static char s64ToRnBF16(long a) {
    return (char) ofSigned(a, BinaryFormat.BF16, Rounding.NEAREST_EVEN);
  }

  static char s64ToRzBF16(long a) {
    return (char) ofSigned(a, BinaryFormat.BF16, Rounding.ZERO);
  }

  static char s64ToRmBF16(long a) {
    return (char) ofSigned(a, BinaryFormat.BF16, Rounding.DOWN);
  }

  static char s64ToRpBF16(long a) {
    return (char) ofSigned(a, BinaryFormat.BF16, Rounding.UP);
  }

  static char u64ToRnBF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.BF16, Rounding.NEAREST_EVEN);
  }

  static char u64ToRzBF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.BF16, Rounding.ZERO);
  }

  static char u64ToRmBF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.BF16, Rounding.DOWN);
  }

  static char u64ToRpBF16(long a) {
    return (char) ofUnsigned(a, BinaryFormat.BF16, Rounding.UP);
  }

  static float s64ToRzF32(long a) {
    return Float.intBitsToFloat((int) ofSigned(a, BinaryFormat.F32, Rounding.ZERO));
  }

  static float s64ToRmF32(long a) {
    return Float.intBitsToFloat((int) ofSigned(a, BinaryFormat.F32, Rounding.DOWN));
  }

  static float s64ToRpF32(long a) {
    return Float.intBitsToFloat((int) ofSigned(a, BinaryFormat.F32, Rounding.UP));
  }

  static float u64ToRnF32(long a) {
    return Float.intBitsToFloat((int) ofUnsigned(a, BinaryFormat.F32, Rounding.NEAREST_EVEN));
  }

  static float u64ToRzF32(long a) {
    return Float.intBitsToFloat((int) ofUnsigned(a, BinaryFormat.F32, Rounding.ZERO));
  }

  static float u64ToRmF32(long a) {
    return Float.intBitsToFloat((int) ofUnsigned(a, BinaryFormat.F32, Rounding.DOWN));
  }

  static float u64ToRpF32(long a) {
    return Float.intBitsToFloat((int) ofUnsigned(a, BinaryFormat.F32, Rounding.UP));
  }

  static double s64ToRzF64(long a) {
    return Double.longBitsToDouble(ofSigned(a, BinaryFormat.F64, Rounding.ZERO));
  }

  static double s64ToRmF64(long a) {
    return Double.longBitsToDouble(ofSigned(a, BinaryFormat.F64, Rounding.DOWN));
  }

  static double s64ToRpF64(long a) {
    return Double.longBitsToDouble(ofSigned(a, BinaryFormat.F64, Rounding.UP));
  }

  static double u64ToRnF64(long a) {
    return Double.longBitsToDouble(ofUnsigned(a, BinaryFormat.F64, Rounding.NEAREST_EVEN));
  }

  static double u64ToRzF64(long a) {
    return Double.longBitsToDouble(ofUnsigned(a, BinaryFormat.F64, Rounding.ZERO));
  }

  static double u64ToRmF64(long a) {
    return Double.longBitsToDouble(ofUnsigned(a, BinaryFormat.F64, Rounding.DOWN));
  }

  static double u64ToRpF64(long a) {
    return Double.longBitsToDouble(ofUnsigned(a, BinaryFormat.F64, Rounding.UP));
  }
}
