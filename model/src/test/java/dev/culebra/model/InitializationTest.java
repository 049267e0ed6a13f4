package dev.culebra.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DeviceExtension.class)
final class InitializationTest {
  private static Parameters initialized(Device device, ModelConfig config, long seed) {
    Parameters parameters = Parameters.forEvaluation(device, config, DType.F32);
    Initialization.initialize(parameters, seed);
    return parameters;
  }

  /** Mean and deviation of n normals lie within 6 / sqrt(n) deviations of what they should be. */
  @ParameterizedTest
  @EnumSource
  void matrices_are_normal_norms_one_and_biases_zero(TinyModels model, Device device) {
    try (Parameters parameters = initialized(device, model.config(), 7)) {
      for (ParameterLayout.Entry entry : parameters.layout().entries()) {
        float[] values = device.readFloats(parameters.tensor(entry.name()));
        if (entry.shape().length == 1) {
          float constant = entry.name().endsWith("norm.weight") ? 1 : 0;
          float[] expected = new float[values.length];
          Arrays.fill(expected, constant);
          assertArrayEquals(expected, values, entry.name());
        } else {
          boolean residual = entry.name().matches(".*(attention\\.output|mlp\\.down)\\.weight");
          double deviation = residual ? 0.02 / Math.sqrt(2 * 3) : 0.02;
          double mean = 0;
          for (float value : values) {
            mean += value / values.length;
          }
          double slack = 6 / Math.sqrt(values.length);
          assertEquals(0, mean, deviation * slack, entry.name());
          double measured = TrainingRig.norm(values) / Math.sqrt(values.length);
          assertEquals(deviation, measured, deviation * slack, entry.name());
        }
      }
    }
  }

  @Test
  void the_same_seed_gives_the_same_numbers_whatever_is_frozen(Device device) {
    ModelConfig config = TinyModels.LLAMA.config();
    try (Parameters one = initialized(device, config, 7);
        Parameters other = initialized(device, config, 8);
        Parameters frozen =
            Parameters.forTraining(
                device, config, DType.BF16, name -> name.startsWith("layers.0"))) {
      Initialization.initialize(frozen, 7);
      for (ParameterLayout.Entry entry : one.layout().entries()) {
        float[] expected = device.readFloats(one.tensor(entry.name()));
        assertArrayEquals(expected, device.readFloats(frozen.tensor(entry.name())), entry.name());
        if (entry.shape().length > 1) {
          assertFalse(
              Arrays.equals(expected, device.readFloats(other.tensor(entry.name()))), entry.name());
        }
      }
    }
  }

  @Test
  void no_two_parameters_begin_with_the_same_numbers(Device device) {
    try (Parameters parameters = initialized(device, TinyModels.GPT2.config(), 7)) {
      long matrices =
          parameters.layout().entries().stream().filter(e -> e.shape().length > 1).count();
      long different =
          parameters.layout().entries().stream()
              .filter(e -> e.shape().length > 1)
              .map(e -> device.readFloats(parameters.tensor(e.name()))[0] / deviation(e.name()))
              .distinct()
              .count();
      assertEquals(matrices, different);
    }
  }

  private static double deviation(String name) {
    return name.contains("output") || name.contains("down") ? 0.02 / Math.sqrt(6) : 0.02;
  }

  /** Checkpoints and tests elsewhere rely on a seed's numbers: these must never change. */
  @Test
  void numbers_are_the_same_on_every_machine(Device device) {
    try (Parameters parameters = initialized(device, TinyModels.GPT2.config(), 7)) {
      float[] tokens = device.readFloats(parameters.tensor("embedding.tokens"));
      assertEquals(954513409, Arrays.hashCode(tokens));
    }
  }
}
