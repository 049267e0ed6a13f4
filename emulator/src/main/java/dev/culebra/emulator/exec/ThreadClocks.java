package dev.culebra.emulator.exec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What each thread of a block knows to have happened (vector clocks; Flanagan and Freund,
 * "FastTrack", 2009). A thread's own clock counts its releases; it knows of another's access when
 * it knows that thread's clock of that time or a later one.
 *
 * <p>Most kernels order their threads with barriers of the whole block alone, so what all threads
 * know is kept once; what lanes of a warp tell one another, in 32 numbers; only the rest needs a
 * clock for each thread of each thread.
 */
final class ThreadClocks {
  private static final int LANES = Operation.LANES;

  private final int[] own;
  private final int[] fenced;

  /** What all know. Never changed, only replaced. */
  private int[] base;

  /** The least of {@link #base}. */
  private int leastOfBase;

  /** What a thread knows of all threads; null where that is the base. */
  private final int[][] dense;

  /** What a thread knows of its warp's beyond that; null for nothing. Never changed. */
  private final int[][] ofWarp;

  /** What all know of other blocks: their threads' clocks. */
  private Map<Long, int[]> foreignBase = Map.of();

  /** What a thread knows of other blocks beyond that; null for nothing. */
  private final Map<Long, int[]>[] foreign;

  /** What a thread would know after a fence; null for nothing. */
  private final Map<Long, int[]>[] pending;

  /** Lanes of each warp that have learnt something of other warps and not told it yet. */
  private final int[] news;

  @SuppressWarnings({"unchecked", "rawtypes"})
  ThreadClocks(int threads) {
    own = new int[threads];
    fenced = new int[threads];
    base = new int[threads];
    dense = new int[threads][];
    ofWarp = new int[threads][];
    foreign = new Map[threads];
    pending = new Map[threads];
    news = new int[(threads + LANES - 1) / LANES];
  }

  void begin() {
    Arrays.fill(own, 1);
    Arrays.fill(fenced, 0);
    base = new int[own.length];
    leastOfBase = 0;
    Arrays.fill(dense, null);
    Arrays.fill(ofWarp, null);
    foreignBase = Map.of();
    Arrays.fill(foreign, null);
    Arrays.fill(pending, null);
    Arrays.fill(news, 0);
  }

  int clock(int thread) {
    return own[thread];
  }

  /** All threads of the block know of all that any of them did up to this clock of its own. */
  int knownToAll() {
    return leastOfBase;
  }

  /** Whether a thread knows another's clock of its own block. */
  boolean knows(int thread, int other, int clock) {
    if (thread == other || clock <= known(thread)[other]) {
      return true;
    }
    int[] lanes = ofWarp[thread];
    return lanes != null && thread / LANES == other / LANES && clock <= lanes[other % LANES];
  }

  /** Whether a thread knows a clock of another block's thread. */
  boolean knowsForeign(int thread, long block, int other, int clock) {
    int[] all = foreignBase.get(block);
    if (all != null && clock <= all[other]) {
      return true;
    }
    int[] mine = foreign[thread] == null ? null : foreign[thread].get(block);
    return mine != null && clock <= mine[other];
  }

  private int[] known(int thread) {
    return dense[thread] == null ? base : dense[thread];
  }

  /** All that a thread knows of its block, itself included at that clock. */
  private int[] snapshot(int thread, int clock) {
    int[] all = known(thread).clone();
    int[] lanes = ofWarp[thread];
    if (lanes != null) {
      int first = thread / LANES * LANES;
      for (int lane = 0; lane < LANES && first + lane < all.length; lane++) {
        all[first + lane] = Math.max(all[first + lane], lanes[lane]);
      }
    }
    all[thread] = Math.max(all[thread], clock);
    return all;
  }

  /** Raises clocks to what a thread knows of its block, itself included. */
  void copyKnown(int thread, int[] clocks) {
    join(clocks, snapshot(thread, own[thread]));
  }

  /** What others learn who need to know nothing of a thread but that it came so far. */
  Map<Long, int[]> releasedAlone(int thread, long block) {
    int[] alone = new int[own.length];
    alone[thread] = own[thread]++;
    return Map.of(block, alone);
  }

  /** A barrier of all threads of the block opens. */
  void meetAll() {
    base = own.clone();
    leastOfBase = Arrays.stream(base).min().orElse(0);
    Arrays.fill(dense, null);
    Arrays.fill(ofWarp, null);
    Map<Long, int[]> all = foreignBase;
    for (int thread = 0; thread < own.length; thread++) {
      all = union(union(all, foreign[thread]), pending[thread]);
      foreign[thread] = null;
      pending[thread] = null;
      own[thread]++;
    }
    foreignBase = all;
    Arrays.fill(news, 0);
  }

  /**
   * Some threads arrive, others (or the same) wait for them.
   *
   * @param arrived a bit a thread, in words of a warp
   * @param waiting likewise
   */
  void meet(int[] arrived, int[] waiting) {
    int[] all = new int[own.length];
    Map<Long, int[]> others = Map.of();
    for (int thread = 0; thread < own.length; thread++) {
      if ((arrived[thread / LANES] >>> thread % LANES & 1) != 0) {
        join(all, snapshot(thread, own[thread]));
        others = union(union(others, foreign[thread]), pending[thread]);
        own[thread]++;
      }
    }
    for (int thread = 0; thread < own.length; thread++) {
      if ((waiting[thread / LANES] >>> thread % LANES & 1) != 0) {
        learn(thread, all);
        foreign[thread] = union(foreign[thread], others);
      }
    }
  }

