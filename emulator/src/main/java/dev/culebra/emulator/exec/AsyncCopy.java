package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;

/** Bytes that an asynchronous instruction of one thread moves, from its issue to its end. */
final class AsyncCopy {
  /** What is done to the target. */
  interface Action {
    /**
     * @param source where the bytes really are
     * @param target likewise
     */
    void apply(long source, long target, int bytes);
  }

  private static final byte POISON = -1;

  final Site site;

  /** Of the block. */
  final int thread;

  /** Where the bytes really are. */
  final long source;

  /** Where they really go. */
  final long target;

  /** Address in shared memory, of the target or else of the source. */
  final int sharedAddress;

  /** Whether it writes to shared memory. */
  final boolean intoShared;

  /** Bytes that are written. */
  final int bytes;

  /** Bytes that are read; the rest is zeros. */
  final int sourceBytes;

  private final Action action;

  /** The barrier that counts its bytes when it is done; null for none. */
  final Mbarrier barrier;

  /** What has to be waited for before others may touch its shared memory; null while in flight. */
  Landing landing;

  private boolean done;
  private byte[] read;

  AsyncCopy(
      Site site,
      int thread,
      long source,
      long target,
      int sharedAddress,
      boolean intoShared,
      int bytes,
      int sourceBytes,
      Action action,
      Mbarrier barrier) {
    this.site = site;
    this.thread = thread;
    this.source = source;
    this.target = target;
    this.sharedAddress = sharedAddress;
    this.intoShared = intoShared;
    this.bytes = bytes;
    this.sourceBytes = sourceBytes;
    this.action = action;
    this.barrier = barrier;
  }

  boolean done() {
    return done;
  }

  /** Makes the target hold garbage until it is written. */
  void poison() {
    if (intoShared && action == null) {
      HostMemory.ALL.asSlice(target, bytes).fill(POISON);
    }
  }

  /** Reads the source, if that has not been done: it may change from now on. */
  void read() {
    if (read == null && !done) {
      read = HostMemory.ALL.asSlice(source, sourceBytes).toArray(HostMemory.BYTE);
    }
  }

  /** Writes the target, if that has not been done. */
  void perform(Block block) {
    if (done) {
      return;
    }
    done = true;
    if (action != null) {
      action.apply(source, target, bytes);
    } else if (read != null) {
      MemorySegment.copy(MemorySegment.ofArray(read), 0, HostMemory.ALL, target, sourceBytes);
    } else {
      MemorySegment.copy(HostMemory.ALL, source, HostMemory.ALL, target, sourceBytes);
    }
    if (sourceBytes < bytes) {
      HostMemory.ALL.asSlice(target + sourceBytes, bytes - sourceBytes).fill((byte) 0);
    }
    if (barrier != null) {
      barrier.completeBytes(block, bytes, this);
    }
  }
}
