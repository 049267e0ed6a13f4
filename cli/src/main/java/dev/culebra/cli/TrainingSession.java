package dev.culebra.cli;

import dev.culebra.cli.report.TrainingReport;
import dev.culebra.model.training.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Runs a trainer under the eyes of people: with a report, and a Ctrl-C that loses nothing.
 *
 * @param directory of the run
 * @param title of the chart
 * @param steps in all
 * @param resuming the command that goes on with a stopped run
 */
record TrainingSession(Path directory, String title, long steps, String resuming) {

  /**
   * Trains to the end, or until the program is told to stop (Ctrl-C, a service manager): then the
   * step is finished and saved before the program ends.
   */
  Trainer.Outcome run(Trainer trainer, PrintWriter out) throws IOException {
    Stop stop = new Stop(trainer);
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      Trainer.Outcome outcome = reported(trainer, out);
      if (outcome == Trainer.Outcome.STOPPED) {
        out.printf(
            "%nstopped after step %d of %d, all saved; go on with: %s%n",
            trainer.state().step(), steps, resuming);
        out.flush();
      }
      return outcome;
    } catch (IOException | RuntimeException e) {
      if (stop.begun) {
        // The program ends when the hook does, and nobody above would get to say it.
        out.printf("%nculebra: %s%n", Errors.describe(e));
        out.flush();
      }
      throw e;
    } finally {
      stop.done.countDown();
      remove(stop);
    }
  }

  private Trainer.Outcome reported(Trainer trainer, PrintWriter out) throws IOException {
    try (TrainingReport report =
        new TrainingReport(directory, title, steps, trainer.state().step(), out)) {
      trainer.listen(report);
      return trainer.run();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already, and the hook has done its work.
    }
  }

  /** Runs when the program is told to end, which waits for it. */
  private static final class Stop extends Thread {
    private final Trainer trainer;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean begun;

    Stop(Trainer trainer) {
      super("stop-training");
      this.trainer = trainer;
    }

    @Override
    public void run() {
      begun = true;
      trainer.requestStop();
      try {
        done.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
