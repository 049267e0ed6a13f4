package dev.culebra.emulator.exec;

/** Integer addition, multiplication, division and order (PTX ISA 9.7.1.1 to 9.7.1.14). */
final class IntegerArithmetic {
  private IntegerArithmetic() {}

  static short add16(short a, short b) {
    return (short) (a + b);
  }

  static int add32(int a, int b) {
    return a + b;
  }

  static long add64(long a, long b) {
    return a + b;
  }

  static int addSatS32(int a, int b) {
    return saturate((long) a + b);
  }

  static short sub16(short a, short b) {
    return (short) (a - b);
  }

  static int sub32(int a, int b) {
    return a - b;
  }

  static long sub64(long a, long b) {
    return a - b;
  }

  static int subSatS32(int a, int b) {
    return saturate((long) a - b);
  }

  private static int saturate(long value) {
    return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  static short mulLo16(short a, short b) {
    return (short) (a * b);
  }

  static int mulLo32(int a, int b) {
    return a * b;
  }

  static long mulLo64(long a, long b) {
    return a * b;
  }

  static short mulHiS16(short a, short b) {
    return (short) (a * b >> 16);
  }

  static char mulHiU16(char a, char b) {
    return (char) (a * b >>> 16);
  }

  static int mulHiS32(int a, int b) {
    return (int) ((long) a * b >> 32);
  }

  static int mulHiU32(int a, int b) {
    return (int) (Integer.toUnsignedLong(a) * Integer.toUnsignedLong(b) >>> 32);
  }

  static long mulHiS64(long a, long b) {
    return Math.multiplyHigh(a, b);
  }

  static long mulHiU64(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b);
  }

  static int mulWideS16(short a, short b) {
    return a * b;
  }

  static int mulWideU16(char a, char b) {
    return a * b;
  }

  static long mulWideS32(int a, int b) {
    return (long) a * b;
  }

  static long mulWideU32(int a, int b) {
    return Integer.toUnsignedLong(a) * Integer.toUnsignedLong(b);
  }

  static short madLo16(short a, short b, short c) {
    return (short) (a * b + c);
  }

  static int madLo32(int a, int b, int c) {
    return a * b + c;
  }

  static long madLo64(long a, long b, long c) {
    return a * b + c;
  }

  static short madHiS16(short a, short b, short c) {
    return (short) (mulHiS16(a, b) + c);
  }

  static char madHiU16(char a, char b, char c) {
    return (char) (mulHiU16(a, b) + c);
  }

  static int madHiS32(int a, int b, int c) {
    return mulHiS32(a, b) + c;
  }

  static int madHiU32(int a, int b, int c) {
    return mulHiU32(a, b) + c;
  }

  static int madHiSatS32(int a, int b, int c) {
    return saturate((long) mulHiS32(a, b) + c);
  }

  static long madHiS64(long a, long b, long c) {
    return Math.multiplyHigh(a, b) + c;
  }

  static long madHiU64(long a, long b, long c) {
    return Math.unsignedMultiplyHigh(a, b) + c;
  }

  static int madWideS16(short a, short b, int c) {
    return a * b + c;
  }

  static int madWideU16(char a, char b, int c) {
    return a * b + c;
  }

  static long madWideS32(int a, int b, long c) {
    return (long) a * b + c;
  }

  static long madWideU32(int a, int b, long c) {
    return mulWideU32(a, b) + c;
  }

  static int mul24LoS32(int a, int b) {
    return (int) product24(signed24(a), signed24(b));
  }

  static int mul24LoU32(int a, int b) {
    return (int) product24(unsigned24(a), unsigned24(b));
  }

  /** The upper 32 of the product's 48 bits. */
  static int mul24HiS32(int a, int b) {
    return (int) (product24(signed24(a), signed24(b)) >> 16);
  }

  static int mul24HiU32(int a, int b) {
    return (int) (product24(unsigned24(a), unsigned24(b)) >> 16);
  }

  static int mad24LoS32(int a, int b, int c) {
    return mul24LoS32(a, b) + c;
  }

  static int mad24LoU32(int a, int b, int c) {
    return mul24LoU32(a, b) + c;
  }

  static int mad24HiS32(int a, int b, int c) {
    return mul24HiS32(a, b) + c;
  }

