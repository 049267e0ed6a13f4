package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.Allocation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Finds accesses of the same bytes by two threads, one of them a write, that no barrier, atomic or
 * fence orders (PTX ISA 8.8 and 8.9): judged by what happened before what, so whatever the order in
 * which they happened to run. Two strong accesses (atomic, volatile, relaxed) never race; nor does
 * a write of what is there already. An asynchronous copy counts as written by who waited for it,
 * and an mbarrier as written by its initialisation alone.
 *
 * <p>More is taken for ordered than the manual's model strictly gives, where kernels that are known
 * to be right rely on it: a fence covers what its thread knows by the time of the next strong
 * write, and a barrier makes known what strong reads saw. An exchange among lanes, a shuffle or a
 * vote, does not order what these lanes do, but what one has learnt of other warps all know after
 * it: lane 0 waits for a flag and tells the others, as cooperative groups do. Who sees what a block
 * wrote with a strong store may overwrite what that block read before, fence or not: sums that look
 * back compact arrays in place so. A weak read does not race with a compare-and-swap, loops around
 * which begin so, nor with another atomic operation where its thread then tries it with one ({@link
 * Guesses}). Scopes are not looked at.
 *
 * <p>Of the reads of a word since its last write two are kept, of different warps where there are,
 * and in shared memory one of each warp that none of them stands for.
 */
final class RaceDetector extends BlockObserver {
  private static final int LANES = Operation.LANES;
  private static final int RECENT_PAGES = 64;

  private final Block block;
  private final ThreadClocks clocks;
  private final AccessHistory shared;
  private final Map<Long, Map<Long, int[]>> sharedReleased = new HashMap<>();
  private final Map<NamedBarrier, int[][]> arrivals = new HashMap<>();
  private final Map<Mbarrier, Phase> phases = new IdentityHashMap<>();

  /** Of each thread, the clock up to which a proxy fence covers what it wrote. */
  private final int[] proxied;

  private GlobalHistory global;

  /** Of the block among those of all launches. */
  private long number;

  /** The least that an access of this launch can be. */
  private long firstAccess;

  /** Pages of {@link #global} that were looked at last, each at its address' place. */
  private final AccessHistory[] recentPages = new AccessHistory[RECENT_PAGES];

  private final long[] recentAddresses = new long[RECENT_PAGES];

