package dev.culebra.emulator.exec;

/** Who looks at each access before it happens. One for each block. */
abstract class AccessMonitor {
  /**
   * All lanes access one stretch of global memory, in order.
   *
   * @param address of the first
   */
  abstract void contiguous(Warp warp, MemoryOperation operation, long address);

  /** Lanes access what {@link Warp#addresses} says. */
  abstract void access(Warp warp, MemoryOperation operation, int lanes);
}
