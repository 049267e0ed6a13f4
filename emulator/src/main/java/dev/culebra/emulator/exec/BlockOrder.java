package dev.culebra.emulator.exec;

import java.util.SplittableRandom;

/** In which order the blocks of a launch begin. */
sealed interface BlockOrder {
  /** Blocks of which products fit into 64 bits. */
  long MOST = 1L << 31;

  /** The block that begins as number {@code turn}. */
  long block(long turn);

  /** As they are numbered. */
  record Ascending() implements BlockOrder {
    @Override
    public long block(long turn) {
      return turn;
    }
  }

  /** Each once: {@code turn * stride + start} modulo their number, which has no common divisor. */
  record Shuffled(long blocks, long stride, long start) implements BlockOrder {
    @Override
    public long block(long turn) {
      return (turn * stride + start) % blocks;
    }
  }

  static BlockOrder of(long blocks, Schedule schedule) {
    if (!(schedule instanceof Schedule.Random(long seed)) || blocks < 2 || blocks > MOST) {
      return new Ascending();
    }
    SplittableRandom random = new SplittableRandom(seed);
    long stride = random.nextLong(blocks) + 1;
    while (gcd(stride, blocks) != 1) {
      stride = random.nextLong(blocks) + 1;
    }
    return new Shuffled(blocks, stride, random.nextLong(blocks));
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
