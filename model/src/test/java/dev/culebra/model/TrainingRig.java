package dev.culebra.model;

import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Predicate;

/** A model in training, with a batch and all that changes from step to step. */
final class TrainingRig implements AutoCloseable {
  static final long SEED = 42;

  final Device device;
  final Parameters parameters;
  final Decoder decoder;
  final Tensor tokens;
  final Tensor targets;
  final Tensor documents;
  final Tensor random;
  final Tensor gradScale;
  final Tensor learningRate;
  final Tensor step;
  final Tensor gradNorm;
  final TokenBatch batch;
  private final Arena arena;

  /** What most tests leave as it is. */
  record Options(DType dtype, Decoder.Keep keep, boolean documents, Predicate<String> frozen) {
    static final Options DEFAULT =
        new Options(DType.F32, Decoder.Keep.ACTIVATIONS, false, name -> false);

    Options withDtype(DType other) {
      return new Options(other, keep, documents, frozen);
    }

    Options withKeep(Decoder.Keep other) {
      return new Options(dtype, other, documents, frozen);
    }

    Options withDocuments() {
      return new Options(dtype, keep, true, frozen);
    }

    Options withFrozen(Predicate<String> other) {
      return new Options(dtype, keep, documents, other);
    }
  }

  TrainingRig(Device device, ModelConfig config, int batchSize, int length, Options options) {
    this.device = device;
    parameters = Parameters.forTraining(device, config, options.dtype, options.frozen);
    arena = device.memory().arena("inputs", 1 << 20);
    tokens = arena.allocate(DType.I32, batchSize, length);
    targets = arena.allocate(DType.I32, batchSize, length);
    documents = arena.allocate(DType.I32, batchSize, length);
    random = arena.allocate(DType.I32, 3);
    gradScale = arena.allocate(DType.F32, 1);
    learningRate = arena.allocate(DType.F32, 1);
    step = arena.allocate(DType.I32, 1);
    gradNorm = arena.allocate(DType.F32, 1);
    batch = TokenBatch.causal(config, tokens, targets, options.documents ? documents : null);
    decoder = Decoder.open(parameters, batchSize, length, options.keep, random);
    Initialization.initialize(parameters, SEED);
    device.write(random, 1, 2, 3);
    device.write(gradScale, 1f / (batchSize * length));
    device.write(learningRate, 1e-3f);
    device.write(step, 1);
  }

  AdamWOptimizer optimizer() {
    return new AdamWOptimizer(
        parameters, AdamWOptimizer.Settings.DEFAULT, learningRate, step, gradNorm);
  }

  /** Small initial numbers make every gradient small: larger ones, and norms and biases apart. */
  void randomize(Random random, double deviation) {
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      double mean = entry.name().endsWith("norm.weight") ? 1 : 0;
      float[] values = new float[(int) entry.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (mean + deviation * random.nextGaussian());
      }
      device.write(parameters.tensor(entry.name()), values);
    }
    parameters.refresh();
  }

  void writeRandomBatch(Random random) {
    int vocabulary = parameters.config().vocabularySize();
    int count = (int) tokens.elements();
    device.write(tokens, random.ints(count, 0, vocabulary).toArray());
    device.write(targets, random.ints(count, 0, vocabulary).toArray());
  }

  void forwardBackward() {
    decoder.forwardBackward(batch, gradScale, false);
  }

  float[] gradients() {
    return device.readFloats(parameters.gradients());
  }

  float[] master() {
    return device.readFloats(parameters.master());
  }

  float lossSum() {
    return device.readFloats(decoder.lossSum())[0];
  }

  float[] logits() {
    long rows = tokens.elements();
    long vocabulary = parameters.config().vocabularySize();
    try (Arena out = device.memory().arena("logits", rows * vocabulary * Float.BYTES)) {
      Tensor logits = out.allocate(DType.F32, rows, vocabulary);
      decoder.logits(batch, logits);
      return device.readFloats(logits);
    }
  }

  /** Euclidean norm. */
  static double norm(float[] x) {
    double sum = 0;
    for (float value : x) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  static double distance(float[] x, float[] y) {
    float[] difference = Arrays.copyOf(x, x.length);
    for (int i = 0; i < x.length; i++) {
      difference[i] -= y[i];
    }
    return norm(difference);
  }

  @Override
  public void close() {
    decoder.close();
    parameters.close();
    arena.close();
  }
}
