package dev.culebra.emulator.driver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The bytes that one piece of work read and wrote, as sorted stretches that don't overlap. */
final class AccessSet {
  private final long[] reads;
  private final long[] writes;

  private AccessSet(long[] reads, long[] writes) {
    this.reads = reads;
    this.writes = writes;
  }

  /** Gathers accesses. */
  static final class Builder {
    private final List<MemoryAccess> accesses = new ArrayList<>();

    void add(MemoryAccess access) {
      if (access.bytes() > 0) {
        accesses.add(access);
      }
    }

    void addAll(Builder other) {
      accesses.addAll(other.accesses);
    }

    AccessSet build() {
      accesses.sort(Comparator.comparingLong(MemoryAccess::address));
      return new AccessSet(stretches(false), stretches(true));
    }

    /** Start and end of each stretch, one after the other. */
    private long[] stretches(boolean write) {
      long[] stretches = new long[2 * accesses.size()];
      int count = 0;
      for (MemoryAccess access : accesses) {
        if (access.write() != write) {
          continue;
        }
        long end = access.address() + access.bytes();
        if (count > 0 && access.address() <= stretches[count - 1]) {
          stretches[count - 1] = Math.max(stretches[count - 1], end);
        } else {
          stretches[count++] = access.address();
          stretches[count++] = end;
        }
      }
      return Arrays.copyOf(stretches, count);
    }
  }

  boolean empty() {
    return reads.length == 0 && writes.length == 0;
  }

  /**
   * A conflict with what other work touched.
   *
   * @param address of the first byte that both touch
   * @param firstWrites whether this work writes it
   * @param secondWrites whether the other does
   */
  record Conflict(long address, boolean firstWrites, boolean secondWrites) {}

  /** The first byte that both touch and one of them writes; null for none. */
  Conflict conflict(AccessSet other) {
    long both = overlap(writes, other.writes);
    if (both >= 0) {
      return new Conflict(both, true, true);
    }
    long written = overlap(writes, other.reads);
    if (written >= 0) {
      return new Conflict(written, true, false);
    }
    long read = overlap(reads, other.writes);
    return read >= 0 ? new Conflict(read, false, true) : null;
  }

  /** The first address in both; -1 for none. */
  private static long overlap(long[] one, long[] other) {
    int i = 0;
    int j = 0;
    while (i < one.length && j < other.length) {
      long start = Math.max(one[i], other[j]);
      if (start < Math.min(one[i + 1], other[j + 1])) {
        return start;
      }
      if (one[i + 1] < other[j + 1]) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return -1;
  }
}
