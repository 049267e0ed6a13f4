package dev.culebra.emulator.exec;

/** The registers of one call of a function, for all lanes of a warp. */
final class Frame {
  final int[][] words;
  final long[][] longs;
  final int[] predicates;

  Frame(int[][] words, long[][] longs, int[] predicates) {
    this.words = words;
    this.longs = longs;
    this.predicates = predicates;
  }
}
