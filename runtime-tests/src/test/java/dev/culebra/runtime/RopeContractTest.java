package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.RopeReference;
import dev.culebra.fixtures.Shapes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class RopeContractTest {
  @Test
  @Tag("short-vectors")
  void rope_turns_each_pair_by_its_angle_and_back(DeviceFixture on) {
    on.repeat(
        10,
        () -> {
          DType dtype = on.floatType();
          int heads = 1 + on.random().nextInt(3);
          int half = Shapes.small(on.random());
          int rows = Shapes.odd(on.random());
          boolean inverse = on.random().nextBoolean();
          int[] position = on.below(2048, rows);
          GuardedTensor x = on.inOut(dtype, rows, 2L * heads * half);
          GuardedTensor positions = on.indices(position);
          GuardedTensor frequencies = frequencies(on, half);
          var expected =
              RopeReference.rope(x.values(), position, frequencies.values(), heads, inverse);
          on.run(
              () ->
                  on.ops()
                      .rope(x.tensor(), positions.tensor(), frequencies.tensor(), heads, inverse));
          x.assertEquals("turned", expected);
        });
  }

  @Test
  void turning_back_undoes_the_turn(DeviceFixture on) {
    GuardedTensor x = on.inOut(DType.F32, 31, 3 * 16);
    double[] before = x.values();
    GuardedTensor positions = on.indices(on.below(4096, 31));
    GuardedTensor frequencies = frequencies(on, 8);
    on.run(
        () -> {
          on.ops().rope(x.tensor(), positions.tensor(), frequencies.tensor(), 3, false);
          on.ops().rope(x.tensor(), positions.tensor(), frequencies.tensor(), 3, true);
        });
    assertArrayEquals(before, x.values(), 1e-5);
  }

  private static GuardedTensor frequencies(DeviceFixture on, int half) {
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = Math.pow(10_000, -(double) i / half);
    }
    return on.input(DType.F32, half).set(frequencies);
  }
}
