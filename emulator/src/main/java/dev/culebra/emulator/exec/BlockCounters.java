package dev.culebra.emulator.exec;

/** What a block has done, counted at no cost. */
final class BlockCounters {
  /** Executed by warps. */
  long instructions;

  /** Of the clock that programs read. */
  long cycles;

  /** Branches at which lanes of a warp went different ways. */
  long divergentBranches;

  /** Barriers that opened. */
  long barriers;
}
