package dev.culebra.emulator.driver;

/** A pool that stream-ordered allocations come from; it counts, memory itself is the device's. */
final class MemoryPool implements HandleTable.Resource {
  final long handle;
  final long maximumBytes;

  /** Reuse settings, in the order of their numbers; all on, as the driver has them. */
  final int[] reuse = {1, 1, 1};

  long releaseThreshold;
  private final Driver driver;
  private long used;
  private long usedHigh;

  MemoryPool(Driver driver, long maximumBytes) {
    this.driver = driver;
    this.maximumBytes = maximumBytes;
    handle = driver.handles.add(this);
  }

  @Override
  public String what() {
    return "memory pool";
  }

  void allocated(long bytes) {
    used += bytes;
    usedHigh = Math.max(usedHigh, used);
  }

  void freed(long bytes) {
    used -= bytes;
  }

  long used() {
    return used;
  }

  long usedHigh() {
    return usedHigh;
  }

  void resetHigh() {
    usedHigh = used;
  }

  void release() {
    driver.handles.free(handle);
  }
}
