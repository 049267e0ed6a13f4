package dev.culebra.model.training;

import dev.culebra.model.ModelConfig;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A training of a model of odd sizes that takes milliseconds a step; also a program to be killed.
 */
final class TinyRun {
  static final int VOCABULARY = 37;
  static final int THREADS = 2;

  private TinyRun() {}

  static ModelConfig model(float dropout) {
    return new ModelConfig(
        VOCABULARY,
        11,
        24,
        2,
        3,
        3,
        8,
        40,
        ModelConfig.Norm.LAYER,
        1e-5f,
        ModelConfig.Position.LEARNED,
        null,
        ModelConfig.Mlp.GELU,
        true,
        true,
        dropout,
        0,
        List.of());
  }

  static TrainingConfig config(long steps, DType dtype, int checkpointInterval, int keep) {
    return new TrainingConfig(
        3,
        11,
        2,
        steps,
        new LearningRateSchedule(LearningRateSchedule.Kind.COSINE, 1e-2f, 1e-3f, 5),
        AdamWOptimizer.Settings.DEFAULT,
        dtype,
        false,
        true,
        0x1234_5678_9abc_def0L,
        4,
        2,
        checkpointInterval,
        keep);
  }

  static Trainer.Run run(Path directory, TrainingConfig config) {
    return new Trainer.Run(
        directory,
        model(0.1f),
        config,
        new RandomTokens(VOCABULARY, 1),
        new RandomTokens(VOCABULARY, 2),
        null);
  }

  static Device device() {
    return Devices.open("cpu", THREADS);
  }

  /** Trains to the end, from the newest checkpoint if there is one. Arguments: directory, steps. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Trainer.Run run = run(directory, config(Long.parseLong(arguments[1]), DType.F32, 1, 2));
    boolean resume = Files.isDirectory(directory) && hasCheckpoint(directory);
    try (Device device = device();
        Trainer trainer = resume ? Trainer.resume(device, run) : Trainer.start(device, run)) {
      System.out.println("training from step " + trainer.state().step());
      trainer.run();
    }
  }

  private static boolean hasCheckpoint(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.anyMatch(path -> path.getFileName().toString().matches("step-[0-9]+"));
    }
  }

  /** The losses of all steps that a trainer runs from now on. */
  static void record(Trainer trainer, List<Double> losses) {
    trainer.listen(
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            losses.add(metrics.loss());
          }
        });
  }
}
