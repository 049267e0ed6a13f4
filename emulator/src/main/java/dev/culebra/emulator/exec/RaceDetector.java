package dev.culebra.emulator.exec;

import java.util.Arrays;

/**
 * Finds accesses of the same bytes by two threads, one of them a write, that no barrier, atomic or
 * fence orders (PTX ISA 8.8 and 8.9): judged by what happened before what, so whatever the order in
 * which they happened to run. Two strong accesses (atomic, volatile, relaxed) never race; nor does
 * a write of what is there already. An asynchronous copy counts as written by who waited for it,
 * and an mbarrier as written by its initialisation alone.
 *
 * <p>A weak read does not race with a compare-and-swap, loops around which begin so, nor with
 * another atomic operation where its thread then tries it with one ({@link Guesses}). What else is
 * taken for ordered is {@link HappensBefore}'s to say.
 *
 * <p>Of the reads of a word since its last write two are kept, of different warps where there are,
 * and in shared memory one of each warp that none of them stands for.
 */
final class RaceDetector extends HappensBefore {
  private static final int LANES = Operation.LANES;
  private static final int RECENT_PAGES = 64;

  private final Block block;
  private final AccessHistory shared;
  private final RaceReports reports;

  /** The least that an access of this launch can be. */
  private long firstAccess;

  /** Pages of {@link #global} that were looked at last, each at its address' place. */
  private final AccessHistory[] recentPages = new AccessHistory[RECENT_PAGES];

  private final long[] recentAddresses = new long[RECENT_PAGES];

  /** For accesses of all lanes: each lane's. */
  private final long[] accesses = new long[LANES];

  RaceDetector(Block block) {
    super(block);
    this.block = block;
    shared = new AccessHistory(block.shared.limit);
    reports = new RaceReports(block);
  }

  @Override
  void begin() {
    super.begin();
    if (firstAccess != AccessHistory.firstOf(global.firstBlock())) {
      firstAccess = AccessHistory.firstOf(global.firstBlock());
      Arrays.fill(recentPages, null);
    }
    shared.clear();
  }

  /** As if the copy's own thread had written. */
  @Override
  void carries(AsyncCopy copy, Mbarrier barrier) {
    lands(copy, copy.thread);
    super.carries(copy, barrier);
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
      if (operation.isShared(address)) {
        left &= left - 1;
        int at = operation.sharedAddress(address);
        look(warp, operation, lane, shared, at, operation.bytes);
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
            .tries(RaceReports.guess(warp, operation, lane, number, warp.index * LANES + lane));
      }
    }
    if (operation.order().strong() && writes(operation)) {
      for (int rest = lanes; rest != 0; rest &= rest - 1) {
        int lane = Integer.numberOfTrailingZeros(rest);
        long address = warp.addresses[lane];
        boolean inShared = operation.isShared(address);
        long place = inShared ? operation.sharedAddress(address) : address;
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
        reports.race(warp, operation, lane, write, shared.writers[i], "wrote");
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
        if (address / GlobalHistory.PAGE != page || operation.isShared(address)) {
          break;
        }
        left &= left - 1;
        int at = (int) (address % GlobalHistory.PAGE);
        look(warp, operation, lane, history, at, operation.bytes);
      }
    }
    return left;
  }

  @Override
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    if (operation.isShared(address)) {
      int at = operation.sharedAddress(address);
      if (operation.kind == MemoryOperation.Kind.ASYNC_READ) {
        lookForProxyFence(warp, operation, lane, at, (int) bytes);
      }
      look(warp, operation, lane, shared, at, (int) bytes);
      return;
    }
    for (long at = address; at < address + bytes; ) {
      int offset = (int) (at % GlobalHistory.PAGE);
      int part = (int) Math.min(address + bytes - at, GlobalHistory.PAGE - offset);
      AccessHistory history = page(at / GlobalHistory.PAGE);
      synchronized (history) {
        look(warp, operation, lane, history, offset, part);
      }
      at += part;
    }
  }

  private void look(
      Warp warp, MemoryOperation operation, int lane, AccessHistory history, int at, int bytes) {
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
          && AccessHistory.clock(write) > proxied(AccessHistory.thread(write))) {
        reports.missingProxyFence(warp, operation, lane, i << shift, write, shared.writers[i]);
        return;
      }
    }
  }

  private void read(
      Warp warp, MemoryOperation operation, int lane, AccessHistory history, int i, long access) {
    long write = history.writes[i];
    if (races(write, access, false) && !swaps(history.writers[i])) {
      reports.race(warp, operation, lane, write, history.writers[i], "wrote");
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
      reports.race(warp, operation, lane, write, history.writers[i], "wrote");
    }
    if (swaps(operation)) {
      // What was read before is what it compares with.
    } else if (races(history.reads[i], access, true)) {
      reports.race(warp, operation, lane, history.reads[i], history.readers[i], "read");
    } else if (races(history.otherReads[i], access, true)) {
      reports.race(warp, operation, lane, history.otherReads[i], history.readers[i], "read");
    } else if (history.keptReads(i) != null) {
      for (long read : history.keptReads(i)) {
        if (races(read, access, true)) {
          reports.race(warp, operation, lane, read, history.readers[i], "read");
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
}
