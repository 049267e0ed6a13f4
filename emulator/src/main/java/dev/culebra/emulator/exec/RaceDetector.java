package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.Allocation;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Finds accesses of the same bytes by two threads, one of them a write, that no barrier, atomic or
 * fence orders (PTX ISA 8.8 and 8.9): judged by what happened before what, so whatever the order in
 * which they happened to run. Two strong accesses (atomic, volatile, relaxed) never race; nor does
 * a write of what is there already.
 *
 * <p>More is taken for ordered than the manual's model strictly gives: a fence covers what its
 * thread knows by the time of the next strong write, and a barrier makes known what strong reads
 * saw. An exchange among lanes, a shuffle or a vote, does not order what these lanes do, but what
 * one has learnt of other warps all know after it: lane 0 waits for a flag and tells the others, as
 * cooperative groups do. Who sees what a block wrote with a strong store may overwrite what that
 * block read before, fence or not: sums that look back compact arrays in place so. A plain read
 * does not race with {@code atom.cas}: loops around it begin so. Scopes are not looked at.
 */
final class RaceDetector extends BlockObserver {
  private static final int LANES = Operation.LANES;

  private final Block block;
  private final ThreadClocks clocks;
  private final AccessHistory shared;
  private final Map<Long, Map<Long, int[]>> sharedReleased = new HashMap<>();
  private final Map<NamedBarrier, int[][]> arrivals = new HashMap<>();
  private final Map<Mbarrier, Phase> phases = new IdentityHashMap<>();
  private GlobalHistory global;
  private long number;

  /** What threads told through an mbarrier: in the phase that goes on, and in those before. */
  private static final class Phase {
    private long state;
    private Map<Long, int[]> arriving = Map.of();
    private Map<Long, int[]> complete = Map.of();

    private void advance(long current) {
      if (current != state) {
        complete = ThreadClocks.union(complete, arriving);
        arriving = Map.of();
        state = current;
      }
    }
  }

  RaceDetector(Block block) {
    this.block = block;
    clocks = new ThreadClocks(block.maxThreads());
    shared = new AccessHistory(block.shared.limit);
  }

  @Override
  void begin() {
    global = block.grid().history();
    number = block.linearIndex();
    clocks.begin();
    shared.clear();
    sharedReleased.clear();
    arrivals.clear();
    phases.clear();
  }

  // ---- what orders ----

  @Override
  void arrives(Warp warp, int lanes, NamedBarrier barrier, Site site, boolean waits) {
    int[][] both = arrivals.computeIfAbsent(barrier, key -> new int[2][block.maxThreads() / LANES]);
    both[0][warp.index] |= lanes;
    if (waits) {
      both[1][warp.index] |= lanes;
    }
  }

  @Override
  void opens(NamedBarrier barrier) {
    int[][] both = arrivals.remove(barrier);
    if (both == null) {
      return;
    }
    boolean all = true;
    for (Warp warp : block.warps()) {
      all &= (both[1][warp.index] | warp.exited) == Operation.ALL;
    }
    if (all) {
      clocks.meetAll();
    } else {
      clocks.meet(both[0], both[1]);
    }
  }

  @Override
  void clusterOpens() {
    clocks.meetAll();
  }

  @Override
  void warpMeets(Warp warp, int lanes) {
    clocks.meetInWarp(warp.index * LANES, lanes);
  }

  @Override
  void warpExchanges(Warp warp, int lanes) {
    clocks.tellInWarp(warp.index * LANES, lanes);
  }

  @Override
  void fences(Warp warp, int lanes, Site site) {
    for (int left = lanes; left != 0; left &= left - 1) {
      clocks.fence(warp.index * LANES + Integer.numberOfTrailingZeros(left), number);
    }
  }

  @Override
  void arrives(Warp warp, int lane, Mbarrier barrier) {
    Phase phase = phases.computeIfAbsent(barrier, key -> new Phase());
    phase.advance(barrier.phase());
    Map<Long, int[]> told = clocks.released(warp.index * LANES + lane, number, true, false);
    phase.arriving = ThreadClocks.union(phase.arriving, told);
  }