  static int mad24HiU32(int a, int b, int c) {
    return mul24HiU32(a, b) + c;
  }

  static int mad24HiSatS32(int a, int b, int c) {
    return saturate((long) mul24HiS32(a, b) + c);
  }

  private static long product24(int a, int b) {
    return (long) a * b;
  }

  private static int signed24(int value) {
    return value << 8 >> 8;
  }

  private static int unsigned24(int value) {
    return value & 0xffffff;
  }

  static short sadS16(short a, short b, short c) {
    return (short) (c + Math.abs(a - b));
  }

  static char sadU16(char a, char b, char c) {
    return (char) (c + Math.abs(a - b));
  }

  static int sadS32(int a, int b, int c) {
    return c + (a < b ? b - a : a - b);
  }

  static int sadU32(int a, int b, int c) {
    return c + (Integer.compareUnsigned(a, b) < 0 ? b - a : a - b);
  }

  static long sadS64(long a, long b, long c) {
    return c + (a < b ? b - a : a - b);
  }

  static long sadU64(long a, long b, long c) {
    return c + (Long.compareUnsigned(a, b) < 0 ? b - a : a - b);
  }

  // Division by zero gives no particular value (PTX ISA 9.7.1.8); here all ones, and a as
  // remainder.

  static short divS16(short a, short b) {
    return b == 0 ? -1 : (short) (a / b);
  }

  static char divU16(char a, char b) {
    return b == 0 ? (char) -1 : (char) (a / b);
  }

  static int divS32(int a, int b) {
    return b == 0 ? -1 : a / b;
  }

  static int divU32(int a, int b) {
    return b == 0 ? -1 : Integer.divideUnsigned(a, b);
  }

  static long divS64(long a, long b) {
    return b == 0 ? -1 : a / b;
  }

  static long divU64(long a, long b) {
    return b == 0 ? -1 : Long.divideUnsigned(a, b);
  }

  static short remS16(short a, short b) {
    return b == 0 ? a : (short) (a % b);
  }

  static char remU16(char a, char b) {
    return b == 0 ? a : (char) (a % b);
  }

  static int remS32(int a, int b) {
    return b == 0 ? a : a % b;
  }

  static int remU32(int a, int b) {
    return b == 0 ? a : Integer.remainderUnsigned(a, b);
  }

  static long remS64(long a, long b) {
    return b == 0 ? a : a % b;
  }

  static long remU64(long a, long b) {
    return b == 0 ? a : Long.remainderUnsigned(a, b);
  }

  static short absS16(short a) {
    return (short) Math.abs(a);
  }

  static int absS32(int a) {
    return Math.abs(a);
  }

  static long absS64(long a) {
    return Math.abs(a);
  }

  static short negS16(short a) {
    return (short) -a;
  }

  static int negS32(int a) {
    return -a;
  }

  static long negS64(long a) {
    return -a;
  }

  static short minS16(short a, short b) {
    return a < b ? a : b;
  }

  static char minU16(char a, char b) {
    return a < b ? a : b;
  }

  static int minS32(int a, int b) {
    return Math.min(a, b);
  }

  static int minU32(int a, int b) {
    return Math.min(a + Integer.MIN_VALUE, b + Integer.MIN_VALUE) + Integer.MIN_VALUE;
  }

  static long minS64(long a, long b) {
    return Math.min(a, b);
  }

  static long minU64(long a, long b) {
    return Math.min(a + Long.MIN_VALUE, b + Long.MIN_VALUE) + Long.MIN_VALUE;
  }

  static short maxS16(short a, short b) {
    return a > b ? a : b;
  }

  static char maxU16(char a, char b) {
    return a > b ? a : b;
  }

  static int maxS32(int a, int b) {
    return Math.max(a, b);
  }

  static int maxU32(int a, int b) {
    return Math.max(a + Integer.MIN_VALUE, b + Integer.MIN_VALUE) + Integer.MIN_VALUE;
  }

  static long maxS64(long a, long b) {
    return Math.max(a, b);
  }

  static long maxU64(long a, long b) {
    return Math.max(a + Long.MIN_VALUE, b + Long.MIN_VALUE) + Long.MIN_VALUE;
  }

  /** What {@code .relu} of {@code min} and {@code max} adds. */
  static int reluS32(int a) {
    return Math.max(a, 0);
  }
}
