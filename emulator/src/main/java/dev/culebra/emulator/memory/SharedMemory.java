package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The shared memory of one block: what the system reserves, and what the kernel has. */
public final class SharedMemory implements AutoCloseable {
  private static final int ALIGNMENT = 1024;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment segment;
  private final int reserved;
  private WrittenBytes written;

  /** Where the byte at address 0 really is. */
  public final long base;

  /** Bytes, the reserved ones included: addresses go from 0 to this. */
  public final int limit;

  public SharedMemory(int reserved, int bytes) {
    this.reserved = reserved;
    segment = arena.allocate(bytes, ALIGNMENT);
    base = segment.address();
    limit = bytes;
  }

  /** A block begins: what the system reserves is zero, the rest whatever was left there. */
  public void begin() {
    segment.asSlice(0, reserved).fill((byte) 0);
  }

  /** Notes that nobody has written anything but what the system reserves. */
  public void forget() {
    written().clear(0, limit);
    written().mark(0, reserved);
  }

  /** Which bytes have a value. */
  public WrittenBytes written() {
    if (written == null) {
      written = new WrittenBytes(arena.allocate(limit / Byte.SIZE + Long.BYTES, Long.BYTES));
    }
    return written;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
