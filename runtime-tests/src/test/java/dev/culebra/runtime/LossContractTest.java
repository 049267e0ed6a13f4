package dev.culebra.runtime;

import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.CentralDifferences;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.LossReference;
import dev.culebra.fixtures.Shapes;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class LossContractTest {
  @Test
  @Tag("short-vectors")
  void cross_entropy_and_its_gradient_equal_the_reference(DeviceFixture on) {
    on.repeat(
        12,
        () -> {
          DType dtype = on.floatType();
          boolean large = on.random().nextInt(3) == 0; // more than a device takes in at a time
          int rows = large ? Shapes.small(on.random()) : Shapes.odd(on.random());
          int vocabulary = Shapes.odd(on.random()) + (large ? on.random().nextInt(20_000) : 0);
          int[] target = targets(on, rows, vocabulary);
          GuardedTensor logits = on.inOut(dtype, rows, vocabulary);
          logits.set(Arrays.stream(logits.values()).map(x -> 6 * x).toArray());
          GuardedTensor targets = on.indices(target);
          GuardedTensor gradScale = on.input(DType.F32, 1);
          GuardedTensor losses = on.output(DType.F32, rows);
          GuardedTensor again = on.output(DType.F32, rows);
          double[] x = logits.values();
          on.run(() -> on.ops().crossEntropy(logits.tensor(), targets.tensor(), losses.tensor()));
          logits.assertExactly("logits stay", x);
          on.run(
              () ->
                  on.ops()
                      .crossEntropyWithGradient(
                          logits.tensor(), targets.tensor(), gradScale.tensor(), again.tensor()));
          losses.assertEquals("losses", LossReference.losses(x, target));
          again.assertEquals("losses with gradient", LossReference.losses(x, target));
          logits.assertEquals("gradient", LossReference.gradient(x, target, gradScale.values()[0]));
        });
  }

  @Test
  void cross_entropy_stays_finite_where_an_exponential_would_not(DeviceFixture on) {
    GuardedTensor logits = on.inOut(DType.F32, 2, 3).set(300, 0, -300, -1000, -1001, -1002);
    GuardedTensor targets = on.indices(2, 0);
    GuardedTensor losses = on.output(DType.F32, 2);
    on.run(() -> on.ops().crossEntropy(logits.tensor(), targets.tensor(), losses.tensor()));
    losses.assertEquals("losses", LossReference.losses(logits.values(), new int[] {2, 0}));
  }

  @Test
  void reference_gradient_is_the_derivative(DeviceFixture on) {
    double[] logits = on.normals(5, 13);
    int[] targets = {0, 12, -1, 7, 7};
    CentralDifferences.assertGradient(
        "logits",
        at ->
            0.25
                * Arrays.stream(LossReference.losses(at, targets))
                    .mapToDouble(Bounded::value)
                    .sum(),
        logits,
        LossReference.gradient(logits, targets, 0.25),
        on.random());
  }

  /** About one in eight is negative: no target. */
  private static int[] targets(DeviceFixture on, int rows, int vocabulary) {
    return Arrays.stream(on.below(vocabulary, rows))
        .map(target -> on.random().nextInt(8) == 0 ? -1 - target : target)
        .toArray();
  }
}
