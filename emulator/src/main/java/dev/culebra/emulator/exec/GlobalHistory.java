package dev.culebra.emulator.exec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What threads did to global memory, page by page, and what they released. One for all launches: a
 * block's number tells its launch, so what was noted in an earlier one need not be wiped away.
 */
final class GlobalHistory {
  /** Bytes of a page. */
  static final int PAGE = 4096;

  /** Java's memory for a page. */
  private static final long COST = 10L * PAGE;

  /** How much of Java's memory may stay occupied between launches. */
  private static final int SHARE = 8;

  private static final long LAST_BLOCK = (1L << 32) - 2;

  private final Map<Long, AccessHistory> pages = new ConcurrentHashMap<>();
  private final Map<Long, Map<Long, int[]>> released = new ConcurrentHashMap<>();
  private final long most;
  private long firstBlock;
  private long nextBlock;

  GlobalHistory() {
    this(Runtime.getRuntime().maxMemory() / SHARE / COST);
  }

  /**
   * @param most pages that stay between launches
   */
  GlobalHistory(long most) {
    this.most = most;
  }

  /** A launch begins: nobody has done anything yet. */
  void begin(long blocks) {
    released.clear();
    boolean exhausted = nextBlock + blocks > LAST_BLOCK;
    if (exhausted || pages.size() > most) {
      // Who remembers a page knows by the first block's number that it is gone.
      pages.clear();
    }
    if (exhausted) {
      nextBlock = 0;
    }
    firstBlock = nextBlock;
    nextBlock += blocks;
  }

  /** Number of the launch's first block; what blocks before it did is past. */
  long firstBlock() {
    return firstBlock;
  }

  /** The page that holds an address. */
  AccessHistory page(long address) {
    AccessHistory page = pages.computeIfAbsent(address / PAGE, number -> newPage());
    page.begin(firstBlock);
    return page;
  }

  private static AccessHistory newPage() {
    try {
      return new AccessHistory(PAGE);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "Java's memory is too small for the race checker, which needs ten times the memory that"
              + " a kernel touches: give more with -Xmx, or turn the checker off",
          e);
    }
  }

  /** A thread tells what it knows through a word. */
  void release(long address, Map<Long, int[]> clocks) {
    released.merge(address, clocks, ThreadClocks::union);
  }

  /** What threads told through a word; null for nothing. */
  Map<Long, int[]> at(long address) {
    return released.get(address);
  }
}
