package dev.culebra.cli;

import dev.culebra.data.ShardBatches;
import dev.culebra.data.TokenRange;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.training.Trainer;
import dev.culebra.model.training.TrainingConfig;
import dev.culebra.model.training.TrainingListener;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * How many steps fit into a time: measured by training for a few seconds in a folder that is then
 * thrown away, which warms the just-in-time compiler up, too. A schedule must know its steps ahead.
 */
record StepBudget(
    Device device, Tokenizer tokenizer, ModelConfig model, TokenRange data, TrainingConfig config) {
  private static final double WARM_UP_SECONDS = 12;

  /** Speed is taken from the end of the warm-up. */
  private static final double MEASURED_SHARE = 0.3;

  private static final int MOST_STEPS = 1_000_000;

  /** Steps that take about that long. */
  long steps(double seconds) throws IOException {
    Path folder = Files.createTempDirectory("culebra-warm-up");
    Thread interrupted = new Thread(() -> deleteQuietly(folder), "remove-warm-up");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      double perStep = secondsPerStep(folder, Math.min(WARM_UP_SECONDS, seconds));
      return Math.clamp(Math.round(seconds / perStep), 1, MOST_STEPS);
    } finally {
      delete(folder);
      removeHook(interrupted);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already, and the hook has done its work.
    }
  }

  /** The trainer may be writing there still; what can't be removed is the system's to clean. */
  private static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException | UncheckedIOException e) {
      // Nobody is left to be told.
    }
  }

  private double secondsPerStep(Path folder, double warmUp) throws IOException {
    Trainer.Run run =
        new Trainer.Run(
            folder,
            model,
            config.withSteps(MOST_STEPS),
            new ShardBatches(data, 0),
            null,
            tokenizer);
    try (Trainer trainer = Trainer.start(device, run)) {
      Measure measure = new Measure(trainer, warmUp);
      trainer.listen(measure);
      trainer.run();
      return measure.secondsPerStep();
    }
  }

  /** Stops the training when it is warm. */
  private static final class Measure implements TrainingListener {
    private final Trainer trainer;
    private final double warmUp;
    private long fromStep;
    private double fromSeconds;
    private long step;
    private double seconds;

    Measure(Trainer trainer, double warmUp) {
      this.trainer = trainer;
      this.warmUp = warmUp;
    }

    @Override
    public void onStep(StepMetrics metrics) {
      step = metrics.step();
      seconds = metrics.seconds();
      if (seconds < warmUp * (1 - MEASURED_SHARE)) {
        fromStep = step;
        fromSeconds = seconds;
      }
      if (seconds >= warmUp) {
        trainer.requestStop();
      }
    }

    double secondsPerStep() {
      return step > fromStep ? (seconds - fromSeconds) / (step - fromStep) : seconds / step;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
