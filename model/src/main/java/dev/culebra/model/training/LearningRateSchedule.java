package dev.culebra.model.training;

/**
 * The learning rate of each step. It rises linearly over the warmup, {@code peak step / warmup},
 * and reaches the peak at its last step; after that, with p running from 0 at the end of the warmup
 * to 1 at the last step, it goes as {@link Kind} says.
 *
 * @param peak highest learning rate
 * @param minimum lowest one after the warmup
 * @param warmup steps of the warmup; 0 for none
 */
public record LearningRateSchedule(Kind kind, float peak, float minimum, int warmup) {
  /** Share of the steps over which {@link Kind#WSD} decays (Hu et al. 2024 use about a tenth). */
  private static final double DECAY_SHARE = 0.2;

  /** How the learning rate goes after the warmup. */
  public enum Kind {
    /** {@code peak}. */
    CONSTANT,
    /** {@code peak + (minimum - peak) p}. */
    LINEAR,
    /** {@code minimum + (peak - minimum) (1 + cos πp) / 2} (Loshchilov and Hutter 2017). */
    COSINE,
    /**
     * Warmup, stable, decay (Hu et al. 2024): the peak, then over the last fifth of all steps
     * linearly to the minimum.
     */
    WSD
  }

  public LearningRateSchedule {
    if (!(peak > 0 && Float.isFinite(peak))) {
      throw new IllegalArgumentException("learning rate must be positive, not " + peak);
    }
    if (!(minimum >= 0 && minimum <= peak)) {
      throw new IllegalArgumentException(
          "minimum learning rate must be from 0 to " + peak + ", not " + minimum);
    }
    if (warmup < 0) {
      throw new IllegalArgumentException("warmup must be 0 or more steps, not " + warmup);
    }
  }

  /**
   * @param step from 1
   * @param steps all steps of the run; later ones get the last one's learning rate
   */
  public float at(long step, long steps) {
    if (step < warmup) {
      return (float) ((double) peak * step / warmup);
    }
    return switch (kind) {
      case CONSTANT -> peak;
      case LINEAR -> between(progress(step, warmup, steps));
      case COSINE -> between((1 - Math.cos(Math.PI * progress(step, warmup, steps))) / 2);
      case WSD -> {
        long decay = Math.max(1, Math.round(DECAY_SHARE * steps));
        yield between(progress(step, Math.max(warmup, steps - decay), steps));
      }
    };
  }

  private static double progress(long step, long from, long to) {
    return to <= from ? 0 : Math.clamp((double) (step - from) / (to - from), 0.0, 1.0);
  }

  private float between(double way) {
    return (float) (peak + (minimum - (double) peak) * way);
  }
}
