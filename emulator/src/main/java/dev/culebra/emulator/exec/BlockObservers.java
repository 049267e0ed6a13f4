package dev.culebra.emulator.exec;

/** Who looks at what the threads of a block do. */
final class BlockObservers {
  private BlockObservers() {}

  /** The observer that a block's launch asks for; null for none. */
  static BlockObserver of(Block block) {
    return null;
  }
}
