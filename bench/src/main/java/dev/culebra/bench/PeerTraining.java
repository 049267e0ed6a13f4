package dev.culebra.bench;

import dev.culebra.model.Decoder;
import dev.culebra.model.Initialization;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Parameters;
import dev.culebra.model.TokenBatch;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Graph;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Whole training steps on one batch, as {@code training} of pytorch_peer.py. */
final class PeerTraining implements Peer.Work {
  private static final long SMALL_TENSORS = 1 << 20;

  private final Device device;
  private final int tokensPerStep;
  private final Arena arena;
  private final Parameters parameters;
  private final Decoder decoder;
  private final Graph step;

  PeerTraining(Device device, PeerShape shape) {
    this.device = device;
    this.tokensPerStep = shape.batch() * shape.length();
    ModelConfig config = shape.config();
    parameters = Parameters.forTraining(device, config, shape.dtype(), name -> false);
    Initialization.initialize(parameters, 1);
    decoder =
        Decoder.open(parameters, shape.batch(), shape.length(), Decoder.Keep.ACTIVATIONS, null);
    arena = device.memory().arena("batch", SMALL_TENSORS);
    Tensor tokens = tokens(shape);
    Tensor targets = tokens(shape);
    Tensor gradScale = floats(1f / tokensPerStep);
    Tensor stepNumber = arena.allocate(DType.I32, 1);
    device.write(stepNumber, 1);
    AdamWOptimizer optimizer =
        new AdamWOptimizer(
            parameters,
            AdamWOptimizer.Settings.DEFAULT,
            floats(1e-4f),
            stepNumber,
            arena.allocate(DType.F32, 1));
    TokenBatch batch = TokenBatch.causal(config, tokens, targets, null);
    step =
        device.capture(
            () -> {
              decoder.forwardBackward(batch, gradScale, false);
              optimizer.update();
            });
  }

  private Tensor floats(float value) {
    Tensor tensor = arena.allocate(DType.F32, 1);
    device.write(tensor, value);
    return tensor;
  }

  private Tensor tokens(PeerShape shape) {
    Tensor tensor = arena.allocate(DType.I32, shape.batch(), shape.length());
    SplittableRandom random = new SplittableRandom(1);
    int[] ids = new int[tokensPerStep];
    Arrays.setAll(ids, i -> random.nextInt(shape.vocabulary()));
    device.write(tensor, ids);
    return tensor;
  }

  @Override
  public long run(int steps) {
    for (int i = 0; i < steps; i++) {
      step.launch();
    }
    device.stream().synchronize();
    return (long) steps * tokensPerStep;
  }

  @Override
  public void close() {
    step.close();
    arena.close();
    decoder.close();
    parameters.close();
  }
}
