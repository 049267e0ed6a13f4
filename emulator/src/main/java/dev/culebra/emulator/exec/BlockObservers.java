package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;

/** Who looks at what the threads of a block do. */
final class BlockObservers {
  private BlockObservers() {}

  /** The observer that a block's launch asks for; null for none. */
  static BlockObserver of(Block block) {
    ExecutionOptions options = block.grid().options();
    boolean races = options.checkers().contains(Checker.RACE);
    if (races && options.counters()) {
      return new ObserverPair(new RaceDetector(block), new WarpCounter(block));
    }
    if (options.counters()) {
      return new WarpCounter(block);
    }
    return races ? new RaceDetector(block) : null;
  }
}