  /** Lanes of a warp meet. */
  void meetInWarp(int firstThread, int lanes) {
    boolean sparse = true;
    for (int left = lanes; left != 0; left &= left - 1) {
      sparse &= dense[firstThread + Integer.numberOfTrailingZeros(left)] == null;
    }
    if (!sparse) {
      int[] members = new int[(own.length + LANES - 1) / LANES];
      members[firstThread / LANES] = lanes;
      meet(members, members);
      return;
    }
    int[] joined = new int[LANES];
    Map<Long, int[]> others = null;
    for (int left = lanes; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      int[] before = ofWarp[firstThread + lane];
      if (before != null) {
        join(joined, before);
      }
      joined[lane] = own[firstThread + lane]++;
      others = union(others, foreign[firstThread + lane]);
    }
    for (int left = lanes; left != 0; left &= left - 1) {
      int thread = firstThread + Integer.numberOfTrailingZeros(left);
      ofWarp[thread] = joined;
      foreign[thread] = others;
    }
  }

  /** Lanes of a warp tell one another what they know of other warps, but not what they did. */
  void tellInWarp(int firstThread, int lanes) {
    int warp = firstThread / LANES;
    int tellers = news[warp] & lanes;
    if (tellers == 0 || (lanes & lanes - 1) == 0) {
      return;
    }
    int[] all = new int[own.length];
    Map<Long, int[]> others = null;
    Map<Long, int[]> later = null;
    for (int left = tellers; left != 0; left &= left - 1) {
      int thread = firstThread + Integer.numberOfTrailingZeros(left);
      join(all, known(thread));
      others = union(others, foreign[thread]);
      later = union(later, pending[thread]);
    }
    Arrays.fill(all, firstThread, Math.min(firstThread + LANES, all.length), 0);
    for (int left = lanes; left != 0; left &= left - 1) {
      int thread = firstThread + Integer.numberOfTrailingZeros(left);
      learn(thread, all);
      foreign[thread] = union(foreign[thread], others);
      pending[thread] = union(pending[thread], later);
    }
    news[warp] = lanes == Operation.ALL ? 0 : news[warp] | lanes;
  }

  /** A thread executes a fence. */
  void fence(int thread, long block) {
    fenced[thread] = own[thread]++;
    if (pending[thread] != null) {
      acquire(thread, block, pending[thread]);
      pending[thread] = null;
    }
  }

  /**
   * What others learn who see what a thread writes with a strong operation now: all that it knew
   * and did, up to its last fence unless the operation is a release itself.
   *
   * @param reads whether they learn, under {@link #reads}, what it has read without any fence: a
   *     read has its value before a later write is seen
   * @return by block; null where it has told nothing
   */
  Map<Long, int[]> released(int thread, long block, boolean release, boolean reads) {
    int clock = release ? own[thread]++ : fenced[thread];
    if (clock == 0 && !reads) {
      return null;
    }
    Map<Long, int[]> all = new HashMap<>(union(foreignBase, foreign[thread]));
    if (clock == 0) {
      all.keySet().removeIf(key -> key >= 0);
    } else {
      all.put(block, snapshot(thread, clock));
    }
    if (reads) {
      all.put(reads(block), snapshot(thread, own[thread]++));
    }
    return all;
  }

  /** The key of what is known of a block's reads alone. */
  static long reads(long block) {
    return ~block;
  }

  /**
   * A thread has seen what others released.
   *
   * @param now whether it knows at once, or only after its next fence or barrier
   */
  void observe(int thread, long block, Map<Long, int[]> clocks, boolean now) {
    if (now) {
      acquire(thread, block, clocks);
      return;
    }
    Map<Long, int[]> ofReads = new HashMap<>();
    Map<Long, int[]> others = new HashMap<>();
    clocks.forEach((key, known) -> (key < 0 ? ofReads : others).put(key, known));
    foreign[thread] = union(foreign[thread], ofReads);
    pending[thread] = union(pending[thread], others);
    news[thread / LANES] |= 1 << thread;
  }

  private void acquire(int thread, long block, Map<Long, int[]> clocks) {
    news[thread / LANES] |= 1 << thread;
    int[] ofBlock = clocks.get(block);
    if (ofBlock != null) {
      learn(thread, ofBlock);
    }
    foreign[thread] = union(foreign[thread], clocks);
  }

  private void learn(int thread, int[] clocks) {
    if (dense[thread] == null) {
      dense[thread] = base.clone();
    }
    join(dense[thread], clocks);
  }

  private static void join(int[] into, int[] from) {
    for (int i = 0; i < into.length; i++) {
      into[i] = Math.max(into[i], from[i]);
    }
  }

  /** The later clocks of both; neither is changed, and arrays are shared where they can be. */
  static Map<Long, int[]> union(Map<Long, int[]> one, Map<Long, int[]> other) {
    if (other == null || other.isEmpty() || one == other) {
      return one;
    }
    if (one == null || one.isEmpty()) {
      return other;
    }
    Map<Long, int[]> all = new HashMap<>(one);
    other.forEach(
        (block, clocks) ->
            all.merge(
                block,
                clocks,
                (a, b) -> {
                  if (a == b) {
                    return a;
                  }
                  int[] later = a.clone();
                  join(later, b);
                  return later;
                }));
    return all;
  }
}
