package dev.culebra.model.training;

import java.nio.file.Path;

/** Is told how a training goes; called on the training's thread, so it must be quick. */
public interface TrainingListener {
  /**
   * A step's numbers.
   *
   * @param step updates done, this one included
   * @param loss mean over the step's targets, in nats
   * @param gradNorm before clipping
   * @param tokensPerSecond since the step before
   * @param seconds training time so far, earlier sessions included
   */
  record StepMetrics(
      long step,
      double loss,
      double gradNorm,
      double learningRate,
      double tokensPerSecond,
      double seconds) {}

  /** A step is done; may come while the next one runs. */
  default void onStep(StepMetrics metrics) {}

  /** The model of after {@code step} was evaluated on validation data. */
  default void onEvaluation(long step, Evaluation evaluation) {}

  /**
   * A checkpoint is about to be written: a run that is killed behind it does not repeat its step.
   */
  default void beforeCheckpoint(long step) {}

  /** A checkpoint was written. */
  default void onCheckpoint(long step, Path directory) {}
}
