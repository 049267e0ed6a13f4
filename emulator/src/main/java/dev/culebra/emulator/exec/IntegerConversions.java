package dev.culebra.emulator.exec;

/**
 * Steps of which conversions to and from integers are made (PTX ISA 9.7.9.21). Integers of up to 32
 * bits are {@code int}, extended by their sign or by zeros.
 */
final class IntegerConversions {
  private IntegerConversions() {}

  static int extendS8(int a) {
    return (byte) a;
  }

  static int extendU8(int a) {
    return a & 0xff;
  }

  static int extendS16(int a) {
    return (short) a;
  }

  static int extendU16(int a) {
    return (char) a;
  }

  static int extendS32(int a) {
    return a;
  }

  static int extendU32(int a) {
    return a;
  }

  static long extendS64(long a) {
    return a;
  }

  static long extendU64(long a) {
    return a;
  }

  static long widenSigned(int a) {
    return a;
  }

  static long widenUnsigned(int a) {
    return Integer.toUnsignedLong(a);
  }

  static int narrow(long a) {
    return (int) a;
  }

  static char narrowTo16(int a) {
    return (char) a;
  }

  static char narrowTo8(int a) {
    return (char) (a & 0xff);
  }

  static long widenHalf(char a) {
    return a;
  }

  static float asFloat(int a) {
    return Float.intBitsToFloat(a);
  }

  /** An unsigned number, no larger than the largest signed one. */
  static long capUnsigned(long a) {
    return a < 0 ? Long.MAX_VALUE : a;
  }

  static long saturateS8(long a) {
    return Math.clamp(a, Byte.MIN_VALUE, Byte.MAX_VALUE);
  }

  static long saturateU8(long a) {
    return Math.clamp(a, 0, 0xff);
  }

  static long saturateS16(long a) {
    return Math.clamp(a, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static long saturateU16(long a) {
    return Math.clamp(a, 0, 0xffff);
  }

  static long saturateS32(long a) {
    return Math.clamp(a, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  static long saturateU32(long a) {
    return Math.clamp(a, 0L, 0xffff_ffffL);
  }

  static long saturateS64(long a) {
    return a;
  }

  static long saturateU64(long a) {
    return Math.max(a, 0);
  }
}
