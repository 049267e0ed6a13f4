package dev.culebra.emulator.exec;

/** Where a frame holds what it passes or gets. */
sealed interface Argument {
  int bytes();

  /** In local memory, at an offset from the frame's. */
  record Memory(long offset, int bytes) implements Argument {}

  /** In a register or a constant's slot. */
  record Slot(FrameLayout.Bank bank, int slot, int bytes) implements Argument {}
}
