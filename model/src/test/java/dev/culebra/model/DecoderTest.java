package dev.culebra.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.model.Decoder.Keep;
import dev.culebra.model.TrainingRig.Options;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Graph;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DeviceExtension.class)
final class DecoderTest {
  private static final int BATCH = 3;
  private static final int LENGTH = 19;
  private static final int STEPS = 3;

  private final long seed = DeviceExtension.seed();
  private final Random random = new Random(seed);

  /** Two passes and an update, as a step with accumulation does it. */
  private static void enqueueStep(TrainingRig rig, AdamWOptimizer optimizer) {
    rig.decoder.forwardBackward(rig.batch, rig.gradScale, false);
    rig.decoder.forwardBackward(rig.batch, rig.gradScale, true);
    optimizer.update();
  }

  /** What differs from step to step. */
  private void writeStep(TrainingRig rig, int step) {
    rig.writeRandomBatch(new Random(seed + step));
    rig.device.write(rig.random, 5, 6, step);
    rig.device.write(rig.learningRate, 1e-2f / step);
    rig.device.write(rig.step, step);
  }

  private float[] train(TrainingRig rig) {
    AdamWOptimizer optimizer = rig.optimizer();
    for (int step = 1; step <= STEPS; step++) {
      writeStep(rig, step);
      enqueueStep(rig, optimizer);
    }
    return rig.master();
  }

  private static TrainingRig rig(Device device, ModelConfig config, Options options) {
    return new TrainingRig(device, config, BATCH, LENGTH, options);
  }

  @ParameterizedTest
  @EnumSource
  void captured_steps_give_the_same_bits_as_direct_ones(TinyModels model, Device device) {
    ModelConfig config = model.withDropout();
    try (TrainingRig direct = rig(device, config, Options.DEFAULT);
        TrainingRig captured = rig(device, config, Options.DEFAULT)) {
      float[] start = captured.master();
      AdamWOptimizer optimizer = captured.optimizer();
      try (Graph graph = device.capture(() -> enqueueStep(captured, optimizer))) {
        assertArrayEquals(start, captured.master(), "capturing must not run anything");
        for (int step = 1; step <= STEPS; step++) {
          writeStep(captured, step);
          graph.launch();
        }
      }
      assertArrayEquals(train(direct), captured.master());
      assertFalse(Arrays.equals(start, captured.master()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void training_on_one_batch_learns_it(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.config(), Options.DEFAULT)) {
      rig.writeRandomBatch(random);
      AdamWOptimizer optimizer = rig.optimizer();
      device.write(rig.learningRate, 1e-2f);
      rig.forwardBackward();
      float first = rig.lossSum() / (BATCH * LENGTH);
      // Small initial numbers predict all tokens alike.
      assertEquals(Math.log(TinyModels.VOCABULARY), first, 0.1);
      for (int step = 1; step <= 60; step++) {
        device.write(rig.step, step);
        rig.forwardBackward();
        optimizer.update();
      }
      rig.decoder.loss(rig.batch, false);
      assertTrue(rig.lossSum() / (BATCH * LENGTH) < first / 4, () -> "loss " + rig.lossSum());
    }
  }

  @ParameterizedTest
  @EnumSource
  void logits_ignore_tokens_of_other_documents(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.config(), Options.DEFAULT.withDocuments())) {
      rig.randomize(random, 0.2);
      rig.writeRandomBatch(random);
      int[] documents = DecoderGradientTest.documents(random, BATCH, LENGTH);
      device.write(rig.documents, documents);
      float[] before = rig.logits();
      // Row 0 begins with document 0: change all of it.
      int[] tokens = device.readInts(rig.tokens);
      int end = 0;
      while (end < LENGTH && documents[end] == 0) {
        tokens[end] = (tokens[end] + 1) % TinyModels.VOCABULARY;
        end++;
      }
      device.write(rig.tokens, tokens);
      float[] after = rig.logits();
      int changed = end * TinyModels.VOCABULARY;
      assertArrayEquals(
          Arrays.copyOfRange(before, changed, before.length),
          Arrays.copyOfRange(after, changed, after.length));
      assertFalse(Arrays.equals(before, 0, changed, after, 0, changed));
    }
  }

