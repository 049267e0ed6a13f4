package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.Arrays;

/**
 * Which shared memory of a block asynchronous copies write or read, until those who access it have
 * waited for that (PTX ISA 9.7.9.25.1): a copy's end is known to the thread that waited, and to
 * others behind a barrier.
 */
final class InFlight {
  private final Block block;
  private final AsyncCopy[] words;
  private boolean any;

  InFlight(Block block) {
    this.block = block;
    words = new AsyncCopy[(block.shared.limit + Integer.BYTES - 1) / Integer.BYTES];
  }

  /** A block begins. */
  void begin() {
    if (any) {
      Arrays.fill(words, null);
      any = false;
    }
  }

  /** Whether there has been any copy in the block. */
  boolean any() {
    return any;
  }

  /** A copy begins. */
  void issue(AsyncCopy copy) {
    any = true;
    int first = copy.sharedAddress / Integer.BYTES;
    int end = (copy.sharedAddress + copy.bytes + Integer.BYTES - 1) / Integer.BYTES;
    Arrays.fill(words, first, end, copy);
  }

  /** A lane accesses shared memory: what is in flight there is reported. */
  void check(Warp warp, MemoryOperation operation, int lane, int address, long bytes) {
    if (!any) {
      return;
    }
    int end = (int) (address + bytes + Integer.BYTES - 1) / Integer.BYTES;
    for (int word = address / Integer.BYTES; word < end; word++) {
      AsyncCopy copy = words[word];
      if (copy == null) {
        continue;
      }
      if (copy.landing != null && copy.landing.isKnownToAll(block)) {
        words[word] = null;
      } else if (conflicts(copy, operation)
          && (copy.landing == null || !copy.landing.isVisible(block, warp, lane))) {
        report(copy, warp, operation, lane, address, bytes);
        return;
      }
    }
  }

  private static boolean conflicts(AsyncCopy copy, MemoryOperation operation) {
    boolean reads =
        operation.kind == MemoryOperation.Kind.LOAD
            || operation.kind == MemoryOperation.Kind.ASYNC_READ;
    return copy.intoShared || !reads;
  }

  private void report(
      AsyncCopy copy, Warp warp, MemoryOperation operation, int lane, int address, long bytes) {
    int other = copy.thread;
    String who = block.thread(block.warps()[other / Operation.LANES], other % Operation.LANES);
    boolean waited = copy.landing != null && copy.landing.observed();
    block.report(
        Checker.ASYNC_COPY,
        operation.site,
        warp,
        lane,
        operation.kind
            + " of "
            + bytes
            + " bytes of shared memory at 0x"
            + Integer.toHexString(address)
            + ", which "
            + copy.site.instruction().spelling()
            + " of thread "
            + who
            + " ("
            + copy.site.module()
            + ":"
            + copy.site.instruction().position()
            + ") "
            + (copy.intoShared ? "writes" : "reads")
            + ": "
            + (waited
                ? "a thread has waited for it, but no barrier orders this one behind that"
                : "nobody has waited for it"));
  }
}
