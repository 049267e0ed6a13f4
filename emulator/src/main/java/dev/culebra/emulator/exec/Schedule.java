package dev.culebra.emulator.exec;

/** In which order things happen that a program must not rely on. */
public sealed interface Schedule {
  /** Lowest first; asynchronous copies are done when they are issued. */
  record Fixed() implements Schedule {}

  /** As fixed, but asynchronous copies are done at the last moment that waits allow. */
  record Late() implements Schedule {}

  /** Warps, lanes that may diverge, blocks and copies at random between any two instructions. */
  record Random(long seed) implements Schedule {}

  /**
   * What options spell {@code fixed}, {@code late} and {@code random:SEED}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static Schedule parse(String text) {
    if (text.equals("fixed")) {
      return new Fixed();
    }
    if (text.equals("late")) {
      return new Late();
    }
    if (text.startsWith("random:")) {
      try {
        return new Random(Long.parseLong(text.substring("random:".length())));
      } catch (NumberFormatException e) {
        // Told below.
      }
    }
    throw new IllegalArgumentException(
        "no schedule '" + text + "': give fixed, late or random:SEED");
  }
}
