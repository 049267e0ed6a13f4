package dev.culebra.cli;

import dev.culebra.model.training.TrainingListener;

/** Ends a training that takes much longer than its steps were thought to take. */
final class TimeLimit implements TrainingListener {
  private final double seconds;
  private final Runnable stop;
  private volatile boolean passed;

  /**
   * @param seconds of training, sessions before this one included
   * @param stop asks the training to end; called once
   */
  TimeLimit(double seconds, Runnable stop) {
    this.seconds = seconds;
    this.stop = stop;
  }

  @Override
  public void onStep(StepMetrics metrics) {
    if (metrics.seconds() > seconds && !passed) {
      passed = true;
      stop.run();
    }
  }

  /** Whether it has ended the training. */
  boolean passed() {
    return passed;
  }
}
