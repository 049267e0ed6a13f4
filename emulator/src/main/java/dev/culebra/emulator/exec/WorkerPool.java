package dev.culebra.emulator.exec;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Threads that run a launch's blocks together with the thread that launches. */
final class WorkerPool implements AutoCloseable {
  private static final int SPINS = 20_000;

  /** A thread that waits for launches. */
  private static final class WorkerThread extends Thread {
    private final Worker worker;
    private volatile Grid grid;
    private volatile boolean closed;

    private WorkerThread(Worker worker, int index) {
      super("emulator-" + index);
      this.worker = worker;
      setDaemon(true);
    }

    @Override
    public void run() {
      while (!closed) {
        Grid next = grid;
        if (next == null) {
          LockSupport.park(this);
          continue;
        }
        worker.run(next);
        grid = null;
      }
    }

    private void start(Grid next) {
      grid = next;
      LockSupport.unpark(this);
    }

    private void await() {
      for (int spins = 0; grid != null; spins++) {
        if (spins < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }
  }

  private final Worker own = new Worker(0);
  private final List<WorkerThread> others = new ArrayList<>();

  WorkerPool(int workers) {
    for (int i = 1; i < workers; i++) {
      WorkerThread thread = new WorkerThread(new Worker(i), i);
      others.add(thread);
      thread.start();
    }
  }

  /** Runs a launch to its end; one thread at a time. */
  void run(Grid grid) {
    int used = (int) Math.min(others.size(), grid.blocks() - 1);
    for (int i = 0; i < used; i++) {
      others.get(i).start(grid);
    }
    own.run(grid);
    for (int i = 0; i < used; i++) {
      others.get(i).await();
    }
  }

  @Override
  public void close() {
    for (WorkerThread thread : others) {
      thread.closed = true;
      LockSupport.unpark(thread);
    }
    for (WorkerThread thread : others) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread.worker.close();
    }
    own.close();
  }
}
