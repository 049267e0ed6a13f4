package dev.culebra.emulator.exec;

import java.math.BigInteger;
import java.util.SplittableRandom;

/** In which order the blocks of a launch begin. */
sealed interface BlockOrder {
  /**
   * Blocks among which the order is random. All devices begin blocks about as they are numbered,
   * and programs that look back at what lower blocks have done live by it: a block may begin before
   * lower ones, but not before so many that there is no room left for them.
   */
  int WINDOW = Worker.RESIDENT;

  /** How sure a prime has to be one. */
  int CERTAINTY = 32;

  /** The block that begins as number {@code turn}. */
  long block(long turn);

  /** As they are numbered. */
  record Ascending() implements BlockOrder {
    @Override
    public long block(long turn) {
      return turn;
    }
  }

  /**
   * Each once, window by window: {@code turn * stride + start} modulo the window's size, with which
   * the stride has no common divisor.
   */
  record Shuffled(long blocks, long stride, long start) implements BlockOrder {
    @Override
    public long block(long turn) {
      long first = turn / WINDOW * WINDOW;
      long size = Math.min(WINDOW, blocks - first);
      return first + ((turn - first) * stride + start) % size;
    }
  }

  static BlockOrder of(long blocks, Schedule schedule) {
    if (!(schedule instanceof Schedule.Random(long seed)) || blocks < 2) {
      return new Ascending();
    }
    SplittableRandom random = new SplittableRandom(seed);
    int stride = WINDOW + 1 + random.nextInt(WINDOW * WINDOW);
    while (!BigInteger.valueOf(stride).isProbablePrime(CERTAINTY)) {
      stride++;
    }
    return new Shuffled(blocks, stride, random.nextInt(WINDOW));
  }
}
