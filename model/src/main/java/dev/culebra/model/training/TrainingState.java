package dev.culebra.model.training;

import dev.culebra.model.training.BatchSource.DataPosition;

/**
 * How far a run has come: what a checkpoint keeps besides parameters and moments. The random draws
 * of dropout are functions of seed and step, so there is no other random state.
 *
 * @param step updates done
 * @param data where training data goes on
 * @param seconds training time so far, earlier sessions included
 * @param validationLoss of the latest evaluation, NaN before the first
 * @param bestStep step of the checkpoint with the least validation loss, of those whose step was
 *     evaluated; -1 before the first
 * @param bestLoss its validation loss, NaN before the first
 */
public record TrainingState(
    long step,
    DataPosition data,
    double seconds,
    double validationLoss,
    long bestStep,
    double bestLoss) {

  /** Before the first step. */
  public static final TrainingState START =
      new TrainingState(0, DataPosition.START, 0, Double.NaN, -1, Double.NaN);
}
