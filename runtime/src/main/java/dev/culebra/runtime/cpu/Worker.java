package dev.culebra.runtime.cpu;

import java.lang.foreign.Arena;

/** One thread of the pool, as a running {@link Kernel} sees it. */
final class Worker {
  private static final long ALIGNMENT = 64;

  private final WorkerPool pool;
  private final int index;

  /** Whether the thread sleeps, or is about to, and must be woken for the next kernel. */
  volatile boolean parked;

  private final Arena blocksArena = Arena.ofShared();
  private final long blocks = blocksArena.allocate(Spans.BYTES, ALIGNMENT).address();
  private boolean alone;
  private Arena scratchArena;
  private long scratchAddress;
  private long scratchBytes;

  Worker(WorkerPool pool, int index) {
    this.pool = pool;
    this.index = index;
  }

  /** From 0; worker 0 is the thread that enqueued the kernel. */
  int index() {
    return index;
  }

  /** Workers in all that run the kernel. */
  int count() {
    return alone ? 1 : pool.size();
  }

  /** Runs a kernel as its only worker; for worker 0. */
  void runAlone(Kernel kernel) {
    alone = true;
    try {
      kernel.run(this);
    } finally {
      alone = false;
    }
  }

  /** First of the {@code total} items that are this worker's; its share ends at {@link #to}. */
  long from(long total) {
    return total * index / count();
  }

  long to(long total) {
    return total * (index + 1) / count();
  }

  /** Like {@link #from}, in whole multiples of {@code grain} items (the last share may be odd). */
  long from(long total, long grain) {
    return Math.min(total, from((total + grain - 1) / grain) * grain);
  }

  long to(long total, long grain) {
    return Math.min(total, to((total + grain - 1) / grain) * grain);
  }

  /** Claims the next task number of this kernel run: 0, 1, 2... over all workers. */
  int nextTask() {
    return pool.nextTask();
  }

  /**
   * Claims one of so many tasks that lie beside one another in memory; -1 when all are taken. A
   * worker goes through its own share from the first to the last, which the processor's prefetching
   * follows, then helps the others with theirs.
   */
  int nextOf(int tasks) {
    int workers = pool.size();
    for (int i = 0; i < workers; i++) {
      int owner = (index + i) % workers;
      long first = (long) tasks * owner / workers;
      long count = (long) tasks * (owner + 1) / workers - first;
      int taken = pool.nextOfShare(owner, (int) count);
      if (taken >= 0) {
        return (int) first + taken;
      }
    }
    return -1;
  }

  /** Waits until all workers have come here. All of them must. */
  void barrier() {
    if (count() > 1) {
      pool.barrier();
    }
  }

  /**
   * Address of at least {@code bytes} of this worker's own memory, 64-byte aligned, with undefined
   * contents; valid until the next call. Grows on first use, then allocates nothing.
   */
  long scratch(long bytes) {
    if (bytes > scratchBytes) {
      closeScratch();
      scratchArena = Arena.ofShared();
      scratchAddress = scratchArena.allocate(bytes, ALIGNMENT).address();
      scratchBytes = bytes;
    }
    return scratchAddress;
  }

  /** This worker's blocks for {@link Spans}, apart from its scratch memory. */
  long blocks() {
    return blocks;
  }

  void close() {
    closeScratch();
    blocksArena.close();
  }

  private void closeScratch() {
    if (scratchArena != null) {
      scratchArena.close();
      scratchArena = null;
      scratchBytes = 0;
    }
  }
}