  @Override
  void observes(Warp warp, int lane, Mbarrier barrier) {
    Phase phase = phases.computeIfAbsent(barrier, key -> new Phase());
    phase.advance(barrier.phase());
    clocks.observe(warp.index * LANES + lane, number, phase.complete, true);
  }

  /** A strong write tells what its thread knows. */
  private void release(int thread, long address, boolean inShared, MemoryOperation operation) {
    boolean reads = !inShared && operation.kind == MemoryOperation.Kind.STORE;
    Map<Long, int[]> told = clocks.released(thread, number, operation.order().releases(), reads);
    if (told != null && inShared) {
      sharedReleased.merge(address, told, ThreadClocks::union);
    } else if (told != null) {
      global.release(address, told);
    }
  }

  @Override
  void saw(Warp warp, MemoryOperation operation, int lanes) {
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long address = warp.addresses[lane];
      Map<Long, int[]> told =
          isShared(operation, address)
              ? sharedReleased.get((long) sharedAddress(operation, address))
              : global.at(address);
      if (told != null) {
        clocks.observe(warp.index * LANES + lane, number, told, operation.order().acquires());
      }
    }
  }

  // ---- what races ----

  @Override
  void access(Warp warp, MemoryOperation operation, int lanes) {
    if (operation.space == Space.LOCAL || operation.kind == MemoryOperation.Kind.BARRIER) {
      return;
    }
    int left = lanes;
    while (left != 0) {
      int lane = Integer.numberOfTrailingZeros(left);
      long address = warp.addresses[lane];
      if (isShared(operation, address)) {
        left &= left - 1;
        int at = sharedAddress(operation, address);
        look(warp, operation, lane, shared, at, operation.bytes, true);
      } else if (operation.space == Space.GENERIC
          && (Windows.isLocal(address) || Windows.isParam(address))) {
        left &= left - 1;
      } else {
        left = lookAtPage(warp, operation, left, address / GlobalHistory.PAGE);
      }
    }
    if (operation.order().strong() && operation.kind.writes()) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long address = warp.addresses[lane];
        boolean inShared = isShared(operation, address);
        long place = inShared ? sharedAddress(operation, address) : address;
        release(warp.index * LANES + lane, place, inShared, operation);
      }
    }
  }

  /** Looks at lanes, the lowest first, as long as they are at one page of global memory. */
  private int lookAtPage(Warp warp, MemoryOperation operation, int lanes, long page) {
    AccessHistory history = global.page(page * GlobalHistory.PAGE);
    int left = lanes;
    synchronized (history) {
      while (left != 0) {
        int lane = Integer.numberOfTrailingZeros(left);
        long address = warp.addresses[lane];
        if (address / GlobalHistory.PAGE != page || isShared(operation, address)) {
          break;
        }
        left &= left - 1;
        int at = (int) (address % GlobalHistory.PAGE);
        look(warp, operation, lane, history, at, operation.bytes, false);
      }
    }
    return left;
  }

  private static boolean isShared(MemoryOperation operation, long address) {
    return operation.space == Space.SHARED
        || operation.space == Space.GENERIC && Windows.isShared(address);
  }

  private static int sharedAddress(MemoryOperation operation, long address) {
    return (int) (operation.space == Space.SHARED ? address : address - Windows.SHARED);
  }

  @Override
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    if (operation.kind == MemoryOperation.Kind.BARRIER) {
      return;
    }
    if (isShared(operation, address)) {
      int at = sharedAddress(operation, address);
      look(warp, operation, lane, shared, at, (int) bytes, true);
      return;
    }
    for (long at = address; at < address + bytes; ) {
      int offset = (int) (at % GlobalHistory.PAGE);
      int part = (int) Math.min(address + bytes - at, GlobalHistory.PAGE - offset);
      AccessHistory history = global.page(at);
      synchronized (history) {
        look(warp, operation, lane, history, offset, part, false);
      }
      at += part;
    }
  }

  private void look(
      Warp warp,
      MemoryOperation operation,
      int lane,
      AccessHistory history,
      int at,
      int bytes,
      boolean inShared) {
    int thread = warp.index * LANES + lane;
    boolean strong = operation.order().strong();
    long access = AccessHistory.access(number, thread, clocks.clock(thread), strong);
    int shift = history.shiftFor(at, bytes);
    int end = at + bytes - 1 >> shift;
    for (int i = at >> shift; i <= end; i++) {
      if (operation.kind.writes()) {
        write(warp, operation, lane, history, i, access);
      } else {
        read(warp, operation, lane, history, i, access);
      }
    }
  }

  private void read(
      Warp warp, MemoryOperation operation, int lane, AccessHistory history, int i, long access) {
    long write = history.writes[i];
    if (races(write, access, false) && !swaps(history.writers[i])) {
      report(warp, operation, lane, write, history.writers[i], "wrote");
    }
    long before = history.reads[i];
    if (before != 0 && !AccessHistory.sameThread(before, access)) {
      history.otherReads[i] = before;
    }
    history.reads[i] = access;
    history.readers[i] = operation;
  }

  private void write(
      Warp warp, MemoryOperation operation, int lane, AccessHistory history, int i, long access) {
    long write = history.writes[i];
    long value = operation.value(warp, lane);
    boolean alike =
        operation.kind == MemoryOperation.Kind.STORE
            && history.writers[i] == operation
            && history.values[i] == value;
    if (races(write, access, false) && !alike && !operation.leavesAsIs(warp, lane)) {
      report(warp, operation, lane, write, history.writers[i], "wrote");
    }
    if (swaps(operation)) {
      // What was read before is what it compares with.
    } else if (races(history.reads[i], access, true)) {
      report(warp, operation, lane, history.reads[i], history.readers[i], "read");
    } else if (races(history.otherReads[i], access, true)) {
      report(warp, operation, lane, history.otherReads[i], history.readers[i], "read");
    }
    history.writes[i] = operation.kind == MemoryOperation.Kind.ASYNC_WRITE ? 0 : access;
    history.writers[i] = operation;
    history.values[i] = value;
    history.reads[i] = 0;
    history.otherReads[i] = 0;
  }

  /** Whether programs read plainly what it changes, as the first guess of a loop around it. */
  private static boolean swaps(MemoryOperation operation) {
    return operation instanceof AtomicOperation atomic && atomic.comparesAndSwaps();
  }

  private boolean races(long earlier, long now, boolean read) {
    if (earlier == 0
        || AccessHistory.sameThread(earlier, now)
        || AccessHistory.strong(earlier) && AccessHistory.strong(now)) {
      return false;
    }
    int clock = AccessHistory.clock(earlier);
    if (clock == AccessHistory.LAST_CLOCK) {
      return false;
    }
    int thread = AccessHistory.thread(now);
    int other = AccessHistory.thread(earlier);
    long otherBlock = AccessHistory.block(earlier);
    return otherBlock == number
        ? !clocks.knows(thread, other, clock)
        : !clocks.knowsForeign(thread, otherBlock, other, clock)
            && !(read && clocks.knowsForeign(thread, ThreadClocks.reads(otherBlock), other, clock));
  }

  private void report(
      Warp warp, MemoryOperation operation, int lane, long other, MemoryOperation by, String did) {
    long address = warp.addresses[lane];
    boolean inShared = isShared(operation, address);
    long otherBlock = AccessHistory.block(other);
    String place =
        inShared
            ? "shared memory at 0x" + Integer.toHexString(sharedAddress(operation, address))
            : "0x" + Long.toHexString(address) + allocation(address);
    block.report(
        Checker.RACE,
        operation.site,
        warp,
        lane,
        operation.kind
            + " of "
            + operation.bytes
            + " bytes of "
            + place
            + ", which thread "
            + block.grid().thread(AccessHistory.thread(other))
            + (otherBlock == number ? "" : " of block " + block.grid().block(otherBlock))
            + " "
            + did
            + " ("
            + by.site.instruction().spelling()
            + " at "
            + by.site.module()
            + ":"
            + by.site.instruction().position()
            + "), and nothing orders the two");
  }

  private String allocation(long address) {
    Allocation allocation = block.grid().memory().find(address);
    return allocation == null ? "" : " in " + allocation;
  }
}
