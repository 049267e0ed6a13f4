package dev.culebra.emulator.exec;

/** Logic and shifts (PTX ISA 9.7.8), moves and selection (9.7.6.3, 9.7.6.4, 9.7.9.3). */
final class BitLogic {
  private BitLogic() {}

  static short and16(short a, short b) {
    return (short) (a & b);
  }

  static int and32(int a, int b) {
    return a & b;
  }

  static long and64(long a, long b) {
    return a & b;
  }

  static short or16(short a, short b) {
    return (short) (a | b);
  }

  static int or32(int a, int b) {
    return a | b;
  }

  static long or64(long a, long b) {
    return a | b;
  }

  static short xor16(short a, short b) {
    return (short) (a ^ b);
  }

  static int xor32(int a, int b) {
    return a ^ b;
  }

  static long xor64(long a, long b) {
    return a ^ b;
  }

  static short not16(short a) {
    return (short) ~a;
  }

  static int not32(int a) {
    return ~a;
  }

  static long not64(long a) {
    return ~a;
  }

  /** Logical negation of C: 1 for 0, else 0. */
  static short cnot16(short a) {
    return (short) (a == 0 ? 1 : 0);
  }

  static int cnot32(int a) {
    return a == 0 ? 1 : 0;
  }

  static long cnot64(long a) {
    return a == 0 ? 1 : 0;
  }

  // Shift amounts are unsigned 32 bits; those beyond the width count as the width.

  static char shl16(char a, int b) {
    return within(b, 16) ? (char) (a << b) : 0;
  }

  static int shl32(int a, int b) {
    return within(b, 32) ? a << b : 0;
  }

  static long shl64(long a, int b) {
    return within(b, 64) ? a << b : 0;
  }

  static char shrU16(char a, int b) {
    return within(b, 16) ? (char) (a >>> b) : 0;
  }

  static int shrU32(int a, int b) {
    return within(b, 32) ? a >>> b : 0;
  }

  static long shrU64(long a, int b) {
    return within(b, 64) ? a >>> b : 0;
  }

  static short shrS16(short a, int b) {
    return (short) (a >> (within(b, 16) ? b : 15));
  }

  static int shrS32(int a, int b) {
    return a >> (within(b, 32) ? b : 31);
  }

  static long shrS64(long a, int b) {
    return a >> (within(b, 64) ? b : 63);
  }

  private static boolean within(int amount, int width) {
    return (amount & -width) == 0;
  }

  /** The upper 32 bits of b:a shifted left; b is the upper half. */
  static int shfLWrap32(int a, int b, int c) {
    return (int) ((join(a, b) << (c & 31)) >>> 32);
  }

  static int shfLClamp32(int a, int b, int c) {
    return within(c, 32) ? (int) ((join(a, b) << c) >>> 32) : a;
  }

  /** The lower 32 bits of b:a shifted right. */
  static int shfRWrap32(int a, int b, int c) {
    return (int) (join(a, b) >>> (c & 31));
  }

  static int shfRClamp32(int a, int b, int c) {
    return within(c, 32) ? (int) (join(a, b) >>> c) : b;
  }

  private static long join(int low, int high) {
    return (long) high << 32 | Integer.toUnsignedLong(low);
  }

  /**
   * Any function of three bits: bit {@code 4a + 2b + c} of the table (PTX ISA 9.7.8.6).
   *
   * @param table a constant, 8 bits
   */
  static int lop3(int a, int b, int c, int table) {
    int lower =
        (term(table, 0) & ~b & ~c)
            | (term(table, 1) & ~b & c)
            | (term(table, 2) & b & ~c)
            | (term(table, 3) & b & c);
    int upper =
        (term(table, 4) & ~b & ~c)
            | (term(table, 5) & ~b & c)
            | (term(table, 6) & b & ~c)
            | (term(table, 7) & b & c);
    return (lower & ~a) | (upper & a);
  }

  private static int term(int table, int bit) {
    return -(table >>> bit & 1);
  }

  static short move16(short a) {
    return a;
  }

  static int move32(int a) {
    return a;
  }

  static long move64(long a) {
    return a;
  }

  static short select16(short a, short b, boolean c) {
    return c ? a : b;
  }

  static int select32(int a, int b, boolean c) {
    return c ? a : b;
  }

  static long select64(long a, long b, boolean c) {
    return c ? a : b;
  }

  /** The lower half of a, in those halves whose predicate holds. */
  static int selectHalves(int a, boolean lower, boolean upper) {
    return (lower ? a & 0xffff : 0) | (upper ? a << 16 : 0);
  }

  /** {@code slct}: a where c is not negative. */
  static short selectBySign16(short a, short b, int c) {
    return c >= 0 ? a : b;
  }

  static int selectBySign32(int a, int b, int c) {
    return c >= 0 ? a : b;
  }

  static long selectBySign64(long a, long b, int c) {
    return c >= 0 ? a : b;
  }

  /** Negative zero counts as zero, NaN as negative (PTX ISA 9.7.6.4). */
  static short selectByFloat16(short a, short b, float c) {
    return c >= 0 ? a : b;
  }

  static int selectByFloat32(int a, int b, float c) {
    return c >= 0 ? a : b;
  }

  static long selectByFloat64(long a, long b, float c) {
    return c >= 0 ? a : b;
  }

  static boolean isNotZero32(int a) {
    return a != 0;
  }
}
