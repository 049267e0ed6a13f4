package dev.culebra.runtime;

import dev.culebra.fixtures.BFloat16;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.OptimizerReference;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class OptimizerContractTest {
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.95f;
  private static final float EPSILON = 1e-8f;
  private static final float DECAY = 0.1f;

  /** The state of one optimizer on the device, and its reference. */
  private static final class Training {
    final DeviceFixture on;
    final int n;
    final GuardedTensor parameters;
    final GuardedTensor gradients;
    final GuardedTensor first;
    final GuardedTensor second;
    final GuardedTensor working;
    final GuardedTensor learningRate;
    final GuardedTensor step;
    final GuardedTensor gradNorm;
    final AdamW config;
    final OptimizerReference reference;

    Training(DeviceFixture on, int n, float maxGradNorm) {
      this.on = on;
      this.n = n;
      parameters = on.inOut(DType.F32, n);
      gradients = on.input(DType.F32, n);
      first = on.inOut(DType.F32, n).set(new double[n]);
      second = on.inOut(DType.F32, n).set(new double[n]);
      working = on.output(DType.BF16, n);
      learningRate = on.input(DType.F32, 1);
      step = on.indices(0);
      gradNorm = on.output(DType.F32, 1);
      config =
          new AdamW(
              BETA1,
              BETA2,
              EPSILON,
              DECAY,
              maxGradNorm,
              learningRate.tensor(),
              step.tensor(),
              gradNorm.tensor());
      reference =
          new OptimizerReference(
              BETA1,
              BETA2,
              EPSILON,
              DECAY,
              maxGradNorm,
              parameters.values(),
              first.values(),
              second.values());
    }

    void update(int count, double rate, double... newGradients) {
      step.set(count);
      learningRate.set(rate);
      gradients.set(newGradients);
      on.run(
          () -> {
            on.ops().globalNorm(gradients.tensor(), gradNorm.tensor());
            on.ops()
                .adamW(
                    config,
                    parameters.tensor(),
                    gradients.tensor(),
                    first.tensor(),
                    second.tensor(),
                    working.tensor());
          });
      reference.update(gradients.values(), learningRate.values()[0], gradNorm.values()[0]);
    }

    void check() {
      first.assertEquals("first moment", reference.first());
      second.assertEquals("second moment", reference.second());
      parameters.assertEquals("parameters", reference.parameters());
    }
  }

  @Test
  void global_norm_equals_the_reference(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          int n = 1 + on.random().nextInt(20_000);
          GuardedTensor x = on.contiguousInput(DType.F32, n);
          GuardedTensor out = on.output(DType.F32, 1);
          on.run(() -> on.ops().globalNorm(x.tensor(), out.tensor()));
          out.assertEquals("norm", OptimizerReference.norm(x.values()));
        });
  }

  @Test
  @Tag("short-vectors")
  void ten_steps_of_adamw_equal_the_reference(DeviceFixture on) {
    on.repeat(
        4,
        () -> {
          Training training = new Training(on, 1 + on.random().nextInt(700), 0);
          for (int step = 1; step <= 10; step++) {
            training.update(step, 0.01 / step, on.normals(training.n));
            training.check();
          }
        });
  }

  @Test
  void gradients_beyond_the_norm_are_clipped_and_others_are_not(DeviceFixture on) {
    on.repeat(
        2,
        () -> {
          Training training = new Training(on, 257, 1);
          training.update(1, 0.01, on.normals(257));
          training.check();
          training.update(2, 0.01, Arrays.stream(on.normals(257)).map(x -> x * 1e-3).toArray());
          training.check();
        });
  }

  @Test
  void a_norm_that_is_not_finite_changes_nothing(DeviceFixture on) {
    Training training = new Training(on, 100, 1);
    training.update(1, 0.01, on.normals(100));
    double[] parameters = training.parameters.values();
    double[] first = training.first.values();
    double[] second = training.second.values();
    for (double bad :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      double[] gradients = on.normals(100);
      gradients[on.random().nextInt(100)] = bad;
      training.update(2, 0.01, gradients);
      training.parameters.assertExactly("parameters", parameters);
      training.first.assertExactly("first moment", first);
      training.second.assertExactly("second moment", second);
    }
  }

  @Test
  void the_working_copy_is_the_rounded_parameters(DeviceFixture on) {
    Training training = new Training(on, 333, 1);
    training.update(1, 0.01, on.normals(333));
    double[] rounded =
        Arrays.stream(training.parameters.values())
            .map(x -> BFloat16.value(BFloat16.bits((float) x)))
            .toArray();
    training.working.assertExactly("working copy", rounded);
  }

  @Test
  void weight_decay_shrinks_a_parameter_without_gradient(DeviceFixture on) {
    Training training = new Training(on, 64, 0);
    double[] before = training.parameters.values();
    training.update(1, 0.5, new double[64]);
    double factor = 1 - (double) 0.5f * DECAY;
    training.parameters.assertEquals(
        "decayed",
        Arrays.stream(before)
            .mapToObj(x -> Bounded.exact(x).times(factor))
            .toArray(Bounded[]::new));
  }
}
