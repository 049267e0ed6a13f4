package dev.culebra.runtime.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads that run kernels: the caller's and {@code size - 1} daemons. Between kernels a daemon
 * spins for some tens of microseconds, which is longer than the gap between two kernels of a step,
 * then parks: longer spinning was measured to hurt badly beside a competing process.
 */
final class WorkerPool implements AutoCloseable {
  private static final long SPIN_NANOS = 40_000;

  private final Worker[] workers;
  private final Thread[] threads;
  private final AtomicInteger tasks = new AtomicInteger();
  private final AtomicIntegerArray taken;
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger atBarrier = new AtomicInteger();
  private volatile int barrierGeneration;
  private volatile int generation;
  private volatile boolean closed;
  private volatile Throwable failure;
  private Kernel kernel;

  WorkerPool(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("a CPU device needs at least 1 thread, not " + size);
    }
    workers = new Worker[size];
    threads = new Thread[size];
    taken = new AtomicIntegerArray(size);
    for (int i = 0; i < size; i++) {
      workers[i] = new Worker(this, i);
    }
    for (int i = 1; i < size; i++) {
      Worker worker = workers[i];
      threads[i] = Thread.ofPlatform().name("culebra-cpu-" + i).daemon().start(() -> serve(worker));
    }
  }

  int size() {
    return workers.length;
  }

  /** A kernel too small to be worth waking more than the caller's worker. */
  record Alone(Kernel kernel) implements Kernel {
    @Override
    public void run(Worker worker) {
      worker.runAlone(kernel);
    }
  }

  /**
   * Runs a kernel on all workers, or {@link Alone}, and returns when all are done.
   *
   * @throws RuntimeException what the first worker to fail threw; the pool goes on working
   */
  void run(Kernel work) {
    if (closed) {
      throw new IllegalStateException("the CPU device is closed");
    }
    tasks.setPlain(0);
    for (int i = 0; i < workers.length; i++) {
      taken.setPlain(i, 0);
    }
    if (workers.length == 1 || work instanceof Alone) {
      work.run(workers[0]);
      return;
    }
    kernel = work;
    running.setPlain(workers.length - 1);
    generation++; // publishes the fields above
    for (int i = 1; i < threads.length; i++) {
      if (workers[i].parked) {
        LockSupport.unpark(threads[i]);
      }
    }
    runGuarded(workers[0], work);
    long start = System.nanoTime();
    while (running.getAcquire() != 0) {
      spinOrYield(start);
    }
    kernel = null;
    if (failure != null) {
      rethrow();
    }
  }

  int nextTask() {
    return tasks.getAndIncrement();
  }

  /**
   * Claims the next of the {@code count} tasks that are a worker's share; -1 when all are taken.
   */
  int nextOfShare(int worker, int count) {
    if (taken.getOpaque(worker) >= count) {
      return -1;
    }
    int task = taken.getAndIncrement(worker);
    return task < count ? task : -1;
  }

  void barrier() {
    int arrivedIn = barrierGeneration;
    if (atBarrier.incrementAndGet() == workers.length) {
      atBarrier.setPlain(0);
      barrierGeneration = arrivedIn + 1;
      return;
    }
    long start = System.nanoTime();
    while (barrierGeneration == arrivedIn) {
      if (failure != null) {
        throw new IllegalStateException("another worker failed before the barrier");
      }
      spinOrYield(start);
    }
  }

  private void serve(Worker worker) {
    int seen = 0;
    while (true) {
      awaitNext(worker, seen);
      if (closed) {
        return;
      }
      seen = generation;
      runGuarded(worker, kernel);
      running.getAndDecrement();
    }
  }

  private void awaitNext(Worker worker, int seen) {
    long start = System.nanoTime();
    while (generation == seen && !closed) {
      if (System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        // Either this thread sees the new generation or the caller, who sets it before it looks
        // here, sees this flag: both are volatile. Park may return early; the loop looks again.
        worker.parked = true;
        if (generation == seen && !closed) {
          LockSupport.park(this);
        }
        worker.parked = false;
      }
    }
  }

  /** Waits for a thread that is running; where it has lost its core, lets it have this one. */
  private static void spinOrYield(long start) {
    if (System.nanoTime() - start < SPIN_NANOS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }

  private void runGuarded(Worker worker, Kernel work) {
    try {
      work.run(worker);
    } catch (Throwable t) { // a worker must never die: it carries what went wrong to the caller
      synchronized (this) {
        if (failure == null) {
          failure = t;
        }
      }
    }
  }

  private void rethrow() {
    Throwable t = failure;
    failure = null;
    atBarrier.set(0);
    switch (t) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(t);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (int i = 1; i < threads.length; i++) {
      LockSupport.unpark(threads[i]);
    }
    for (int i = 1; i < threads.length; i++) {
      boolean interrupted = false;
      while (threads[i].isAlive()) {
        try {
          threads[i].join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    for (Worker worker : workers) {
      worker.close();
    }
  }
}