  @ParameterizedTest
  @EnumSource
  void logits_ignore_later_tokens(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.config(), Options.DEFAULT)) {
      rig.randomize(random, 0.2);
      rig.writeRandomBatch(random);
      float[] before = rig.logits();
      int[] tokens = device.readInts(rig.tokens);
      int place = random.nextInt(1, LENGTH);
      tokens[place] = (tokens[place] + 1) % TinyModels.VOCABULARY;
      device.write(rig.tokens, tokens);
      float[] after = rig.logits();
      int earlier = place * TinyModels.VOCABULARY;
      int row = LENGTH * TinyModels.VOCABULARY;
      assertArrayEquals(Arrays.copyOf(before, earlier), Arrays.copyOf(after, earlier));
      assertFalse(Arrays.equals(before, earlier, row, after, earlier, row));
      assertArrayEquals(
          Arrays.copyOfRange(before, row, before.length),
          Arrays.copyOfRange(after, row, after.length));
    }
  }

  @ParameterizedTest
  @EnumSource
  void evaluation_drops_nothing_and_keeps_nothing(TinyModels model, Device device) {
    try (TrainingRig dropping = rig(device, model.withDropout(), Options.DEFAULT);
        TrainingRig plain = rig(device, model.config(), Options.DEFAULT);
        Parameters copy = Parameters.forEvaluation(device, model.withDropout(), DType.F32);
        Decoder evaluation = Decoder.open(copy, BATCH, LENGTH, Keep.NOTHING, null)) {
      dropping.writeRandomBatch(new Random(seed));
      plain.writeRandomBatch(new Random(seed));
      device.write(copy.master(), plain.master());
      copy.refresh();
      plain.forwardBackward();
      float[] losses = device.readFloats(plain.decoder.losses());
      dropping.decoder.loss(dropping.batch, false);
      assertArrayEquals(losses, device.readFloats(dropping.decoder.losses()));
      evaluation.loss(plain.batch, false);
      assertArrayEquals(losses, device.readFloats(evaluation.losses()));
      float once = device.readFloats(evaluation.lossSum())[0];
      evaluation.loss(plain.batch, true);
      assertEquals(2 * once, device.readFloats(evaluation.lossSum())[0], 1e-6 * once);
      assertTrue(evaluation.memory().bytes() < plain.decoder.memory().bytes() / 2);
      assertNull(copy.gradients());
      assertEquals(1, copy.memory().size());
      assertThrows(
          IllegalStateException.class,
          () -> evaluation.forwardBackward(plain.batch, plain.gradScale, false));
    }
  }

  @ParameterizedTest
  @EnumSource
  void frozen_parameters_stay_and_change_no_other_gradient(TinyModels model, Device device) {
    Predicate<String> frozen =
        name ->
            name.startsWith("embedding")
                || name.startsWith("layers.1")
                || name.equals("norm.weight");
    compareWithUnfrozen(model, frozen, device);
  }

  @ParameterizedTest
  @EnumSource
  void biases_and_norms_alone_can_be_trained(TinyModels model, Device device) {
    compareWithUnfrozen(
        model, name -> !name.endsWith("bias") && !name.endsWith("norm.weight"), device);
  }

  private void compareWithUnfrozen(TinyModels model, Predicate<String> frozen, Device device) {
    try (TrainingRig free = rig(device, model.config(), Options.DEFAULT);
        TrainingRig partly = rig(device, model.config(), Options.DEFAULT.withFrozen(frozen))) {
      free.randomize(new Random(seed), 0.2);
      for (ParameterLayout.Entry entry : free.parameters.layout().entries()) {
        device.write(
            partly.parameters.tensor(entry.name()),
            device.readFloats(free.parameters.tensor(entry.name())));
      }
      partly.parameters.refresh();
      writeStep(free, 1);
      writeStep(partly, 1);
      free.forwardBackward();
      partly.forwardBackward();
      partly.optimizer().update();
      for (ParameterLayout.Entry entry : partly.parameters.layout().entries()) {
        String name = entry.name();
        float[] start = device.readFloats(free.parameters.tensor(name));
        float[] trained = device.readFloats(partly.parameters.tensor(name));
        if (frozen.test(name)) {
          assertNull(partly.parameters.gradient(name));
          assertArrayEquals(start, trained, name);
        } else {
          assertFalse(Arrays.equals(start, trained), name);
          assertArrayEquals(
              device.readFloats(free.parameters.gradient(name)),
              device.readFloats(partly.parameters.gradient(name)),
              name);
        }
      }
    }
  }

  @Test
  void models_on_one_device_do_not_touch_each_other(Device device) {
    ModelConfig config = TinyModels.GPT2.withDropout();
    float[] alone;
    try (TrainingRig rig = rig(device, config, Options.DEFAULT)) {
      alone = train(rig);
    }
    try (TrainingRig one = rig(device, config, Options.DEFAULT);
        TrainingRig other = rig(device, TinyModels.LLAMA.config(), Options.DEFAULT)) {
      AdamWOptimizer optimizer = one.optimizer();
      for (int step = 1; step <= STEPS; step++) {
        writeStep(one, step);
        enqueueStep(one, optimizer);
        train(other);
      }
      assertArrayEquals(alone, one.master());
    }
  }

  @ParameterizedTest
  @EnumSource
  void steps_allocate_no_device_memory(TinyModels model, Device device) {
    try (TrainingRig rig = rig(device, model.config(), Options.DEFAULT)) {
      assertEquals(
          Decoder.bytes(rig.parameters, BATCH, LENGTH, Keep.ACTIVATIONS),
          rig.decoder.memory().bytes());
      train(rig);
      long used = device.memory().used();
      long peak = device.memory().peak();
      train(rig);
      assertEquals(used, device.memory().used());
      assertEquals(peak, device.memory().peak());
    }
  }

  @Test
  void what_cannot_work_is_refused(Device device) {
    ModelConfig config = TinyModels.GPT2.withDropout();
    try (Parameters trained = Parameters.forTraining(device, config, DType.F32, name -> false);
        Parameters fixed = Parameters.forEvaluation(device, config, DType.F32);
        TrainingRig rig = rig(device, config, Options.DEFAULT)) {
      long used = device.memory().used();
      refused("1 to 23 tokens", () -> Decoder.open(fixed, 1, 24, Keep.NOTHING, null));
      refused("Keep.NOTHING", () -> Decoder.open(fixed, 1, 5, Keep.ACTIVATIONS, null));
      refused("random is missing", () -> Decoder.open(trained, 1, 5, Keep.ACTIVATIONS, null));
      refused(
          "nothing to train",
          () -> Parameters.forTraining(device, config, DType.F32, name -> true).close());
      refused(
          "no gradients",
          () ->
              new AdamWOptimizer(
                  fixed,
                  AdamWOptimizer.Settings.DEFAULT,
                  rig.learningRate,
                  rig.step,
                  rig.gradNorm));
      refused(
          "tokens",
          () ->
              rig.decoder.loss(
                  TokenBatch.causal(config, rig.tokens.rows(0, 2), rig.targets.rows(0, 2), null),
                  false));
      assertEquals(used, device.memory().used());
    }
  }

  private static void refused(String message, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }
}
