package dev.culebra.emulator.exec;

import java.util.ArrayDeque;

/**
 * Pages of {@link GlobalHistory} that no launch needs at the moment: a kernel that is launched
 * again and again need not make new ones. Threads may use it at once.
 */
final class HistoryPages {
  /** Java's memory for each of a page, without what refining it takes. */
  private static final long BYTES = 10L * GlobalHistory.PAGE;

  /** How much of Java's memory they may keep occupied. */
  private static final int SHARE = 8;

  private final ArrayDeque<AccessHistory> pages = new ArrayDeque<>();
  private final long most = Runtime.getRuntime().maxMemory() / SHARE / BYTES;

  /** A page with nothing in it. */
  AccessHistory take() {
    AccessHistory page;
    synchronized (this) {
      page = pages.poll();
    }
    if (page != null) {
      page.clear();
      return page;
    }
    try {
      return new AccessHistory(GlobalHistory.PAGE);
    } catch (OutOfMemoryError e) {
      throw new IllegalStateException(
          "Java's memory is too small for the race checker, which needs ten times the memory that"
              + " a kernel touches: give more with -Xmx, or turn the checker off",
          e);
    }
  }

  /** Keeps a page for later, if it is not one too many. */
  synchronized void give(AccessHistory page) {
    if (pages.size() < most && !page.isRefined()) {
      pages.push(page);
    }
  }
}
