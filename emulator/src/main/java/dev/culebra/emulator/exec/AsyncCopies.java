package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The asynchronous copies of a block's threads (PTX ISA 9.7.9.25): in groups that each thread
 * commits and waits for, those of {@code cp.async} and those of {@code cp.async.bulk} apart.
 */
final class AsyncCopies {
  /** When copies are done. */
  enum Timing {
    AT_ONCE,
    /** When a wait leaves no choice. */
    LATE,
    /** At any time between. */
    RANDOM
  }

  /** Something to do when all earlier {@code cp.async} of a thread are done. */
  private record Arrival(List<AsyncCopy> after, Mbarrier barrier, Warp warp, int lane, Site site) {}

  /** Groups of one kind of one thread. */
  private static final class Groups {
    private List<AsyncCopy> open = new ArrayList<>();
    private final Deque<List<AsyncCopy>> committed = new ArrayDeque<>();

    private void commit() {
      committed.add(open);
      open = new ArrayList<>();
    }
  }

  private final Block block;
  private final Timing timing;
  private final boolean tracked;
  private final InFlight inFlight;
  private final Groups[] groups;
  private final Groups[] bulkGroups;
  private final List<AsyncCopy> pending = new ArrayList<>();
  private final List<Arrival> arrivals = new ArrayList<>();

  /**
   * @param inFlight who wants to know what is; null for nobody
   */
  AsyncCopies(Block block, Timing timing, InFlight inFlight) {
    this.block = block;
    this.timing = timing;
    this.inFlight = inFlight;
    tracked = inFlight != null || block.observer != null;
    groups = new Groups[block.maxThreads()];
    bulkGroups = new Groups[block.maxThreads()];
  }

  /** A block begins. */
  void begin() {
    Arrays.fill(groups, null);
    Arrays.fill(bulkGroups, null);
    pending.clear();
    arrivals.clear();
  }

  /** Adds a copy to its thread's open group; without a group, its barrier tells of its end. */
  void issue(AsyncCopy copy, boolean bulk, boolean grouped) {
    if (inFlight != null) {
      inFlight.issue(copy);
    }
    if (block.observer != null) {
      block.observer.issues(copy);
    }
    if (timing == Timing.AT_ONCE) {
      copy.perform(block);
    } else {
      copy.poison();
      pending.add(copy);
    }
    if (grouped && (tracked || timing != Timing.AT_ONCE)) {
      of(bulk ? bulkGroups : groups, copy.thread).open.add(copy);
    }
  }

  private static Groups of(Groups[] all, int thread) {
    if (all[thread] == null) {
      all[thread] = new Groups();
    }
    return all[thread];
  }

  /** {@code commit_group}. */
  void commit(Warp warp, int lanes, boolean bulk) {
    if (timing == Timing.AT_ONCE && !tracked) {
      return;
    }
    for (int left = lanes; left != 0; left &= left - 1) {
      int thread = warp.index * Operation.LANES + Integer.numberOfTrailingZeros(left);
      of(bulk ? bulkGroups : groups, thread).commit();
    }
  }

  /** {@code wait_group}: all but the newest {@code most} groups are done. */
  void await(Warp warp, int lanes, long most, boolean bulk, boolean readsOnly) {
    Groups[] all = bulk ? bulkGroups : groups;
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      Groups mine = all[warp.index * Operation.LANES + lane];
      if (mine == null) {
        continue;
      }
      int over = (int) Math.max(0, mine.committed.size() - most);
      if (readsOnly) {
        mine.committed.stream()
            .limit(over)
            .flatMap(List::stream)
            .forEach(copy -> read(copy, warp, lane));
        continue;
      }
      for (int i = 0; i < over; i++) {
        finish(mine.committed.remove(), warp, lane);
      }
    }
  }

  /** {@code wait_all}: committed or not. */
  void awaitAll(Warp warp, int lanes) {
    commit(warp, lanes, false);
    await(warp, lanes, 0, false, false);
  }

  private void read(AsyncCopy copy, Warp warp, int lane) {
    copy.read();
    land(List.of(copy), warp, lane);
  }

  private void finish(List<AsyncCopy> copies, Warp warp, int lane) {
    for (AsyncCopy copy : copies) {
      copy.perform(block);
    }
    pending.removeIf(AsyncCopy::done);
    land(copies, warp, lane);
    settle();
  }

  private void land(List<AsyncCopy> copies, Warp warp, int lane) {
    if (!tracked) {
      return;
    }
    Landing landing = new Landing();
    landing.observe(block, warp, lane);
    for (AsyncCopy copy : copies) {
      if (copy.landing == null) {
        copy.landing = landing;
      }
      if (block.observer != null) {
        block.observer.awaits(warp, lane, copy);
      }
    }
  }

  /** {@code cp.async.mbarrier.arrive}: when all earlier copies of the thread are done. */
  void arriveAfter(Mbarrier barrier, Warp warp, int lane, Site site) {
    List<AsyncCopy> after = new ArrayList<>();
    Groups mine = groups[warp.index * Operation.LANES + lane];
    if (mine != null) {
      mine.committed.forEach(after::addAll);
      after.addAll(mine.open);
    }
    arrivals.add(new Arrival(after, barrier, warp, lane, site));
    settle();
  }

  /** Lets arrivals happen whose copies are done. */
  private void settle() {
    for (int i = 0; i < arrivals.size(); i++) {
      Arrival arrival = arrivals.get(i);
      if (arrival.after.stream().allMatch(AsyncCopy::done)) {
        arrivals.remove(i--);
        arrival.after.forEach(copy -> arrival.barrier.carries(block, copy));
        arrival.barrier.arrive(arrival.warp, arrival.lane, 1, arrival.site);
      }
    }
  }

  /** Whether anything is still to be done. */
  boolean isPending() {
    return !pending.isEmpty();
  }

  /** Does the copy that was issued first. */
  void performOldest() {
    pending.removeFirst().perform(block);
    settle();
  }

  /** Does any of the copies. */
  void performAny(SplittableRandom random) {
    int choice = random.nextInt(pending.size());
    AsyncCopy copy = pending.get(choice);
    pending.set(choice, pending.getLast());
    pending.removeLast();
    copy.perform(block);
    settle();
  }

  /** Copies that nobody waited for: the next block's shared memory may be what they read. */
  private void reportUnread(List<AsyncCopy> copies) {
    for (AsyncCopy copy : copies) {
      if (copy.landing == null && !copy.intoShared) {
        block.report(
            Checker.ASYNC_COPY,
            copy.site,
            block.warps()[copy.thread / Operation.LANES],
            copy.thread % Operation.LANES,
            "the block ends, and its thread has not waited until "
                + copy.site.instruction().spelling()
                + " has read shared memory at 0x"
                + Integer.toHexString(copy.sharedAddress));
      }
    }
  }

  /** All threads have ended: what is to be written to global memory still is. */
  void end() {
    for (Groups mine : bulkGroups) {
      if (mine != null) {
        mine.committed.forEach(this::reportUnread);
        reportUnread(mine.open);
      }
    }
    for (AsyncCopy copy : pending) {
      if (!copy.intoShared) {
        copy.perform(block);
      }
    }
    pending.clear();
  }
}
