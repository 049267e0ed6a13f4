package dev.culebra.model.training;

import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/**
 * Updates a model's parameters from its gradients with {@link AdamW}: clipping by the global norm
 * of all gradients, decay on matrices only.
 */
public final class AdamWOptimizer {
  private final Parameters parameters;
  private final Ops ops;
  private final Tensor gradNorm;
  private final Range decay;
  private final Range noDecay;

  /**
   * What does not change from step to step.
   *
   * @param beta1 decay of the first moment, in [0, 1)
   * @param beta2 decay of the second moment, in [0, 1)
   * @param epsilon added to the square root of the corrected second moment
   * @param weightDecay λ of matrices and embeddings, multiplied with the learning rate
   * @param maxGradNorm longest gradient that is not shortened; 0 for no clipping
   */
  public record Settings(
      float beta1, float beta2, float epsilon, float weightDecay, float maxGradNorm) {
    /** As GPT-3's paper has it (Brown et al. 2020, appendix B). */
    public static final Settings DEFAULT = new Settings(0.9f, 0.95f, 1e-8f, 0.1f, 1);

    public Settings {
      requireIn("beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
      requireIn("beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
      requireIn("epsilon", epsilon, epsilon > 0, "positive");
      requireIn("weightDecay", weightDecay, weightDecay >= 0, "0 or more");
      requireIn("maxGradNorm", maxGradNorm, maxGradNorm >= 0, "0 or more");
    }

    private static void requireIn(String name, float value, boolean holds, String range) {
      if (!holds || !Float.isFinite(value)) {
        throw new IllegalArgumentException(name + " must be " + range + ", not " + value);
      }
    }
  }

  /** A part of the flat buffers that is updated alike. */
  private record Range(
      AdamW config,
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Tensor working) {

    /** Null where the range is empty. */
    static Range of(Parameters parameters, AdamW config, long from, long to) {
      return from == to
          ? null
          : new Range(
              config,
              parameters.master().slice(from, to),
              parameters.gradients().slice(from, to),
              parameters.firstMoment().slice(from, to),
              parameters.secondMoment().slice(from, to),
              parameters.dtype() == DType.BF16 ? parameters.working().slice(from, to) : null);
    }

    void update(Ops ops) {
      ops.adamW(config, parameters, gradients, firstMoment, secondMoment, working);
    }
  }

  /**
   * @param parameters with gradients and optimizer states
   * @param learningRate F32 {@code [1]}, read by each update
   * @param step I32 {@code [1]}, read by each update; counts from 1
   * @param gradNorm F32 {@code [1]}, written by each update before clipping; where it is not finite
   *     the update changes nothing
   */
  public AdamWOptimizer(
      Parameters parameters, Settings settings, Tensor learningRate, Tensor step, Tensor gradNorm) {
    if (!parameters.trainable()) {
      throw new IllegalArgumentException("these parameters have no gradients to update them from");
    }
    this.parameters = parameters;
    this.ops = parameters.device().ops();
    this.gradNorm = gradNorm;
    ParameterLayout layout = parameters.layout();
    AdamW decaying = config(settings, settings.weightDecay, learningRate, step, gradNorm);
    AdamW other = config(settings, 0, learningRate, step, gradNorm);
    decay = Range.of(parameters, decaying, 0, layout.decaySize());
    noDecay = Range.of(parameters, other, layout.decaySize(), layout.trainableSize());
  }

  private static AdamW config(
      Settings settings, float weightDecay, Tensor learningRate, Tensor step, Tensor gradNorm) {
    return new AdamW(
        settings.beta1,
        settings.beta2,
        settings.epsilon,
        weightDecay,
        settings.maxGradNorm,
        learningRate,
        step,
        gradNorm);
  }

  /** Enqueues one update: gradients' norm, parameters, working copy, matrices. */
  public void update() {
    ops.globalNorm(parameters.gradients(), gradNorm);
    if (decay != null) {
      decay.update(ops);
    }
    if (noDecay != null) {
      noDecay.update(ops);
    }
    parameters.refreshMatrices();
  }
}
