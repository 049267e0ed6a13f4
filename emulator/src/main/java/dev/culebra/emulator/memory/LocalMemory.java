package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The local memory of a block's threads, taken from the system as it is touched. */
public final class LocalMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final long bytesPerThread;
  private final long base;

  public LocalMemory(int threads, long bytesPerThread) {
    this.bytesPerThread = bytesPerThread;
    if (bytesPerThread == 0) {
      base = 0;
      return;
    }
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
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
