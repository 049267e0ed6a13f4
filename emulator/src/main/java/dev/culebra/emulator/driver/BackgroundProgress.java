package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Launch;

/**
 * Runs what is queued when nothing has asked for it for a while. A program may wait for a device in
 * ways that the driver does not see: it polls memory that a kernel is to write, or its kernel polls
 * memory that a copy or a function of another stream is to write. Then nobody would ever move.
 *
 * <p>Time is counted in short sleeps, not by the clock: a process that was stopped, or a machine
 * that is busy, makes nothing run.
 */
final class BackgroundProgress implements Runnable {
  private static final int TICK_MILLIS = 50;

  /** Ticks without a call before something runs: 1.5 s. */
  private static final int PATIENCE = 30;

  /** The same for a program that has needed it before. */
  private static final int SHORT_PATIENCE = 4;

  /** Ticks after which a kernel that still runs is told of: 30 s. */
  private static final int LONG_RUN = 600;

  private Launch lastRunning;
  private int ticksOfRun;
  private Driver watched;
  private long callsSeen;
  private int idle;
  private int patience = PATIENCE;

  private BackgroundProgress() {}

  /** Its one thread, which begins when this class is first used. */
  private static final class Watch {
    static {
      Thread.ofPlatform().daemon().name("emulator-idle").start(new BackgroundProgress());
    }

    static void begin() {}
  }

  /** Begins to watch, unless that has happened. */
  static void begin() {
    Watch.begin();
  }

  @Override
  public void run() {
    while (true) {
      try {
        Thread.sleep(TICK_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      noteLongRun();
      tick();
    }
  }

  /** A kernel that waits for what never comes runs for ever, as it would on a device. */
  private void noteLongRun() {
    Launch running = KernelCommand.running();
    ticksOfRun = running != null && running == lastRunning ? ticksOfRun + 1 : 0;
    lastRunning = running;
    if (ticksOfRun == LONG_RUN) {
      Driver.log()
          .println(
              "kernel "
                  + running.kernel().name()
                  + " has run for "
                  + LONG_RUN * TICK_MILLIS / 1000
                  + " s and goes on; ExecutionOptions.withInstructionBudget bounds a launch");
    }
  }

  private void tick() {
    if (!Driver.LOCK.tryLock()) {
      idle = 0;
      return;
    }
    try {
      Driver driver = Driver.currentOrNull();
      if (driver != watched) {
        watched = driver;
        patience = PATIENCE;
        idle = 0;
      }
      if (driver == null || Driver.calls() != callsSeen || !driver.timeline.canRunBeside()) {
        callsSeen = Driver.calls();
        idle = 0;
      } else if (++idle >= patience) {
        patience = SHORT_PATIENCE;
        BackgroundWork.begin(driver.timeline::runBeside);
      }
    } catch (RuntimeException | Error e) {
      Upcalls.tell("work that ran in the background", e);
    } finally {
      Driver.LOCK.unlock();
    }
  }
}
