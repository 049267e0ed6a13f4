package dev.culebra.emulator.exec;

/** 32 lanes. Its registers are those of the frame that executes. */
final class Warp {
  /** {@code words[slot][lane]}. */
  int[][] words;

  /** {@code longs[slot][lane]}. */
  long[][] longs;

  /** {@code predicates[slot]}, a bit a lane. */
  int[] predicates;

  /** The condition code's carry flag, a bit a lane (PTX ISA 9.7.2). */
  int carry;

  void enter(Frame frame) {
    words = frame.words;
    longs = frame.longs;
    predicates = frame.predicates;
  }
}
