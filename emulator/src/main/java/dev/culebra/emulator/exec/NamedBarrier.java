package dev.culebra.emulator.exec;

/** One of the sixteen barriers of a block (PTX ISA 9.7.13.1). */
final class NamedBarrier {
  final int index;

  /** Threads that it waits for; 0 for all of the block. */
  int expected;

  /** Warps that have arrived, since it last completed. */
  int warps;

  /** Their threads, a warp counting 32. */
  int threads;

  /** How many arrivers' predicates were true. */
  int trueCount;

  /** How many arrivers had a predicate. */
  int votes;

  NamedBarrier(int index) {
    this.index = index;
  }

  void reset() {
    expected = 0;
    warps = 0;
    threads = 0;
    trueCount = 0;
    votes = 0;
  }

  @Override
  public String toString() {
    return "barrier "
        + index
        + " ("
        + threads
        + " threads of "
        + (expected == 0 ? "all" : expected)
        + " have arrived)";
  }
}
