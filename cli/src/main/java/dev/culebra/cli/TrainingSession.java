package dev.culebra.cli;

import dev.culebra.cli.report.TrainingReport;
import dev.culebra.model.training.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** Runs a trainer under the eyes of people: with a report, and a Ctrl-C that loses nothing. */
final class TrainingSession {
  private TrainingSession() {}

  /**
   * Trains to the end, or until the program is told to stop (Ctrl-C, a service manager): then the
   * step is finished and saved before the program ends.
   *
   * @param title of the chart
   * @param steps in all
   */
  static Trainer.Outcome run(
      Trainer trainer, Path directory, String title, long steps, PrintWriter out)
      throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    Thread stop = new Thread(() -> stop(trainer, done), "stop-training");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      Trainer.Outcome outcome = reported(trainer, directory, title, steps, out);
      if (outcome == Trainer.Outcome.STOPPED) {
        out.printf(
            "stopped after step %d of %d, all saved; go on with: culebra train --resume --out %s%n",
            trainer.state().step(), steps, directory);
        out.flush();
      }
      return outcome;
    } finally {
      done.countDown();
      remove(stop);
    }
  }

  private static Trainer.Outcome reported(
      Trainer trainer, Path directory, String title, long steps, PrintWriter out)
      throws IOException {
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

  private static void stop(Trainer trainer, CountDownLatch done) {
    trainer.requestStop();
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
