package dev.culebra.data;

/**
 * An order of {@code 0..size-1} that a key fixes and no memory holds: a Feistel network over the
 * next even power of two, walked until it falls below size (Black and Rogaway 2002, section 4).
 */
final class Permutation {
  private static final int ROUNDS = 6;

  private final long size;
  private final long key;
  private final int halfBits;
  private final long halfMask;

  Permutation(long size, long key) {
    this.size = size;
    this.key = key;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, size - 1));
    halfBits = bits + 1 >> 1;
    halfMask = (1L << halfBits) - 1;
  }

  long at(long index) {
    long value = index;
    do {
      value = encrypt(value);
    } while (value >= size);
    return value;
  }

  private long encrypt(long value) {
    long left = value >>> halfBits;
    long right = value & halfMask;
    for (int round = 0; round < ROUNDS; round++) {
      long mixed = left ^ mix(right + (key ^ round * 0x9E3779B97F4A7C15L)) & halfMask;
      left = right;
      right = mixed;
    }
    return left << halfBits | right;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
