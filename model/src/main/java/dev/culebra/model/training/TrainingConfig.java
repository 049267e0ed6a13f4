package dev.culebra.model.training;

import dev.culebra.runtime.DType;

/**
 * How a model is trained. Dropout belongs to the model's config.
 *
 * @param batch B, sequences of one pass
 * @param length T, tokens of a sequence
 * @param accumulation passes of a step, whose gradients are summed
 * @param steps updates in all
 * @param dtype what the decoder computes in: F32, or BF16 with F32 master weights
 * @param recompute whether the backward pass computes activations again to save memory
 * @param separateDocuments whether tokens see those of their own document only
 * @param seed of initialisation and dropout
 * @param evaluationInterval steps between evaluations on validation data; 0 for none
 * @param evaluationBatches batches of an evaluation
 * @param checkpointInterval steps between checkpoints; 0 for one at the end only
 * @param keep newest checkpoints to keep, beside the best of those whose step was evaluated
 */
public record TrainingConfig(
    int batch,
    int length,
    int accumulation,
    long steps,
    LearningRateSchedule schedule,
    AdamWOptimizer.Settings optimizer,
    DType dtype,
    boolean recompute,
    boolean separateDocuments,
    long seed,
    int evaluationInterval,
    int evaluationBatches,
    int checkpointInterval,
    int keep) {

  public TrainingConfig {
    atLeast("batch", batch, 1);
    atLeast("length", length, 1);
    atLeast("accumulation", accumulation, 1);
    atLeast("steps", steps, 1);
    atLeast("evaluationInterval", evaluationInterval, 0);
    atLeast("evaluationBatches", evaluationBatches, 1);
    atLeast("checkpointInterval", checkpointInterval, 0);
    atLeast("keep", keep, 1);
    if (steps > Integer.MAX_VALUE / accumulation) {
      throw new IllegalArgumentException(
          "%d steps of %d passes are more than %d passes"
              .formatted(steps, accumulation, Integer.MAX_VALUE));
    }
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw new IllegalArgumentException("dtype must be F32 or BF16, not " + dtype);
    }
  }

  private static void atLeast(String field, long value, long minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(field + " must be at least " + minimum + ", not " + value);
    }
  }

  /** Tokens of one step. */
  public long tokensPerStep() {
    return (long) batch * length * accumulation;
  }

  /** Learning rate of a step, from 1. */
  public float learningRate(long step) {
    return schedule.at(step, steps);
  }

  /** The same with another number of steps. */
  public TrainingConfig withSteps(long number) {
    return new TrainingConfig(
        batch,
        length,
        accumulation,
        number,
        schedule,
        optimizer,
        dtype,
        recompute,
        separateDocuments,
        seed,
        evaluationInterval,
        evaluationBatches,
        checkpointInterval,
        keep);
  }
}
