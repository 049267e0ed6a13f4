package dev.culebra.emulator.exec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What the threads of one launch did to global memory, page by page, and what they released. */
final class GlobalHistory {
  /** Bytes of a page. */
  static final int PAGE = 4096;

  private final Map<Long, AccessHistory> pages = new ConcurrentHashMap<>();
  private final Map<Long, Map<Long, int[]>> released = new ConcurrentHashMap<>();

  /** The page that holds an address. */
  AccessHistory page(long address) {
    return pages.computeIfAbsent(address / PAGE, page -> newPage());
  }

  private static AccessHistory newPage() {
    try {
      return new AccessHistory(PAGE);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "Java's memory is too small for the race checker, which needs eight times the memory that"
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
