package dev.culebra.emulator.exec;

/**
 * A decoded instruction: one small object, no string left. Its guard is applied by who calls it.
 *
 * <p>Registers are lanes of arrays: {@code warp.words[slot][lane]} for up to 32 bits, {@code
 * warp.longs[slot][lane]} for 64, bit {@code lane} of {@code warp.predicates[slot]} for predicates.
 * Values of 8 and 16 bits lie zero-extended in words. Constants and special registers have slots
 * like any register. See {@link FrameLayout}.
 */
abstract class Operation {
  /** All 32 lanes. */
  static final int ALL = -1;

  static final int LANES = 32;

  /**
   * Executes for the lanes of {@code active}, a bit each, not 0; others' registers stay as they
   * are. A loop over all lanes is worth having apart: that is what HotSpot makes vectors of.
   */
  abstract void execute(Warp warp, int active);
}
