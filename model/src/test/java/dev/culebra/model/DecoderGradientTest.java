package dev.culebra.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.Decoder.Keep;
import dev.culebra.model.TrainingRig.Options;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The backward pass as a whole; the parity test compares its parts with PyTorch's. */
@ExtendWith(DeviceExtension.class)
final class DecoderGradientTest {
  private static final int BATCH = 3;
  private static final int LENGTH = 19;
  private static final double DEVIATION = 0.2;

  /** Share of all gradients that the key bias's, 0 but for rounding, may differ by. */
  private static final double GRADIENT_FLOOR = 1e-7;

  private final Random random = new Random(DeviceExtension.seed());

  private static Stream<Arguments> masksAndDropouts() {
    return Stream.of(TinyModels.values())
        .flatMap(
            model ->
                Stream.of(
                    Arguments.of(model, 0f, 0, true, false),
                    Arguments.of(model, 0.2f, 0, true, false),
                    Arguments.of(model, 0f, 5, true, false),
                    Arguments.of(model, 0f, 0, true, true),
                    Arguments.of(model, 0.1f, 7, false, true)));
  }

  /**
   * The loss along the gradient, by the five-point formula, whose own error is of the order h⁴. At
   * h = 0.001 rounding prevails: losses of about 5 with relative errors of 2^-23 each, averaged
   * over 57 tokens, make up to 1e-4 of a gradient of length 2 and more. 3e-4 leaves room.
   */
  @ParameterizedTest
  @MethodSource("masksAndDropouts")
  void loss_changes_along_the_gradient_as_the_gradient_says(
      TinyModels model,
      float dropout,
      int window,
      boolean causal,
      boolean documents,
      Device device) {
    ModelConfig config = model.config(23, dropout, window);
    try (TrainingRig rig = rig(device, config, Options.DEFAULT)) {
      device.write(rig.documents, documents(random, BATCH, LENGTH));
      AttentionMask mask = new AttentionMask(causal, window, documents ? rig.documents : null);
      TokenBatch batch = new TokenBatch(rig.tokens, rig.targets, mask);
      loss(rig, batch);
      float[] gradient = rig.gradients();
      float[] start = device.readFloats(rig.parameters.master());
      double norm = TrainingRig.norm(gradient);
      double h = 0.001;
      double slope =
          (8
                      * (lossAt(rig, batch, start, gradient, h / norm)
                          - lossAt(rig, batch, start, gradient, -h / norm))
                  - (lossAt(rig, batch, start, gradient, 2 * h / norm)
                      - lossAt(rig, batch, start, gradient, -2 * h / norm)))
              / (12 * h);
      assertEquals(norm, slope, 3e-4 * norm);
    }
  }

  private double lossAt(
      TrainingRig rig, TokenBatch batch, float[] start, float[] direction, double step) {
    float[] moved = start.clone();
    for (int i = 0; i < moved.length; i++) {
      moved[i] += (float) (step * direction[i]);
    }
    rig.device.write(rig.parameters.master(), moved);
    rig.parameters.refresh();
    return loss(rig, batch);
  }

  /** Mean of the losses, dropouts included. */
  private static double loss(TrainingRig rig, TokenBatch batch) {
    rig.decoder.forwardBackward(batch, rig.gradScale, false);
    double sum = 0;
    for (float loss : rig.device.readFloats(rig.decoder.losses())) {
      sum += loss;
    }
    return sum / rig.tokens.elements();
  }

