package dev.culebra.emulator.exec;

/** Counting, finding, moving and masking bits and bytes (PTX ISA 9.7.1.14 to 9.7.1.24, 9.7.9.7). */
final class BitFields {
  private static final int BYTE = 0xff;

  private BitFields() {}

  static int popc32(int a) {
    return Integer.bitCount(a);
  }

  static int popc64(long a) {
    return Long.bitCount(a);
  }

  static int clz32(int a) {
    return Integer.numberOfLeadingZeros(a);
  }

  static int clz64(long a) {
    return Long.numberOfLeadingZeros(a);
  }

  static int brev32(int a) {
    return Integer.reverse(a);
  }

  static long brev64(long a) {
    return Long.reverse(a);
  }

  /** The place of the highest one; all ones where there is none. */
  static int bfindU32(int a) {
    return 31 - Integer.numberOfLeadingZeros(a);
  }

  static int bfindU64(long a) {
    return 63 - Long.numberOfLeadingZeros(a);
  }

  /** The place of the highest bit that differs from the sign; all ones where there is none. */
  static int bfindS32(int a) {
    return bfindU32(a ^ a >> 31);
  }

  static int bfindS64(long a) {
    return bfindU64(a ^ a >> 63);
  }

  /** {@code .shiftamt}: how far the bit that was found is from the top. */
  static int bfindShiftU32(int a) {
    return a == 0 ? -1 : Integer.numberOfLeadingZeros(a);
  }

  static int bfindShiftU64(long a) {
    return a == 0 ? -1 : Long.numberOfLeadingZeros(a);
  }

  static int bfindShiftS32(int a) {
    return bfindShiftU32(a ^ a >> 31);
  }

  static int bfindShiftS64(long a) {
    return bfindShiftU64(a ^ a >> 63);
  }

  /** The place of the n-th one from {@code base} on, downwards where n is negative. */
  static int fns32(int mask, int base, int n) {
    if (base < 0 || base > 31) {
      return -1;
    }
    int kept = n == 0 ? mask & 1 << base : n > 0 ? mask & -1 << base : mask & -1 >>> 31 - base;
    if (n < 0) {
      int place = fns32(Integer.reverse(kept), 31 - base, n == Integer.MIN_VALUE ? 33 : -n);
      return place < 0 ? -1 : 31 - place;
    }
    for (int left = n; left > 1 && kept != 0; left--) {
      kept &= kept - 1;
    }
    return kept == 0 ? -1 : Integer.numberOfTrailingZeros(kept);
  }

  static int bfeU32(int a, int position, int length) {
    return (int) bfeU64(Integer.toUnsignedLong(a), position & BYTE, length & BYTE);
  }

  static int bfeS32(int a, int position, int length) {
    return (int) bfeS64(a, position & BYTE, length & BYTE);
  }

  // Positions and lengths beyond 255 are not allowed. An H100 takes them as they are for 64 bits,
  // their lower 8 bits for 32.

  static long bfeU64(long a, int position, int length) {
    long shifted = within64(position) ? a >>> position : 0;
    return within64(length) ? shifted & (1L << length) - 1 : shifted;
  }

  /** Beyond the top there are copies of the sign. */
  static long bfeS64(long a, int position, int length) {
    if (length == 0) {
      return 0;
    }
    long shifted = a >> (within64(position) ? position : 63);
    int unused = within64(length) ? Long.SIZE - length : 0;
    return shifted << unused >> unused;
  }

  private static boolean within64(int place) {
    return (place & ~63) == 0;
  }

  static int bfi32(int a, int b, int position, int length) {
    return (int) bfi64(a, b, position, length);
  }

  /** Inserts the lower bits of a into b. */
  static long bfi64(long a, long b, int position, int length) {
    int start = position & BYTE;
    int count = length & BYTE;
    if (start >= Long.SIZE) {
      return b;
    }
    long mask = (count < Long.SIZE ? (1L << count) - 1 : -1L) << start;
    return a << start & mask | b & ~mask;
  }

  static int bmskClamp32(int a, int b) {
    return outside(a) ? 0 : mask(a, outside(b) ? Integer.SIZE : b);
  }

  static int bmskWrap32(int a, int b) {
    return mask(a & 31, b & 31);
  }

  private static boolean outside(int place) {
    return (place & ~31) != 0;
  }

  /** So many ones from a place on, as far as they fit. */
  private static int mask(int place, int width) {
    return (int) ((1L << width) - 1 << place);
  }

  static int szextClampS32(int a, int width) {
    return outside(width) ? a : szextWrapS32(a, width);
  }

  static int szextClampU32(int a, int width) {
    return outside(width) ? a : szextWrapU32(a, width);
  }

  static int szextWrapS32(int a, int width) {
    int count = width & 31;
    return count == 0 ? 0 : a << 32 - count >> 32 - count;
  }

  static int szextWrapU32(int a, int width) {
    return a & (1 << (width & 31)) - 1;
  }

  /** Bytes of b:a; the top bit of a choice replicates the byte's sign. */
  static int prmt(int a, int b, int choices) {
    long bytes = Integer.toUnsignedLong(a) | (long) b << 32;
    int result = 0;
    for (int i = 0; i < 4; i++) {
      int choice = choices >>> 4 * i & 0xf;
      int chosen = (byte) (bytes >>> 8 * (choice & 7));
      result |= ((choice & 8) == 0 ? chosen & BYTE : chosen >> 8 & BYTE) << 8 * i;
    }
    return result;
  }

  // Modes of prmt: the four choices for each value of the lower two bits of c.

  /** Four bytes from c upwards. */
  static int prmtF4e(int a, int b, int c) {
    return prmt(a, b, 0x3210 + 0x1111 * (c & 3));
  }

  /** Four bytes from c downwards, around. */
  static int prmtB4e(int a, int b, int c) {
    return prmt(a, b, 0x5670 + 0x1111 * (c & 3) & 0x7777);
  }

  /** One byte four times. */
  static int prmtRc8(int a, int b, int c) {
    return prmt(a, b, 0x1111 * (c & 3));
  }

  /** No byte below c. */
  static int prmtEcl(int a, int b, int c) {
    int least = c & 3;
    return prmt(a, b, 0x3000 | Math.max(2, least) << 8 | Math.max(1, least) << 4 | least);
  }

  /** No byte above c. */
  static int prmtEcr(int a, int b, int c) {
    int most = c & 3;
    return prmt(a, b, most << 12 | Math.min(2, most) << 8 | Math.min(1, most) << 4);
  }

  /** One half twice. */
  static int prmtRc16(int a, int b, int c) {
    return prmt(a, b, (c & 1) == 0 ? 0x1010 : 0x3232);
  }
}
