package dev.culebra.emulator.exec;

/**
 * Told of what the threads of one block do: each access before it happens, all that orders threads,
 * and, where it asks for them, all instructions. Called by the one thread that runs the block;
 * there is one for each block, and where none is wanted nothing is called.
 */
abstract class BlockObserver {
  /** The block begins as another of the launch. */
  void begin() {}

  /** All its threads have ended. */
  void end() {}

  /** Whether {@link #executes} is to be called. */
  boolean counts() {
    return false;
  }

  /** A warp is about to execute an instruction. */
  void executes(Warp warp, Code code, int pc, int lanes) {}

  /**
   * Lanes access memory, each {@link MemoryOperation#bytes} at {@link Warp#addresses}, as its space
   * has them; what the bytes are is in {@link Warp#natives}. All addresses were found to be good.
   */
  void access(Warp warp, MemoryOperation operation, int lanes) {}

  /**
   * Lanes have read with a strong operation: what another thread wrote and told of before, they may
   * have seen.
   */
  void saw(Warp warp, MemoryOperation operation, int lanes) {}

  /** As {@link #access}, for one lane and any number of bytes. */
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {}

  /** Lanes come to a barrier of the block, after their warp's others have. */
  void arrives(Warp warp, int lanes, NamedBarrier barrier, Site site, boolean waits) {}

  /** A barrier opens for all that have arrived. */
  void opens(NamedBarrier barrier) {}

  /** The cluster's barrier opens for all threads of the block. */
  void clusterOpens() {}

  /** Lanes have met at {@code bar.warp.sync}. */
  void warpMeets(Warp warp, int lanes) {}

  /** Lanes of a warp have exchanged values. */
  void warpExchanges(Warp warp, int lanes) {}

  /** Lanes execute a fence. */
  void fences(Warp warp, int lanes, Site site) {}

  /** A lane arrives at an mbarrier, or its copies do. */
  void arrives(Warp warp, int lane, Mbarrier barrier) {}

  /** A lane has learnt that a phase of an mbarrier is complete. */
  void observes(Warp warp, int lane, Mbarrier barrier) {}

  /** A copy begins. */
  void issues(AsyncCopy copy) {}

  /** A thread has waited for a copy of its own. */
  void awaits(Warp warp, int lane, AsyncCopy copy) {}

  /** Lanes' threads end. */
  void exits(Warp warp, int lanes) {}
}
