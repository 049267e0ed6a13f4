package dev.culebra.emulator.exec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What of the threads of a block happened before what, by barriers, fences, strong operations and
 * mbarriers (PTX ISA 8.8 and 8.9).
 *
 * <p>More is taken for ordered than the manual's model strictly gives, where kernels that are known
 * to be right rely on it: a fence covers what its thread knows by the time of the next strong
 * write, and a barrier makes known what strong reads saw. An exchange among lanes, a shuffle or a
 * vote, does not order what these lanes do, but what one has learnt of other warps all know after
 * it: lane 0 waits for a flag and tells the others, as cooperative groups do. Who sees what a block
 * wrote with a strong store may overwrite what that block read before, fence or not: sums that look
 * back compact arrays in place so. Scopes are not looked at.
 */
abstract class HappensBefore extends BlockObserver {
  private static final int LANES = Operation.LANES;

  private final Block block;
  final ThreadClocks clocks;
  private final Map<Long, Map<Long, int[]>> sharedReleased = new HashMap<>();
  private final Map<NamedBarrier, int[][]> arrivals = new HashMap<>();
  private final Map<Mbarrier, Phase> phases = new IdentityHashMap<>();

  /** Of each thread, the clock up to which a proxy fence covers what it wrote. */
  private final int[] proxied;

  GlobalHistory global;

  /** Of the block among those of all launches. */
  long number;

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

  HappensBefore(Block block) {
    this.block = block;
    clocks = new ThreadClocks(block.maxThreads());
    proxied = new int[block.maxThreads()];
  }

  @Override
  void begin() {
    global = block.grid().history();
    number = global.firstBlock() + block.linearIndex();
    clocks.begin();
    sharedReleased.clear();
    arrivals.clear();
    phases.clear();
    Arrays.fill(proxied, 0);
  }

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

  @Override
  void carries(AsyncCopy copy, Mbarrier barrier) {
    Phase phase = phase(barrier);
    phase.arriving = ThreadClocks.union(phase.arriving, clocks.releasedAlone(copy.thread, number));
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
  final void release(int thread, long address, boolean inShared, MemoryOperation operation) {
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
          operation.isShared(address)
              ? sharedReleased.get((long) operation.sharedAddress(address))
              : global.at(address);
      if (told != null) {
        clocks.observe(warp.index * LANES + lane, number, told, operation.order().acquires());
      }
    }
  }

  /** The clock of a thread up to which a proxy fence covers what it wrote. */
  final int proxied(int thread) {
    return proxied[thread];
  }

  /**
   * Whether the thread of an access knows of an earlier one.
   *
   * @param read whether that was a read, which it may know of without a fence
   */
  final boolean isOrdered(long earlier, long now, boolean read) {
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
}
