package dev.culebra.emulator.exec;

/** Two integers of 16 bits in a word (PTX ISA 9.7.1.1, 9.7.1.13, 9.7.1.14). */
final class PackedIntegers {
  private PackedIntegers() {}

  static int add16x2(int a, int b) {
    return pack(a + b, (a >>> 16) + (b >>> 16));
  }

  static int minS16x2(int a, int b) {
    return pack(Math.min((short) a, (short) b), Math.min(a >> 16, b >> 16));
  }

  static int maxS16x2(int a, int b) {
    return pack(Math.max((short) a, (short) b), Math.max(a >> 16, b >> 16));
  }

  static int minU16x2(int a, int b) {
    return pack(Math.min((char) a, (char) b), Math.min(a >>> 16, b >>> 16));
  }

  static int maxU16x2(int a, int b) {
    return pack(Math.max((char) a, (char) b), Math.max(a >>> 16, b >>> 16));
  }

  /** What {@code .relu} adds. */
  static int reluS16x2(int a) {
    return pack(Math.max((short) a, 0), Math.max(a >> 16, 0));
  }

  private static int pack(int lower, int upper) {
    return lower & 0xffff | upper << 16;
  }
}
