package dev.culebra.emulator.exec;

/** Lanes of a warp that run together: the same frame, the same place in it. */
final class Strand {
  /** What a strand does. */
  enum State {
    READY,
    /** At a {@link SyncOperation}, for other lanes of its mask. */
    EXCHANGE,
    /** At an {@link AlignedOperation}, for all other lanes of its warp. */
    ALIGNED,
    /** At a {@link BarrierOperation}, for other lanes of its warp. */
    ARRIVING,
    /** At a barrier at which its warp has arrived, for other warps. */
    BARRIER,
    /** At {@code barrier.cluster.wait}. */
    CLUSTER,
    /** At {@code mbarrier.try_wait}. */
    MBARRIER,
    /** Its threads ended, or became part of another strand. */
    ENDED
  }

  /** A bit a lane. */
  int mask;

  Frame frame;

  /** Index of the next instruction; of the one that waits, where it does. */
  int pc;

  State state = State.READY;

  /** The barrier that it waits at. */
  NamedBarrier barrier;

  /** Whether it has waited for an mbarrier as long as it may. */
  boolean timedOut;

  /** Whether it has begun with its next instruction already, and comes back to it. */
  boolean resumes;

  /** Instructions that it may still execute before others of its warp get their turn. */
  long credit;

  Strand(int mask, Frame frame, int pc) {
    this.mask = mask;
    this.frame = frame;
    this.pc = pc;
  }
}
