package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Finding;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Weak reads that race with atomic operations, until their threads try what they have read: a
 * compare-and-swap of the same word finds out whether it still holds, and the programming guide's
 * loops (CUDA C++ Programming Guide, "Atomic Functions") begin with such a read. What is never
 * tried was a race. One for each launch; blocks use it at once.
 */
final class Guesses {
  /** As many as anybody wants to hear of. */
  private static final int MOST = 10_000;

  /** A read, by the block and thread that have it and by its address. */
  record Read(long block, int thread, boolean inShared, long address) {}

  private record Race(Finding finding, Site site) {}

  private final Map<Read, Race> untried = new ConcurrentHashMap<>();

  void add(Read read, Finding finding, Site site) {
    if (untried.size() < MOST) {
      untried.putIfAbsent(read, new Race(finding, site));
    }
  }

  boolean isEmpty() {
    return untried.isEmpty();
  }

  /** The thread of a read tries what it has read. */
  void tries(Read read) {
    untried.remove(read);
  }

  /** The launch has ended. */
  void report(Grid grid) {
    untried.values().forEach(race -> grid.report(race.finding, race.site));
    untried.clear();
  }
}
