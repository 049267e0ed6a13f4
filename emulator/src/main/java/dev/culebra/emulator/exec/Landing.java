package dev.culebra.emulator.exec;

import java.util.BitSet;

/**
 * The end of some asynchronous copies, as threads come to know of it: those that waited for it, and
 * those that a barrier orders behind one that has.
 */
final class Landing {
  private final BitSet observers = new BitSet();
  private final BitSet warps = new BitSet();
  private long blockEpoch = Long.MAX_VALUE;
  private long[] warpEpochs;

  /** A thread has waited. */
  void observe(Block block, Warp warp, int lane) {
    observers.set(warp.index * Operation.LANES + lane);
    blockEpoch = Math.min(blockEpoch, block.epoch);
    if (warpEpochs == null) {
      warpEpochs = new long[block.warps().length];
    }
    if (!warps.get(warp.index)) {
      warps.set(warp.index);
      warpEpochs[warp.index] = warp.epoch;
    }
  }

  /** Whether anybody has waited. */
  boolean observed() {
    return !observers.isEmpty();
  }

  /** Whether all threads of the block know. */
  boolean isKnownToAll(Block block) {
    return blockEpoch < block.epoch;
  }

  /** Whether a thread knows. */
  boolean isVisible(Block block, Warp warp, int lane) {
    return observers.get(warp.index * Operation.LANES + lane)
        || blockEpoch < block.epoch
        || warps.get(warp.index) && warpEpochs[warp.index] < warp.epoch;
  }
}
