package dev.culebra.emulator.exec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the threads of one launch did to global memory, page by page, and what they released. */
final class GlobalHistory {
  /** Bytes of a page. */
  static final int PAGE = 4096;

  private final Map<Long, AccessHistory> pages = new ConcurrentHashMap<>();
  private final HistoryPages pool;
  private final Map<Long, Map<Long, int[]>> released = new ConcurrentHashMap<>();

  GlobalHistory(HistoryPages pool) {
    this.pool = pool;
  }

  /** The page that holds an address. */
  AccessHistory page(long address) {
    return pages.computeIfAbsent(address / PAGE, page -> pool.take());
  }

  /** The launch is over: its pages may serve another. */
  void end() {
    pages.values().forEach(pool::give);
    pages.clear();
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
