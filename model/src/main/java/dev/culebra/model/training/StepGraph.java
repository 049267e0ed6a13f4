package dev.culebra.model.training;

import dev.culebra.model.Decoder;
import dev.culebra.model.TokenBatch;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Event;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.HostBuffer;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * One training step, captured once: copies of the batches, passes, update, copies of loss and
 * gradient norm back. It has host buffers of its own, so that with two of these the host fills one
 * while the device still works on the other.
 */
final class StepGraph implements AutoCloseable {
  private final Device device;
  private final TrainingConfig config;
  private final List<HostBatch> passes = new ArrayList<>();
  private final HostBuffer lossSum;
  private final HostBuffer gradNorm;
  private final Graph graph;
  private Event done;
  private long step;
  private long targets;

  /** What a step gave. */
  record Result(long step, double loss, float gradNorm) {
    boolean finite() {
      return Double.isFinite(loss) && Float.isFinite(gradNorm);
    }
  }

  StepGraph(
      Device device,
      TrainingConfig config,
      Decoder decoder,
      AdamWOptimizer optimizer,
      BatchInput input,
      Tensor norm) {
    this.device = device;
    this.config = config;
    for (int i = 0; i < config.accumulation(); i++) {
      passes.add(new HostBatch(device, input));
    }
    lossSum = device.hostBuffer(Float.BYTES);
    gradNorm = device.hostBuffer(Float.BYTES);
    TokenBatch batch = input.tokenBatch(decoder.parameters().config());
    graph =
        device.capture(
            () -> {
              for (int i = 0; i < passes.size(); i++) {
                passes.get(i).send();
                decoder.forwardBackward(batch, input.gradScale(), i > 0);
              }
              optimizer.update();
              device.copy(decoder.lossSum(), lossSum);
              device.copy(norm, gradNorm);
            });
  }

  /** Whether a result waits to be taken by {@link #finish}. */
  boolean pending() {
    return done != null;
  }

  /**
   * Fills the host buffers and enqueues the step; the result of the one before must be taken.
   *
   * @param step from 1
   */
  void launch(long step, BatchSource source) {
    this.step = step;
    targets = 0;
    for (HostBatch pass : passes) {
      targets += pass.fill(source);
    }
    float gradScale = targets == 0 ? 0 : 1f / targets;
    int first = Math.toIntExact((step - 1) * config.accumulation());
    for (int i = 0; i < passes.size(); i++) {
      float learningRate = config.learningRate(step);
      passes.get(i).set(config.seed(), first + i, learningRate, (int) step, gradScale);
    }
    graph.launch();
    done = device.stream().record();
  }

  /** Enqueues the latest step once more, with the same batches; gives no result. */
  void repeat() {
    graph.launch();
  }

  /** Waits for the step and takes its result. */
  Result finish() {
    done.synchronize();
    done.close();
    done = null;
    double sum = lossSum.segment().get(ValueLayout.JAVA_FLOAT, 0);
    float norm = gradNorm.segment().get(ValueLayout.JAVA_FLOAT, 0);
    return new Result(step, targets == 0 ? 0 : sum / targets, norm);
  }

  @Override
  public void close() {
    graph.close();
    passes.forEach(HostBatch::close);
    lossSum.close();
    gradNorm.close();
  }
}
