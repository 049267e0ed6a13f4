package dev.culebra.model.training;

/**
 * Training time, and the rate of tokens. A step is measured from its launch to the next one, for
 * only there has the host waited for nothing else: a result is taken after the next step was
 * launched. Saving and evaluating slow no rate.
 */
final class StepClock {
  private static final double NANOSECONDS = 1e-9;

  private final double before;
  private final long start = System.nanoTime();
  private final long tokensPerStep;
  private long launched;
  private long finished;
  private double rate = Double.NaN;

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

  /**
   * A step is about to be launched.
   *
   * @param behindAnother whether the one before still waits to be finished
   */
  void launch(boolean behindAnother) {
    long now = System.nanoTime();
    if (behindAnother) {
      rate = rate(now - launched);
    }
    launched = now;
  }

  /**
   * A step's result was taken.
   *
   * @param last whether no step was launched behind it
   * @return its tokens a second
   */
  double finish(boolean last) {
    long now = System.nanoTime();
    if (last) {
      // A device that works by itself began it when the one before was done; one that works inside
      // the launch was through with it when that one's result was taken.
      long other = Math.max(finished, launched);
      rate = rate(Math.max(other - launched, now - other));
    }
    finished = now;
    return rate;
  }

  private double rate(long nanoseconds) {
    return tokensPerStep / (Math.max(nanoseconds, 1) * NANOSECONDS);
  }
}
