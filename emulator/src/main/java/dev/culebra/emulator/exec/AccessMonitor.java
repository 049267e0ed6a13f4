package dev.culebra.emulator.exec;

/** Who looks at each access before it happens. One for each block. */
abstract class AccessMonitor {
  /**
   * All lanes access one stretch of global memory, in order.
   *
   * @param address of the first
   */
  abstract void contiguous(Warp warp, MemoryOperation operation, long address);

  /** A lane accesses a stretch of any length. */
  abstract void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes);

  /** Lanes access what {@link Warp#addresses} says. */
  abstract void access(Warp warp, MemoryOperation operation, int lanes);
}
