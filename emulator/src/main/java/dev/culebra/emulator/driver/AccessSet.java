package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.TouchedMemory.Touch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The bytes that one piece of work read and wrote, as sorted stretches that don't overlap. */
final class AccessSet {
  /** For each kind of touch, start and end of each stretch, one after the other. */
  private final long[][] stretches;

  private AccessSet(long[][] stretches) {
    this.stretches = stretches;
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
      long[][] stretches = new long[Touch.values().length][];
      for (Touch touch : Touch.values()) {
        stretches[touch.ordinal()] = stretches(touch);
      }
      return new AccessSet(stretches);
    }

    private long[] stretches(Touch touch) {
      long[] stretches = new long[2 * accesses.size()];
      int count = 0;
      for (MemoryAccess access : accesses) {
        if (access.touch() != touch) {
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
    for (long[] ofKind : stretches) {
      if (ofKind.length > 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * A conflict with what other work touched.
   *
   * @param address of the first byte that both touch
   * @param firstWrites whether this work writes it
   * @param secondWrites whether the other does
   */
  record Conflict(long address, boolean firstWrites, boolean secondWrites) {}

  /**
   * A byte that both touch and one of them writes; null for none. What both touch with atomic
   * operations alone is no conflict.
   */
  Conflict conflict(AccessSet other) {
    for (Touch mine : Touch.values()) {
      for (Touch theirs : Touch.values()) {
        if (mine == theirs && mine != Touch.WRITE) {
          continue;
        }
        long address = overlap(stretches[mine.ordinal()], other.stretches[theirs.ordinal()]);
        if (address >= 0) {
          return new Conflict(address, mine != Touch.READ, theirs != Touch.READ);
        }
      }
    }
    return null;
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
