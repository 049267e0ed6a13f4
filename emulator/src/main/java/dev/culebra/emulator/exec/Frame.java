package dev.culebra.emulator.exec;

/** The registers of one call of a function, for all lanes of a warp, and where it returns to. */
final class Frame {
  final int[][] words;
  final long[][] longs;
  final int[] predicates;

  /** Null only where operations are tested alone. */
  Code code;

  /** Who called; null for a kernel's own frame. */
  Frame caller;

  /** The call that made it. */
  CallOperation call;

  /** Index of that call among the caller's instructions. */
  int callIndex;

  /** Lanes that have not returned from it. */
  int lanes;

  /** How many callers there are. */
  int depth;

  /** Where its local variables begin in each lane's local memory. */
  long localBase;

  Frame(int[][] words, long[][] longs, int[] predicates) {
    this.words = words;
    this.longs = longs;
    this.predicates = predicates;
  }
}
