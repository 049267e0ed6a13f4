package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;

/** Who looks at what the threads of a block do. */
final class BlockObservers {
  private BlockObservers() {}

  /** The observer that a block's launch asks for; null for none. */
  static BlockObserver of(Block block) {
    return block.grid().options().checkers().contains(Checker.RACE)
        ? new RaceDetector(block)
        : null;
  }
}
