package dev.culebra.model.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.Decoder;
import dev.culebra.model.Initialization;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.model.ParityFixture;
import dev.culebra.model.TinyModels;
import dev.culebra.model.TokenBatch;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.WeightFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Generation's way through a model, token by token over a cache, against training's. */
@ExtendWith(DeviceExtension.class)
final class CachedDecoderTest {
  /** Of the logits' norm; both paths sum in F32, in orders of their own. */
  private static final double TOLERANCE = 1e-5;

  /** Longer than two chunks of a prompt. */
  private static final int LONG_CONTEXT = 600;

  private static final int SLIDING_WINDOW = 7;

  private final long seed = DeviceExtension.seed();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @EnumSource
  void logits_over_a_cache_are_those_of_the_whole_text(TinyModels model, Device device) {
    for (int window : new int[] {0, SLIDING_WINDOW}) {
      ModelConfig config = model.config(23, 0, window);
      try (Parameters parameters = randomParameters(device, config)) {
        int[] tokens = tokens(config, 3 * config.contextLength());
        assertSame(
            wholeTextLogits(parameters, tokens, 3), cachedLogits(parameters, tokens, 3), "random");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void logits_over_a_cache_are_those_of_the_whole_text_after_training(
      TinyModels model, Device device) {
    ModelConfig config = model.config(23, 0, 0);
    try (Parameters parameters = Parameters.forTraining(device, config, DType.F32, name -> false)) {
      Initialization.initialize(parameters, seed);
      int[] tokens = tokens(config, config.contextLength());
      float[] before = wholeTextLogits(parameters, tokens, 1);
      train(parameters, 5);
      float[] trained = wholeTextLogits(parameters, tokens, 1);
      assertTrue(distance(before, trained) > 0.1 * norm(before), "training changed nothing");
      assertSame(trained, cachedLogits(parameters, tokens, 1), "trained");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void logits_over_a_cache_are_those_of_pytorch(String name, Device device) {
    ParityFixture fixture = ParityFixture.read(name);
    ModelConfig config = fixture.config();
    int batch = fixture.size("tokens", 1);
    int length = fixture.size("tokens", 2);
    try (Parameters parameters = Parameters.forEvaluation(device, config, DType.F32)) {
      for (ParameterLayout.Entry entry : parameters.layout().entries()) {
        device.write(parameters.tensor(entry.name()), fixture.floats("parameter." + entry.name()));
      }
      parameters.refresh();
      int[] tokens = Arrays.copyOf(fixture.integers("tokens"), batch * length);
      assertSame(fixture.floats("logits"), cachedLogits(parameters, tokens, batch), "PyTorch");
    }
  }

  @ParameterizedTest
  @EnumSource
  void generated_tokens_are_the_likeliest_of_the_whole_text(TinyModels model, Device device) {
    ModelConfig config = model.config(LONG_CONTEXT, 0, 0);
    int[] lengths = {1, 257, 530, 256, 512};
    int made = 9;
    try (Parameters parameters = randomParameters(device, config);
        GenerationWeights weights = weights(parameters);
        TokenGenerator generator =
            new TokenGenerator(weights, lengths.length + 1, LONG_CONTEXT, DType.F32)) {
      List<int[]> prompts = new ArrayList<>();
      List<List<Integer>> texts = new ArrayList<>();
      for (int length : lengths) {
        int[] prompt = tokens(config, length);
        prompts.add(prompt);
        texts.add(new ArrayList<>(Arrays.stream(prompt).boxed().toList()));
      }
      generator.generate(
          prompts,
          SamplingOptions.GREEDY.withMaxTokens(made),
          -1,
          (sequence, token) -> texts.get(sequence).add(token));
      for (int i = 0; i < lengths.length; i++) {
        int[] text = texts.get(i).stream().mapToInt(token -> token).toArray();
        assertEquals(lengths[i] + made, text.length);
        assertLikeliest(wholeTextLogits(parameters, text, 1), text, lengths[i]);
      }
    }
  }

  /** Each token from {@code from} on has the largest logit, or one that rounding can't tell. */
  private void assertLikeliest(float[] logits, int[] text, int from) {
    int vocabulary = logits.length / text.length;
    for (int t = from; t < text.length; t++) {
      float[] row = Arrays.copyOfRange(logits, (t - 1) * vocabulary, t * vocabulary);
      float largest = row[0];
      for (float logit : row) {
        largest = Math.max(largest, logit);
      }
      String message = "token %d after %d, seed %d".formatted(t, from, seed);
      assertEquals(largest, row[text[t]], TOLERANCE * norm(row), message);
    }
  }

  private void assertSame(float[] expected, float[] actual, String which) {
    assertEquals(expected.length, actual.length);
    double error = distance(expected, actual) / norm(expected);
    assertTrue(error <= TOLERANCE, which + ": relative error " + error + ", seed " + seed);
  }

  /** Logits of {@code batch} sequences laid end to end, {@code [B T V]}, by training's decoder. */
  private static float[] wholeTextLogits(Parameters parameters, int[] tokens, int batch) {
    Device device = parameters.device();
    ModelConfig config = parameters.config();
    int rows = tokens.length;
    long bytes = Allocator.align(4L * rows) + 4L * rows * config.vocabularySize();
    try (Arena arena = device.memory().arena("whole text", bytes);
        Decoder decoder =
            Decoder.open(parameters, batch, rows / batch, Decoder.Keep.NOTHING, null)) {
      Tensor input = arena.allocate(DType.I32, batch, rows / batch);
      Tensor logits = arena.allocate(DType.F32, rows, config.vocabularySize());
      device.write(input, tokens);
      decoder.logits(TokenBatch.causal(config, input, input, null), logits);
      return device.readFloats(logits);
    }
  }

  /** The same by way of the cache, a random number of tokens of one sequence at a time. */
  private float[] cachedLogits(Parameters parameters, int[] tokens, int batch) {
    ModelConfig config = parameters.config();
    int length = tokens.length / batch;
    try (GenerationWeights weights = weights(parameters);
        CachedPass pass = new CachedPass(weights, batch, length)) {
      float[] all = new float[tokens.length * config.vocabularySize()];
      int[] done = new int[batch];
      for (int left = tokens.length; left > 0; ) {
        int sequence = random.nextInt(batch);
        int rows = Math.min(random.nextInt(1, length + 1), length - done[sequence]);
        if (rows > 0) {
          int from = sequence * length + done[sequence];
          int[] part = Arrays.copyOfRange(tokens, from, from + rows);
          float[] logits = pass.logits(part, sequence, done[sequence]);
          System.arraycopy(logits, 0, all, from * config.vocabularySize(), logits.length);
          done[sequence] += rows;
          left -= rows;
        }
      }
      return all;
    }
  }

  /** A cache and a decoder over it. */
  private static final class CachedPass implements AutoCloseable {
    private final Device device;
    private final int vocabulary;
    private final Arena arena;
    private CachedDecoder decoder;
    private Tensor tokens;
    private Tensor sequences;
    private Tensor positions;
    private Tensor logits;
    private DecoderCache cache;

    CachedPass(GenerationWeights weights, int batch, int length) {
      device = weights.device();
      vocabulary = weights.config().vocabularySize();
      long bytes = Allocator.measure(device, counter -> plan(counter, weights, batch, length));
      arena = device.memory().arena("cached pass", bytes);
      plan(arena, weights, batch, length);
      cache.assignPages();
      decoder.prepare();
    }

    private void plan(Allocator allocator, GenerationWeights weights, int batch, int length) {
      ModelConfig config = weights.config();
      cache = DecoderCache.allocate(allocator, config, batch, length, DType.F32);
      decoder = new CachedDecoder(device, config, weights.decoder(), cache, allocator, length);
      tokens = allocator.allocate(DType.I32, length);
      sequences = allocator.allocate(DType.I32, length);
      positions = allocator.allocate(DType.I32, length);
      logits = allocator.allocate(DType.F32, length, vocabulary);
    }

    float[] logits(int[] part, int sequence, int from) {
      int rows = part.length;
      int[] places = new int[rows];
      int[] sequenceOf = new int[rows];
      Arrays.setAll(places, i -> from + i);
      Arrays.fill(sequenceOf, sequence);
      device.write(tokens.slice(0, rows), part);
      device.write(sequences.slice(0, rows), sequenceOf);
      device.write(positions.slice(0, rows), places);
      Tensor hidden =
          decoder.forward(
              tokens.slice(0, rows), sequences.slice(0, rows), positions.slice(0, rows));
      decoder.logits(hidden, logits.rows(0, rows));
      return device.readFloats(logits.rows(0, rows));
    }

    @Override
    public void close() {
      arena.close();
    }
  }

  private static GenerationWeights weights(Parameters parameters) {
    return GenerationWeights.load(
        parameters.device(),
        parameters.config(),
        (name, shape) -> MemorySegment.ofArray(values(parameters, name)),
        WeightFormat.SOURCE);
  }

  private static float[] values(Parameters parameters, String name) {
    return parameters.device().readFloats(parameters.tensor(name));
  }

  private int[] tokens(ModelConfig config, int count) {
    return random.ints(count, 0, config.vocabularySize()).toArray();
  }

  /** Numbers so large that logits differ clearly. */
  private Parameters randomParameters(Device device, ModelConfig config) {
    Parameters parameters = Parameters.forEvaluation(device, config, DType.F32);
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      double mean = entry.name().endsWith("norm.weight") ? 1 : 0;
      float[] values = new float[(int) entry.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (mean + 0.2 * random.nextGaussian());
      }
      device.write(parameters.tensor(entry.name()), values);
    }
    parameters.refresh();
    return parameters;
  }

  private void train(Parameters parameters, int steps) {
    Device device = parameters.device();
    ModelConfig config = parameters.config();
    int length = config.contextLength();
    try (Arena arena = device.memory().arena("training", 8 * Allocator.ALIGNMENT);
        Decoder decoder = Decoder.open(parameters, 1, length, Decoder.Keep.ACTIVATIONS, null)) {
      Tensor tokens = arena.allocate(DType.I32, 1, length);
      Tensor targets = arena.allocate(DType.I32, 1, length);
      Tensor gradScale = arena.allocate(DType.F32, 1);
      Tensor learningRate = arena.allocate(DType.F32, 1);
      Tensor step = arena.allocate(DType.I32, 1);
      Tensor gradNorm = arena.allocate(DType.F32, 1);
      AdamWOptimizer optimizer =
          new AdamWOptimizer(
              parameters, AdamWOptimizer.Settings.DEFAULT, learningRate, step, gradNorm);
      TokenBatch batch = TokenBatch.causal(config, tokens, targets, null);
      device.write(tokens, tokens(config, length));
      device.write(targets, tokens(config, length));
      device.write(gradScale, 1f / length);
      device.write(learningRate, 1e-2f);
      for (int i = 1; i <= steps; i++) {
        device.write(step, i);
        decoder.forwardBackward(batch, gradScale, false);
        optimizer.update();
      }
    }
  }

  private static double norm(float[] x) {
    return distance(x, new float[x.length]);
  }

  private static double distance(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double difference = (double) x[i] - y[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
