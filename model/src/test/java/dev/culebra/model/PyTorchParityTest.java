package dev.culebra.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.runtime.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F32 training against the numbers of {@code make_parity_fixtures.py}. */
@ExtendWith(DeviceExtension.class)
final class PyTorchParityTest {
  private static final double TOLERANCE = 1e-5;
  private static final double GRADIENT_TOLERANCE = 1e-4;

  /** The key bias's gradient is 0 but for rounding, which all gradients have a part in. */
  private static final double GRADIENT_FLOOR = 1e-7;

  private static final AdamWOptimizer.Settings SETTINGS =
      new AdamWOptimizer.Settings(0.9f, 0.95f, 1e-8f, 0.1f, 1);

  private record Run(ParityFixture fixture, TrainingRig rig) implements AutoCloseable {
    static Run start(Device device, String name) {
      ParityFixture fixture = ParityFixture.read(name);
      TrainingRig rig =
          new TrainingRig(
              device,
              fixture.config(),
              fixture.size("tokens", 1),
              fixture.size("tokens", 2),
              TrainingRig.Options.DEFAULT);
      for (ParameterLayout.Entry entry : rig.parameters.layout().entries()) {
        device.write(
            rig.parameters.tensor(entry.name()), fixture.floats("parameter." + entry.name()));
      }
      rig.parameters.refresh();
      return new Run(fixture, rig);
    }

    /** Writes a step's batch; returns the number of targets. */
    int load(int step) {
      rig.device.write(rig.tokens, ofStep(fixture.integers("tokens"), step));
      int[] targets = ofStep(fixture.integers("targets"), step);
      rig.device.write(rig.targets, targets);
      int count = (int) Arrays.stream(targets).filter(target -> target >= 0).count();
      rig.device.write(rig.gradScale, 1f / count);
      return count;
    }

    private int[] ofStep(int[] all, int step) {
      int length = (int) rig.tokens.elements();
      return Arrays.copyOfRange(all, step * length, (step + 1) * length);
    }

    @Override
    public void close() {
      rig.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void logits_equal_those_of_pytorch(String name, Device device) {
    try (Run run = Run.start(device, name)) {
      run.load(0);
      float[] expected = run.fixture.floats("logits");
      double error = TrainingRig.distance(run.rig.logits(), expected) / TrainingRig.norm(expected);
      assertTrue(error <= TOLERANCE, () -> "relative error of the logits " + error);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void every_gradient_equals_that_of_pytorch(String name, Device device) {
    try (Run run = Run.start(device, name)) {
      run.load(0);
      run.rig.forwardBackward();
      double all = run.fixture.floats("grad_norms")[0];
      List<String> wrong = new ArrayList<>();
      for (ParameterLayout.Entry entry : run.rig.parameters.layout().entries()) {
        float[] expected = run.fixture.floats("gradient." + entry.name());
        float[] gradient =
            device.readFloats(run.rig.parameters.gradient(entry.name()).slice(0, entry.elements()));
        double error = TrainingRig.distance(gradient, expected);
        double allowed = GRADIENT_TOLERANCE * TrainingRig.norm(expected) + GRADIENT_FLOOR * all;
        if (!(error <= allowed)) {
          wrong.add(entry.name() + ": error " + error + ", allowed " + allowed);
        }
      }
      assertEquals(List.of(), wrong);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void ten_steps_have_the_losses_of_pytorch(String name, Device device) {
    try (Run run = Run.start(device, name)) {
      TrainingRig rig = run.rig;
      AdamWOptimizer optimizer =
          new AdamWOptimizer(rig.parameters, SETTINGS, rig.learningRate, rig.step, rig.gradNorm);
      float[] losses = run.fixture.floats("losses");
      float[] norms = run.fixture.floats("grad_norms");
      float[] rates = run.fixture.floats("learning_rates");
      for (int step = 0; step < losses.length; step++) {
        int count = run.load(step);
        device.write(rig.step, step + 1);
        device.write(rig.learningRate, rates[step]);
        rig.forwardBackward();
        optimizer.update();
        assertEquals(losses[step], rig.lossSum() / count, TOLERANCE * losses[step], "loss " + step);
        float norm = device.readFloats(rig.gradNorm)[0];
        assertEquals(norms[step], norm, GRADIENT_TOLERANCE * norms[step], "norm " + step);
      }
    }
  }
}