  private static Stream<Arguments> modelsAndDtypes() {
    return Stream.of(TinyModels.values())
        .flatMap(
            model -> Stream.of(Arguments.of(model, DType.F32), Arguments.of(model, DType.BF16)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndDtypes")
  void recomputed_activations_give_the_same_bits(TinyModels model, DType dtype, Device device) {
    Options options = Options.DEFAULT.withDtype(dtype);
    ModelConfig config = model.withDropout();
    try (TrainingRig kept = rig(device, config, options);
        TrainingRig recomputed = rig(device, config, options.withKeep(Keep.BLOCK_INPUTS))) {
      copyInputs(kept, recomputed);
      kept.forwardBackward();
      recomputed.forwardBackward();
      assertArrayEquals(
          device.readFloats(kept.decoder.losses()), device.readFloats(recomputed.decoder.losses()));
      assertArrayEquals(kept.gradients(), recomputed.gradients());
      assertTrue(recomputed.decoder.memory().bytes() < kept.decoder.memory().bytes());
    }
  }

  /**
   * One batch of 1,266 rows, whose head takes two chunks, and its halves: the same sums in another
   * order. A sum of n terms has a relative error of about sqrt(n) 2^-24; eight times that leaves
   * room for terms that cancel.
   */
  @ParameterizedTest
  @EnumSource
  void two_passes_add_up_to_one_of_both_batches(TinyModels model, Device device) {
    int half = 3;
    int length = 211;
    int rows = 2 * half * length;
    assertTrue(rows > LanguageModelHead.CHUNK_ROWS);
    ModelConfig config = model.config(length, 0, 0);
    try (TrainingRig whole = new TrainingRig(device, config, 2 * half, length, Options.DEFAULT);
        TrainingRig halves = new TrainingRig(device, config, half, length, Options.DEFAULT)) {
      long seed = random.nextLong();
      whole.randomize(new Random(seed), DEVIATION);
      halves.randomize(new Random(seed), DEVIATION);
      whole.writeRandomBatch(random);
      int[] tokens = device.readInts(whole.tokens);
      int[] targets = device.readInts(whole.targets);
      device.write(halves.gradScale, 1f / rows);
      // What an earlier step left must not count.
      device.ops().fill(halves.parameters.gradients(), 1000);
      device.ops().fill(whole.parameters.gradients(), 1000);
      whole.forwardBackward();
      for (int i = 0; i < 2; i++) {
        int from = i * rows / 2;
        device.write(halves.tokens, Arrays.copyOfRange(tokens, from, from + rows / 2));
        device.write(halves.targets, Arrays.copyOfRange(targets, from, from + rows / 2));
        halves.decoder.forwardBackward(halves.batch, halves.gradScale, i > 0);
      }
      double tolerance = 8 * Math.sqrt(rows) * 0x1p-24;
      assertEquals(whole.lossSum(), halves.lossSum(), tolerance * whole.lossSum());
      double all = 0;
      for (ParameterLayout.Entry entry : whole.parameters.layout().entries()) {
        all = Math.hypot(all, TrainingRig.norm(values(whole, entry)));
      }
      for (ParameterLayout.Entry entry : whole.parameters.layout().entries()) {
        float[] one = values(whole, entry);
        float[] two = values(halves, entry);
        double allowed = tolerance * TrainingRig.norm(one) + GRADIENT_FLOOR * all;
        double error = TrainingRig.distance(one, two);
        assertTrue(error <= allowed, () -> entry.name() + ": " + error + ", allowed " + allowed);
      }
    }
  }

  private static float[] values(TrainingRig rig, ParameterLayout.Entry entry) {
    return rig.device.readFloats(rig.parameters.gradient(entry.name()));
  }

  @ParameterizedTest
  @EnumSource
  void nothing_to_predict_gives_no_loss_and_no_gradient(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.config(), Options.DEFAULT)) {
      int[] none = new int[BATCH * LENGTH];
      Arrays.fill(none, -1);
      device.write(rig.targets, none);
      rig.forwardBackward();
      assertEquals(0, rig.lossSum());
      assertEquals(0, TrainingRig.norm(rig.gradients()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void dropout_repeats_by_seed_and_step(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.withDropout(), Options.DEFAULT)) {
      rig.forwardBackward();
      float[] first = rig.gradients();
      rig.forwardBackward();
      assertArrayEquals(first, rig.gradients());
      device.write(rig.random, 1, 2, 4);
      rig.forwardBackward();
      assertFalse(Arrays.equals(first, rig.gradients()));
    }
  }

  /**
   * bfloat16 keeps 8 bits: relative errors of 2^-9 an operation, a dozen operations deep. Gradients
   * go through as many again, each with rounded activations as factors: twice that depth, twice.
   */
  @ParameterizedTest
  @EnumSource
  void bf16_training_stays_close_to_f32(TinyModels model, Device device) {
    try (TrainingRig exact = rig(device, model.config(), Options.DEFAULT);
        TrainingRig rounded = rig(device, model.config(), Options.DEFAULT.withDtype(DType.BF16))) {
      copyInputs(exact, rounded);
      exact.forwardBackward();
      rounded.forwardBackward();
      double depth = 12 * 0x1p-9;
      assertEquals(exact.lossSum(), rounded.lossSum(), depth * exact.lossSum());
      float[] gradients = exact.gradients();
      double error = TrainingRig.distance(gradients, rounded.gradients());
      assertTrue(error <= 4 * depth * TrainingRig.norm(gradients), () -> "gradients " + error);
      assertTrue(error > 0);
    }
  }

  private TrainingRig rig(Device device, ModelConfig config, Options options) {
    TrainingRig rig = new TrainingRig(device, config, BATCH, LENGTH, options);
    rig.randomize(random, DEVIATION);
    rig.writeRandomBatch(random);
    return rig;
  }

  private static void copyInputs(TrainingRig from, TrainingRig to) {
    Device device = from.device;
    device.write(to.parameters.master(), from.master());
    to.parameters.refresh();
    device.write(to.tokens, device.readInts(from.tokens));
    device.write(to.targets, device.readInts(from.targets));
  }

  /** Rows of documents of random lengths. */
  static int[] documents(Random random, int batch, int length) {
    int[] documents = new int[batch * length];
    for (int i = 1; i < documents.length; i++) {
      boolean next = i % length != 0 && random.nextInt(6) == 0;
      documents[i] = i % length == 0 ? 0 : documents[i - 1] + (next ? 1 : 0);
    }
    return documents;
  }
}
