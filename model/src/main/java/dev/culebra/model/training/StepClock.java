package dev.culebra.model.training;

/** Training time, and the rate of tokens between steps; saving and evaluating slow no rate. */
final class StepClock {
  private static final double NANOSECONDS = 1e-9;

  private final double before;
  private final long start = System.nanoTime();
  private final long tokensPerStep;
  private long last = start;

  /**
   * @param before seconds of earlier sessions
   */
  StepClock(double before, long tokensPerStep) {
    this.before = before;
    this.tokensPerStep = tokensPerStep;
  }

  /** Seconds, earlier sessions included. */
  double seconds() {
    return before + (System.nanoTime() - start) * NANOSECONDS;
  }

  /** A step is done: tokens per second since the one before. */
  double step() {
    long now = System.nanoTime();
    double rate = tokensPerStep / Math.max((now - last) * NANOSECONDS, NANOSECONDS);
    last = now;
    return rate;
  }

  /** What came since the last step is not to count for the next one. */
  void pause() {
    last = System.nanoTime();
  }
}