  /** For accesses of all lanes: each lane's. */
  private final long[] accesses = new long[LANES];

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
    proxied = new int[block.maxThreads()];
  }

  @Override
  void begin() {
    global = block.grid().history();
    if (firstAccess != AccessHistory.firstOf(global.firstBlock())) {
      firstAccess = AccessHistory.firstOf(global.firstBlock());
      Arrays.fill(recentPages, null);
    }
    number = global.firstBlock() + block.linearIndex();
    clocks.begin();
    shared.clear();
    sharedReleased.clear();
    arrivals.clear();
    phases.clear();
    Arrays.fill(proxied, 0);
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
      if (both[0][warp.index] != 0 || barrier.expected == 0) {
        // Threads that have ended count as having come with their warp.
        both[0][warp.index] |= warp.exited & warp.threads;
        all &= (both[1][warp.index] | warp.exited) == Operation.ALL;
      } else {
        all = false;
      }
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
  void fencesProxy(Warp warp, int lanes) {
    for (int left = lanes; left != 0; left &= left - 1) {
      clocks.copyKnown(warp.index * LANES + Integer.numberOfTrailingZeros(left), proxied);
    }
  }

  private Phase phase(Mbarrier barrier) {
    Phase phase = phases.computeIfAbsent(barrier, key -> new Phase());
    phase.advance(barrier.phase());
    return phase;
  }

  /** As if the copy's own thread had written, and told of it by the barrier. */
  @Override
  void carries(AsyncCopy copy, Mbarrier barrier) {
    Phase phase = phase(barrier);
    lands(copy, copy.thread);
    phase.arriving = ThreadClocks.union(phase.arriving, clocks.releasedAlone(copy.thread, number));
  }

  /** As if the thread that has waited had written. */
  @Override
  void awaits(Warp warp, int lane, AsyncCopy copy) {
    lands(copy, warp.index * LANES + lane);
  }

  private void lands(AsyncCopy copy, int thread) {
    if (!copy.intoShared) {
      return;
    }
    long access = AccessHistory.access(number, thread, clocks.clock(thread), false);
    int shift = shared.shiftFor(copy.sharedAddress, copy.bytes);
    int end = copy.sharedAddress + copy.bytes - 1 >> shift;
    for (int i = copy.sharedAddress >> shift; i <= end; i++) {
      if (shared.writes[i] == 0) {
        shared.writes[i] = access;
      }
    }
  }

  @Override
  void arrives(Warp warp, int lane, Mbarrier barrier) {
    Phase phase = phase(barrier);
    Map<Long, int[]> told = clocks.released(warp.index * LANES + lane, number, true, false);
    phase.arriving = ThreadClocks.union(phase.arriving, told);
  }

  @Override
  void observes(Warp warp, int lane, Mbarrier barrier) {
    Phase phase = phase(barrier);
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
    if (operation.space == Space.LOCAL) {
      return;
    }
    int left = lanes;
    if (operation.space == Space.SHARED
        && operation.kind == MemoryOperation.Kind.LOAD
        && !operation.order().strong()
        && operation.bytes == Integer.BYTES
        && shared.shiftFor(0, Integer.BYTES) == AccessHistory.WORD_SHIFT) {
      readShared(warp, operation, lanes);
      return;
    }
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
    // Behind the look, after which no other block finds the read that is tried.
    if (operation.tries() && !block.grid().guesses().isEmpty()) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        block
            .grid()
            .guesses()
            .tries(guess(warp, operation, lane, number, warp.index * LANES + lane));
      }
    }
    if (operation.order().strong() && writes(operation)) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long address = warp.addresses[lane];
        boolean inShared = isShared(operation, address);
        long place = inShared ? sharedAddress(operation, address) : address;
        release(warp.index * LANES + lane, place, inShared, operation);
      }
    }
  }

  /** Reads of single words of shared memory, which most kernels do most. */
  private void readShared(Warp warp, MemoryOperation operation, int lanes) {
    long[] writes = shared.writes;
    long[] reads = shared.reads;
    MemoryOperation[] readers = shared.readers;
    int thread = warp.index * LANES;
    int known = clocks.knownToAll();
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      int i = (int) warp.addresses[lane] >> AccessHistory.WORD_SHIFT;
      long access = AccessHistory.access(number, thread + lane, clocks.clock(thread + lane), false);
      long write = writes[i];
      if (!isKnownToAll(write, known) && races(write, access, false) && !swaps(shared.writers[i])) {
        report(warp, operation, lane, write, shared.writers[i], "wrote");
      }
      keep(shared, i, access);
      reads[i] = access;
      readers[i] = operation;
    }
  }

  /** Fills {@link #accesses} for weak accesses of a warp. */
  private void notice(Warp warp) {
    int thread = warp.index * LANES;
    for (int lane = 0; lane < LANES; lane++) {
      accesses[lane] =
          AccessHistory.access(number, thread + lane, clocks.clock(thread + lane), false);
    }
  }

  @Override
  void contiguous(Warp warp, MemoryOperation operation, long address) {
    int at = (int) (address % GlobalHistory.PAGE);
    int bytes = LANES * operation.bytes;
    boolean words = ((at | operation.bytes) & Integer.BYTES - 1) == 0;
    if (words && at + bytes <= GlobalHistory.PAGE && !operation.order().strong()) {
      AccessHistory history = page(address / GlobalHistory.PAGE);
      synchronized (history) {
        if (passes(warp, operation, history, at)) {
          return;
        }
      }
    }
    super.contiguous(warp, operation, address);
  }

  /**
   * Notes an access of words by all lanes, in order, if a glance shows that it races with nothing.
   *
   * @return whether it does
   */
  private boolean passes(Warp warp, MemoryOperation operation, AccessHistory history, int at) {
    if (history.shiftFor(at, operation.bytes) != AccessHistory.WORD_SHIFT) {
      return false;
    }
    notice(warp);
    int first = at >> AccessHistory.WORD_SHIFT;
    int lane = Integer.numberOfTrailingZeros(operation.bytes) - AccessHistory.WORD_SHIFT;
    return operation.kind.writes()
        ? passesAsWrite(warp, operation, history, first, lane)
        : passesAsRead(operation, history, first, lane);
  }

  /**
   * @param shift from words to lanes
   */
  private boolean passesAsRead(
      MemoryOperation operation, AccessHistory history, int first, int shift) {
    if (!areOrdered(history.writes, first, shift)) {
      return false;
    }
    int words = LANES << shift;
    int knownClock = clocks.knownToAll();
    for (int i = 0; i < words; i++) {
      long access = accesses[i >> shift];
      long before = history.reads[first + i];
      if (AccessHistory.block(before) == number) {
        if (AccessHistory.clock(before) > knownClock) {
          keep(history, first + i, access);
        }
      } else if (!isPast(before)) {
        // Another block's is seldom ordered: to find out would cost more than all the rest.
        history.otherReads[first + i] = before;
      }
      history.reads[first + i] = access;
    }
    Arrays.fill(history.readers, first, first + words, operation);
    return true;
  }

  private boolean passesAsWrite(
      Warp warp, MemoryOperation operation, AccessHistory history, int first, int shift) {
    if (!areOrdered(history.writes, first, shift)
        || !areOrdered(history.reads, first, shift)
        || !areOrdered(history.otherReads, first, shift)) {
      return false;
    }
    int words = LANES << shift;
    for (int i = 0; i < words; i++) {
      history.writes[first + i] = accesses[i >> shift];
      history.values[first + i] = operation.value(warp, i >> shift);
    }
    Arrays.fill(history.writers, first, first + words, operation);
    Arrays.fill(history.reads, first, first + words, 0);
    Arrays.fill(history.otherReads, first, first + words, 0);
    return true;
  }

  /** Whether a glance shows that {@link #accesses} come behind all these of the same words. */
  private boolean areOrdered(long[] earlier, int first, int shift) {
    int knownClock = clocks.knownToAll();
    boolean ordered = true;
    for (int i = 0; i < LANES << shift; i++) {
      long before = earlier[first + i];
      ordered &=
          isPast(before)
              || AccessHistory.sameThread(before, accesses[i >> shift])
              || isKnownToAll(before, knownClock);
    }
    return ordered;
  }

  /** Whether there was no access, or an earlier launch's. */
  private boolean isPast(long access) {
    return Long.compareUnsigned(access, firstAccess) < 0;
  }

  private boolean isKnownToAll(long access, int knownClock) {
    return AccessHistory.block(access) == number && AccessHistory.clock(access) <= knownClock;
  }

  private AccessHistory page(long page) {
    int place = (int) page & RECENT_PAGES - 1;
    AccessHistory recent = recentPages[place];
    if (recent == null || recentAddresses[place] != page) {
      recent = global.page(page * GlobalHistory.PAGE);
      recentPages[place] = recent;
      recentAddresses[place] = page;
    }
    return recent;
  }

  /** Looks at lanes, the lowest first, as long as they are at one page of global memory. */
  private int lookAtPage(Warp warp, MemoryOperation operation, int lanes, long page) {
    AccessHistory history = page(page);
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
    if (isShared(operation, address)) {
      int at = sharedAddress(operation, address);
      if (operation.kind == MemoryOperation.Kind.ASYNC_READ) {
        lookForProxyFence(warp, operation, lane, at, (int) bytes);
      }
      look(warp, operation, lane, shared, at, (int) bytes, true);
      return;
    }
    for (long at = address; at < address + bytes; ) {
      int offset = (int) (at % GlobalHistory.PAGE);
      int part = (int) Math.min(address + bytes - at, GlobalHistory.PAGE - offset);
      AccessHistory history = page(at / GlobalHistory.PAGE);
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
      if (writes(operation)) {
        write(warp, operation, lane, history, i, access);
      } else {
        read(warp, operation, lane, history, i, access);
      }
    }
  }

  /** Who uses an mbarrier only reads, for our purpose, what its maker wrote. */
  private static boolean writes(MemoryOperation operation) {
    return operation.kind == MemoryOperation.Kind.BARRIER
        ? !operation.order().strong()
        : operation.kind.writes();
  }

  /**
   * A bulk copy reads shared memory in the asynchronous proxy: what threads wrote there has to be
   * behind a proxy fence (PTX ISA 8.6 and 9.7.9.27). Whether that orders their fence with this copy
   * too is left to the race that it would be.
   */
  private void lookForProxyFence(
      Warp warp, MemoryOperation operation, int lane, int address, int bytes) {
    int shift = shared.shiftFor(address, bytes);
    for (int i = address >> shift; i <= address + bytes - 1 >> shift; i++) {
      long write = shared.writes[i];
      if (write != 0
          && shared.writers[i].kind != MemoryOperation.Kind.ASYNC_WRITE
          && AccessHistory.clock(write) > proxied[AccessHistory.thread(write)]) {
        block.report(
            Checker.ASYNC_COPY,
            operation.site,
            warp,
            lane,
            operation.kind
                + " of shared memory at 0x"
                + Integer.toHexString(i << shift)
                + ", which thread "
                + block.grid().thread(AccessHistory.thread(write))
                + " wrote ("
                + place(shared.writers[i])
                + "): no fence.proxy.async makes that known to asynchronous copies");
        return;
      }
    }
  }

  private static String place(MemoryOperation operation) {
    return operation.site.instruction().spelling()
        + " at "
        + operation.site.module()
        + ":"
        + operation.site.instruction().position();
  }

  private void read(
      Warp warp, MemoryOperation operation, int lane, AccessHistory history, int i, long access) {
    long write = history.writes[i];
    if (races(write, access, false) && !swaps(history.writers[i])) {
      report(warp, operation, lane, write, history.writers[i], "wrote");
    }
    keep(history, i, access);
    history.reads[i] = access;
    if (history.readers[i] != operation) {
      history.readers[i] = operation;
    }
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
    } else if (history.keptReads(i) != null) {
      for (long read : history.keptReads(i)) {
        if (races(read, access, true)) {
          report(warp, operation, lane, read, history.readers[i], "read");
          break;
        }
      }
    }
    history.dropReads(i);
    boolean inFlight = history == shared && operation.kind == MemoryOperation.Kind.ASYNC_WRITE;
    history.writes[i] = inFlight ? 0 : access;
    if (history.writers[i] != operation) {
      history.writers[i] = operation;
    }
    history.values[i] = value;
    history.reads[i] = 0;
    history.otherReads[i] = 0;
  }

  /**
   * Which of two earlier reads is kept beside a new one: none that is ordered before the new one,
   * which then stands for it, and one of a warp. What else there is in shared memory is kept apart.
   */
  private void keep(AccessHistory history, int i, long now) {
    long before = history.reads[i];
    long other = history.otherReads[i];
    if (isPast(before) || AccessHistory.sameThread(before, now)) {
      return;
    }
    if (AccessHistory.sameWarp(before, now)) {
      if (isPast(other) || AccessHistory.sameWarp(other, now)) {
        history.otherReads[i] = before;
      }
    } else if (isPast(other) || !isOrdered(before, now, false)) {
      if (!isPast(other)
          && history == shared
          && !AccessHistory.sameWarp(other, before)
          && !AccessHistory.sameWarp(other, now)
          && !isOrdered(other, now, false)) {
        history.keepRead(i, other);
      }
      history.otherReads[i] = before;
    }
  }

  /** Whether programs read plainly what it changes, as the first guess of a loop around it. */
  private static boolean swaps(MemoryOperation operation) {
    return operation.tries();
  }

  private boolean races(long earlier, long now, boolean read) {
    if (isPast(earlier)
        || isKnownToAll(earlier, clocks.knownToAll())
        || AccessHistory.sameThread(earlier, now)
        || AccessHistory.strong(earlier) && AccessHistory.strong(now)) {
      return false;
    }
    return !isOrdered(earlier, now, read);
  }

  /**
   * Whether the thread of an access knows of an earlier one.
   *
   * @param read whether that was a read, which it may know of without a fence
   */
  private boolean isOrdered(long earlier, long now, boolean read) {
    int clock = AccessHistory.clock(earlier);
    if (clock == AccessHistory.LAST_CLOCK) {
      return true;
    }
    int thread = AccessHistory.thread(now);
    int other = AccessHistory.thread(earlier);
    long otherBlock = AccessHistory.block(earlier);
    return otherBlock == number
        ? clocks.knows(thread, other, clock)
        : clocks.knowsForeign(thread, otherBlock, other, clock)
            || read && clocks.knowsForeign(thread, ThreadClocks.reads(otherBlock), other, clock);
  }

  private void report(
      Warp warp, MemoryOperation operation, int lane, long other, MemoryOperation by, String did) {
    String message = describe(warp, operation, lane, other, by, did);
    Guesses.Read guess = null;
    if (isGuess(operation, by)) {
      guess = guess(warp, operation, lane, number, warp.index * LANES + lane);
    } else if (did.equals("read") && isGuess(by, operation)) {
      guess = guess(warp, operation, lane, AccessHistory.block(other), AccessHistory.thread(other));
    }
    if (guess == null) {
      block.report(Checker.RACE, operation.site, warp, lane, message);
    } else {
      block
          .grid()
          .guesses()
          .add(
              guess,
              block.finding(Checker.RACE, operation.site, warp, lane, message),
              operation.site);
    }
  }

  /** Whether one reads, weakly, what the other changes atomically. */
  private static boolean isGuess(MemoryOperation read, MemoryOperation change) {
    return read.kind == MemoryOperation.Kind.LOAD
        && !read.order().strong()
        && change.kind == MemoryOperation.Kind.ATOMIC;
  }

  /** A thread's read of what a lane accesses. */
  private static Guesses.Read guess(
      Warp warp, MemoryOperation operation, int lane, long ofBlock, int ofThread) {
    long address = warp.addresses[lane];
    boolean inShared = isShared(operation, address);
    long place = inShared ? sharedAddress(operation, address) : address;
    return new Guesses.Read(ofBlock, ofThread, inShared, place);
  }

  private String describe(
      Warp warp, MemoryOperation operation, int lane, long other, MemoryOperation by, String did) {
    long address = warp.addresses[lane];
    boolean inShared = isShared(operation, address);
    long otherBlock = AccessHistory.block(other);
    String place =
        inShared
            ? "shared memory at 0x" + Integer.toHexString(sharedAddress(operation, address))
            : "0x" + Long.toHexString(address) + allocation(address);
    return operation.kind
        + " of "
        + operation.bytes
        + " bytes of "
        + place
        + ", which thread "
        + block.grid().thread(AccessHistory.thread(other))
        + (otherBlock == number
            ? ""
            : " of block " + block.grid().block(otherBlock - global.firstBlock()))
        + " "
        + did
        + " ("
        + place(by)
        + "), and nothing orders the two";
  }

  private String allocation(long address) {
    Allocation allocation = block.grid().memory().find(address);
    return allocation == null ? "" : " in " + allocation;
  }
}
