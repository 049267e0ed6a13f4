package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.Initialization;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(DeviceExtension.class)
final class AdamWOptimizerTest {
  private static final ModelConfig CONFIG = ModelConfig.gpt2(61, 23, 35, 2, 5);
  private static final float RATE = 0.01f;
  private static final float DECAY = 0.5f;

  /** A model with an optimizer and the first step's numbers. */
  private static final class Rig implements AutoCloseable {
    final Device device;
    final Parameters parameters;
    final Arena arena;
    final Tensor gradNorm;
    final AdamWOptimizer optimizer;

    Rig(Device device, DType dtype, float maxGradNorm) {
      this.device = device;
      parameters = Parameters.forTraining(device, CONFIG, dtype, name -> false);
      Initialization.initialize(parameters, 1);
      arena = device.memory().arena("step", 4096);
      Tensor learningRate = arena.allocate(DType.F32, 1);
      Tensor step = arena.allocate(DType.I32, 1);
      gradNorm = arena.allocate(DType.F32, 1);
      device.write(learningRate, RATE);
      device.write(step, 1);
      AdamWOptimizer.Settings settings =
          new AdamWOptimizer.Settings(0.9f, 0.95f, 1e-8f, DECAY, maxGradNorm);
      optimizer = new AdamWOptimizer(parameters, settings, learningRate, step, gradNorm);
    }

    float[] read(String name) {
      return device.readFloats(parameters.tensor(name));
    }

    @Override
    public void close() {
      parameters.close();
      arena.close();
    }
  }

  @Test
  void only_matrices_decay(Device device) {
    try (Rig rig = new Rig(device, DType.F32, 1);
        Rig start = new Rig(device, DType.F32, 1)) {
      rig.optimizer.update();
      for (ParameterLayout.Entry entry : rig.parameters.layout().entries()) {
        float[] expected = start.read(entry.name());
        if (entry.shape().length > 1) {
          for (int i = 0; i < expected.length; i++) {
            expected[i] *= 1 - RATE * DECAY;
          }
        }
        assertArrayEquals(expected, rig.read(entry.name()), 1e-7f, entry.name());
      }
    }
  }

  /** The first step of Adam is as long as the learning rate, whatever the gradient's length. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void every_range_is_updated_and_the_working_copy_follows(DType dtype, Device device) {
    try (Rig rig = new Rig(device, dtype, 1);
        Rig start = new Rig(device, dtype, 1)) {
      int n = (int) rig.parameters.gradients().elements();
      float[] ones = new float[n];
      Arrays.fill(ones, 1);
      device.write(rig.parameters.gradients(), ones);
      rig.optimizer.update();
      assertEquals(Math.sqrt(n), device.readFloats(rig.gradNorm)[0], 1e-3);
      float[] bias = rig.read("layers.1.mlp.up.bias");
      float[] expected = new float[bias.length];
      Arrays.fill(expected, -RATE);
      assertArrayEquals(expected, bias, 1e-3f * RATE);
      float[] before = start.read("layers.0.attention.qkv.weight");
      float[] after = rig.read("layers.0.attention.qkv.weight");
      for (int i = 0; i < before.length; i++) {
        assertEquals(before[i] * (1 - RATE * DECAY) - RATE, after[i], 1e-3f * RATE);
      }
      try (Arena arena = device.memory().arena("copy", rig.parameters.working().bytes() * 2)) {
        Tensor working = arena.allocate(DType.F32, rig.parameters.layout().size());
        device.ops().convert(rig.parameters.working(), working);
        float[] master = device.readFloats(rig.parameters.master());
        float[] copy = device.readFloats(working);
        for (int i = 0; i < copy.length; i++) {
          double rounding = dtype == DType.BF16 ? Math.abs(master[i]) * 0x1p-8 : 0;
          assertEquals(master[i], copy[i], rounding);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void a_gradient_that_is_no_number_changes_nothing(float fault, Device device) {
    try (Rig rig = new Rig(device, DType.F32, 1)) {
      float[] start = device.readFloats(rig.parameters.master());
      device.write(rig.parameters.gradient("layers.1.mlp.down.weight").slice(7, 8), fault);
      rig.optimizer.update();
      assertTrue(!Float.isFinite(device.readFloats(rig.gradNorm)[0]));
      assertArrayEquals(start, device.readFloats(rig.parameters.master()));
      float[] moments = device.readFloats(rig.parameters.secondMoment());
      assertArrayEquals(new float[moments.length], moments);
    }
  }

  @Test
  void settings_out_of_range_are_refused() {
    refused("beta1", () -> new AdamWOptimizer.Settings(1, 0.9f, 1e-8f, 0, 0));
    refused("beta2", () -> new AdamWOptimizer.Settings(0.9f, -0.1f, 1e-8f, 0, 0));
    refused("epsilon", () -> new AdamWOptimizer.Settings(0.9f, 0.9f, 0, 0, 0));
    refused("weightDecay", () -> new AdamWOptimizer.Settings(0.9f, 0.9f, 1e-8f, Float.NaN, 0));
    refused("maxGradNorm", () -> new AdamWOptimizer.Settings(0.9f, 0.9f, 1e-8f, 0, -1));
  }

  private static void refused(String name, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertTrue(e.getMessage().startsWith(name + " must be"), e::getMessage);
  }
}
