package dev.culebra.emulator.exec;

/** What a block has done, counted at no cost. */
final class BlockCounters {
  /** Executed by warps. */
  long instructions;

  /** Of the clock that programs read. */
  long cycles;
}
