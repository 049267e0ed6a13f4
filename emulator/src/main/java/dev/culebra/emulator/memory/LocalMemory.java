package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The local memory of a block's threads, taken from the system as it is touched. */
public final class LocalMemory implements AutoCloseable {
  /** Null where kernels have none: closing a shared one stops all of Java's threads. */
  private final Arena arena;

  private final long bytesPerThread;
  private final long base;

  public LocalMemory(int threads, long bytesPerThread) {
    this.bytesPerThread = bytesPerThread;
    if (bytesPerThread == 0) {
      arena = null;
      base = 0;
      return;
    }
    arena = Arena.ofShared();
    MemorySegment segment = AddressSpace.reserve(threads * bytesPerThread, arena);
    if (segment == null) {
      arena.close();
      throw new OutOfDeviceMemoryException(
          threads + " threads' local memory of " + bytesPerThread + " bytes each");
    }
    base = segment.address();
  }

  public long bytesPerThread() {
    return bytesPerThread;
  }

  /** Where the first byte of a thread's really is. */
  public long nativeAddress(int thread) {
    return base + thread * bytesPerThread;
  }

  @Override
  public void close() {
    if (arena != null && arena.scope().isAlive()) {
      arena.close();
    }
  }
}
