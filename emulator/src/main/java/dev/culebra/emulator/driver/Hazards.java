package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.Allocation;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds work of different streams that touches the same bytes, one of it writing, with nothing that
 * orders the two: no event, no legacy stream, no waiting by the program. Judged by vector clocks,
 * so whichever ran first.
 */
final class Hazards {
  /** Accesses kept at most; the oldest go first. */
  private static final int KEPT = 1 << 14;

  private final Driver driver;
  private final ArrayDeque<Entry> recent = new ArrayDeque<>();
  private final Set<String> told = new HashSet<>();

  private record Entry(Work work, NodeType type, MemoryAccess access) {}

  Hazards(Driver driver) {
    this.driver = driver;
  }

  /** Looks at work that is about to run. */
  void starting(Work work) {
    Command command = work.command();
    command.accesses(work.stream.context, access -> add(work, command.nodeType(), access));
    while (recent.size() > KEPT) {
      recent.remove();
    }
  }

  private void add(Work work, NodeType type, MemoryAccess access) {
    for (Entry earlier : recent) {
      if (earlier.work.stream != work.stream
          && earlier.access.conflicts(access)
          && !work.clock.includes(earlier.work)
          && !earlier.work.clock.includes(work)) {
        tell(earlier, new Entry(work, type, access));
      }
    }
    recent.add(new Entry(work, type, access));
  }

  private void tell(Entry one, Entry other) {
    long start = Math.max(one.access.address(), other.access.address());
    Allocation allocation = driver.memory().find(start);
    String message =
        "work on different streams that no event orders touches the same memory: "
            + describe(one)
            + " and "
            + describe(other)
            + ", both at 0x"
            + Long.toHexString(start)
            + (allocation == null ? "" : " of " + allocation.label());
    if (told.add(message)) {
      driver.report(Driver.hostFinding(message));
    }
  }

  private static String describe(Entry entry) {
    String what =
        switch (entry.type) {
          case MEMCPY -> "a copy that ";
          case MEMSET -> "a memset that ";
          case MEM_ALLOC -> "an allocation that ";
          case MEM_FREE -> "a free that ";
          case KERNEL -> "a kernel that ";
          default -> "work that ";
        };
    return what
        + (entry.access.write() ? "writes" : "reads")
        + " (enqueued by "
        + entry.work.site
        + ")";
  }

  /** Forgets what happened before anything that is still to come. */
  void forget(Predicate<Work> past) {
    recent.removeIf(entry -> past.test(entry.work));
  }
}
