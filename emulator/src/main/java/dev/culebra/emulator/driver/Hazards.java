package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.Allocation;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds work of different streams that touches the same bytes, one of it writing, with nothing that
 * orders the two: no event, no legacy stream, no waiting by the program. Judged by vector clocks,
 * so whichever ran first.
 */
final class Hazards {
  /** Work kept at most; the oldest goes first. */
  private static final int KEPT = 4096;

  private final Driver driver;
  private final ArrayDeque<Entry> recent = new ArrayDeque<>();
  private final Set<String> told = new HashSet<>();

  /** Edges of graphs that were looked at, by identity: parameters may change. */
  private final Set<List<int[]>> graphs = Collections.newSetFromMap(new IdentityHashMap<>());

  private record Entry(Work work, NodeType type, AccessSet accesses) {}

  Hazards(Driver driver) {
    this.driver = driver;
  }

  /** Looks at what work touched that has just run. */
  void add(Work work, NodeType type, AccessSet accesses) {
    if (accesses.empty()) {
      return;
    }
    for (Entry earlier : recent) {
      if (earlier.work.stream == work.stream
          || work.clock.includes(earlier.work)
          || earlier.work.clock.includes(work)) {
        continue;
      }
      AccessSet.Conflict conflict = earlier.accesses.conflict(accesses);
      if (conflict != null) {
        tell(
            "two pieces of work on different streams",
            conflict.address(),
            describe(earlier.type, conflict.firstWrites(), earlier.work.site),
            describe(type, conflict.secondWrites(), work.site));
      }
    }
    recent.add(new Entry(work, type, accesses));
    if (recent.size() > KEPT) {
      recent.remove();
    }
  }

  /** Looks at what the nodes of a graph touched in one launch; at each graph's first alone. */
  void checkGraph(GraphPlan plan, AccessSet[] byPlace) {
    if (!graphs.add(plan.dependencies())) {
      return;
    }
    BitSet[] before = new BitSet[byPlace.length];
    for (int i = 0; i < byPlace.length; i++) {
      before[i] = new BitSet();
      for (int dependency : plan.dependencies().get(i)) {
        before[i].set(dependency);
        before[i].or(before[dependency]);
      }
      for (int j = before[i].nextClearBit(0); j < i; j = before[i].nextClearBit(j + 1)) {
        AccessSet.Conflict conflict = byPlace[j].conflict(byPlace[i]);
        if (conflict != null) {
          tell(
              "nodes of a graph",
              conflict.address(),
              describe(plan, j, conflict.firstWrites()),
              describe(plan, i, conflict.secondWrites()));
        }
      }
    }
  }

  private static String describe(GraphPlan plan, int place, boolean writes) {
    NodeType type = plan.commands().get(place).nodeType();
    return what(type) + (writes ? "writes" : "reads") + " (of " + plan.sites().get(place) + ")";
  }

  private void tell(String who, long address, String one, String other) {
    Allocation allocation = driver.memory().find(address);
    String message =
        who
            + " that no event orders touch the same memory: "
            + one
            + " and "
            + other
            + ", both at 0x"
            + Long.toHexString(address)
            + (allocation == null ? "" : " of " + allocation.label());
    if (told.add(one + other)) {
      driver.report(Driver.hostFinding(message));
    }
  }

  private static String describe(NodeType type, boolean writes, CallSite site) {
    return what(type) + (writes ? "writes" : "reads") + " (enqueued by " + site + ")";
  }

  private static String what(NodeType type) {
    return switch (type) {
      case KERNEL -> "a kernel that ";
      case MEMCPY -> "a copy that ";
      case MEMSET -> "a memset that ";
      case MEM_ALLOC -> "an allocation that ";
      case MEM_FREE -> "a free that ";
      case GRAPH -> "a graph that ";
      default -> "work that ";
    };
  }

  /** Forgets what happened before anything that is still to come. */
  void forget(Predicate<Work> past) {
    recent.removeIf(entry -> past.test(entry.work));
  }
}
