package dev.culebra.emulator.driver;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Does work on a thread of its own, so that whoever asked can go on without it: a kernel or a
 * function of the program may wait for what only the caller will do.
 */
final class BackgroundWork {
  /** How long work is waited for. */
  private static final int WAIT_MILLIS = 500;

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("emulator-background-", 0).factory());

  private BackgroundWork() {}

  /** Begins work, which is to be done under the lock, and waits a while for its end. */
  static void begin(Runnable work) {
    Future<?> begun = THREADS.submit(() -> underLock(work));
    int held = Driver.unlock();
    try {
      begun.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // It goes on, and counts as running.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } finally {
      Driver.lock(held);
    }
  }

  /** Whether somebody still waits or not, what goes wrong is told. */
  private static void underLock(Runnable work) {
    Driver.LOCK.lock();
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      Upcalls.tell("work that ran in the background", e);
    } finally {
      Driver.LOCK.unlock();
    }
  }
}
