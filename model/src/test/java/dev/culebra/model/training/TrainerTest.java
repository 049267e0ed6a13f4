package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.RunDirectoryException;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
  @TempDir Path folder;

  private static void assertSameCheckpoint(Path a, Path b) throws IOException {
    Path one = CheckpointStore.list(a).getLast().directory();
    Path other = CheckpointStore.list(b).getLast().directory();
    assertEquals(one.getFileName(), other.getFileName());
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertEquals(-1, Files.mismatch(one.resolve(file), other.resolve(file)), file);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void twenty_steps_equal_ten_and_ten_more(DType dtype) throws IOException {
    Trainer.Run whole = TinyRun.run(folder.resolve("whole"), TinyRun.config(20, dtype, 7, 2));
    Trainer.Run parts = TinyRun.run(folder.resolve("parts"), TinyRun.config(20, dtype, 0, 2));
    List<Double> expected = new ArrayList<>();
    List<Double> actual = new ArrayList<>();
    try (Device device = TinyRun.device()) {
      try (Trainer trainer = Trainer.start(device, whole)) {
        TinyRun.record(trainer, expected);
        assertEquals(Trainer.Outcome.FINISHED, trainer.run());
      }
      try (Trainer trainer = Trainer.start(device, parts)) {
        TinyRun.record(trainer, actual);
        trainer.listen(
            new TrainingListener() {
              @Override
              public void onStep(StepMetrics metrics) {
                if (metrics.step() == 9) {
                  trainer.requestStop();
                }
              }
            });
        assertEquals(Trainer.Outcome.STOPPED, trainer.run());
        assertEquals(10, trainer.state().step());
      }
      try (Trainer trainer = Trainer.resume(device, parts)) {
        TinyRun.record(trainer, actual);
        assertEquals(10, trainer.state().step());
        trainer.run();
      }
    }
    assertEquals(20, expected.size());
    assertEquals(expected, actual);
    assertTrue(expected.getLast() < expected.getFirst(), "learns nothing: " + expected);
    assertSameCheckpoint(whole.directory(), parts.directory());
  }

  @Test
  void what_is_saved_is_what_was_asked_for() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(6, DType.BF16, 2, 3));
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, run)) {
      trainer.run();
      SavedTraining saved = SavedTraining.newest(folder);
      assertEquals(run.config(), saved.config());
      assertEquals(run.model(), saved.model());
      assertEquals(trainer.state(), saved.state());
      assertEquals(6 * 2 * 3, saved.state().data().sequence());
      try (ModelDirectory model = ModelDirectory.open(folder)) {
        assertEquals(saved.directory(), model.path());
      }
    }
  }

  @Test
  void a_step_that_is_not_finite_stops_and_keeps_the_checkpoint() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(20, DType.F32, 2, 9));
    String poisoned = "layers.1.mlp.norm.weight";
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, run)) {
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onCheckpoint(long step, Path directory) {
              if (step == 6) {
                float[] values = new float[24];
                values[5] = Float.NaN;
                device.write(trainer.parameters().tensor(poisoned), values);
              }
            }
          });
      NonFiniteLossException stop = assertThrows(NonFiniteLossException.class, trainer::run);
      assertEquals(7, stop.step());
      assertTrue(stop.getMessage().startsWith("step 7: loss NaN"), stop.getMessage());
      assertTrue(stop.getMessage().contains("gradient of "), stop.getMessage());
    }
    assertEquals(6, CheckpointStore.list(folder).getLast().step());
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.resume(device, run)) {
      assertEquals(Trainer.Outcome.FINISHED, trainer.run());
    }
  }

  @Test
  void a_run_is_neither_overwritten_nor_shared() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(2, DType.F32, 0, 1));
    try (Device device = TinyRun.device()) {
      assertThrows(RunDirectoryException.class, () -> Trainer.resume(device, run));
      try (Trainer trainer = Trainer.start(device, run)) {
        String shared =
            assertThrows(RunDirectoryException.class, () -> Trainer.start(device, run))
                .getMessage();
        assertTrue(shared.contains("process " + ProcessHandle.current().pid()), shared);
        trainer.run();
      }
      String twice =
          assertThrows(RunDirectoryException.class, () -> Trainer.start(device, run)).getMessage();
      assertTrue(twice.contains("holds a run of 2 steps already"), twice);
      Trainer.Run other =
          new Trainer.Run(
              folder, TinyRun.model(0), run.config(), run.training(), run.validation(), null);
      String model =
          assertThrows(RunDirectoryException.class, () -> Trainer.resume(device, other))
              .getMessage();
      assertTrue(model.contains("dropout=0.1"), model);
    }
  }

  /** Fields of the config and what else they may have been when the run was begun. */
  private static Map<String, String> changes() {
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("batch", "4");
    changes.put("length", "10");
    changes.put("accumulation", "1");
    changes.put("schedule", "\"LINEAR\"");
    changes.put("learningRate", "0.02");
    changes.put("warmup", "6");
    changes.put("weightDecay", "0.01");
    changes.put("dtype", "\"BF16\"");
    changes.put("separateDocuments", "false");
    changes.put("seed", "7");
    return changes;
  }

  @Test
  void resuming_with_a_config_that_changes_the_result_is_refused_with_both_values()
      throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(2, DType.F32, 0, 1));
    try (Device device = TinyRun.device()) {
      try (Trainer trainer = Trainer.start(device, run)) {
        trainer.run();
      }
      Path checkpoint = CheckpointStore.list(folder).getLast().directory();
      Path json = checkpoint.resolve("training.json");
      String begun = Files.readString(json);
      for (var change : changes().entrySet()) {
        Matcher field =
            Pattern.compile("(\"" + change.getKey() + "\" : )([^,\\s]+)").matcher(begun);
        assertTrue(field.find(), change.getKey());
        String old = change.getValue();
        Files.writeString(json, field.replaceFirst("$1" + Matcher.quoteReplacement(old)));
        String message =
            assertThrows(RunDirectoryException.class, () -> Trainer.resume(device, run))
                .getMessage();
        String expected =
            "%s: \"%s\" is %s, but the run was begun with %s; "
                .formatted(folder, change.getKey(), field.group(2), old);
        assertTrue(message.startsWith(expected), message);
        assertTrue(message.endsWith("or begin a new run from " + checkpoint), message);
      }
    }
  }

  @Test
  void resuming_may_change_what_leaves_the_bits_alone() throws IOException {
    TrainingConfig begun = TinyRun.config(2, DType.F32, 0, 1);
    TrainingConfig longer = recomputing(TinyRun.config(4, DType.F32, 2, 3));
    try (Device device = TinyRun.device()) {
      try (Trainer trainer = Trainer.start(device, TinyRun.run(folder, begun))) {
        trainer.run();
      }
      try (Trainer trainer = Trainer.resume(device, TinyRun.run(folder, longer))) {
        assertEquals(Trainer.Outcome.FINISHED, trainer.run());
        assertEquals(4, trainer.state().step());
      }
    }
  }

  @Test
  void resuming_on_other_data_is_refused_with_both() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(2, DType.F32, 0, 1));
    Trainer.Run other =
        new Trainer.Run(
            folder,
            run.model(),
            run.config(),
            new RandomTokens(TinyRun.VOCABULARY, 3),
            run.validation(),
            null);
    try (Device device = TinyRun.device()) {
      try (Trainer trainer = Trainer.start(device, run)) {
        trainer.run();
      }
      String message =
          assertThrows(RunDirectoryException.class, () -> Trainer.resume(device, other))
              .getMessage();
      assertTrue(message.contains("now random tokens below 37, seed 3, then"), message);
      assertTrue(message.contains("then random tokens below 37, seed 1; put"), message);
    }
  }

  @Test
  void a_checkpoint_that_cannot_be_written_leaves_the_one_before() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(4, DType.F32, 2, 1));
    Path inTheWay = folder.resolve("checkpoints").resolve("step-00000004");
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, run)) {
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onCheckpoint(long step, Path directory) {
              try {
                Files.createFile(inTheWay);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          });
      String message = assertThrows(RunDirectoryException.class, trainer::run).getMessage();
      assertTrue(message.contains("the checkpoint of step 2 is intact"), message);
    }
    try (ModelDirectory model = ModelDirectory.open(folder)) {
      assertEquals(2, SavedTraining.newest(folder).state().step());
      assertFalse(Files.exists(model.path().resolveSibling("step-00000004.partial")));
    }
  }

  @Test
  void parameters_out_of_range_are_never_saved() throws IOException {
    Trainer.Run run = TinyRun.run(folder, TinyRun.config(4, DType.F32, 2, 1));
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, run)) {
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onStep(StepMetrics metrics) {
              if (metrics.step() == 4) {
                device.ops().fill(trainer.parameters().tensor("norm.weight"), Float.NaN);
              }
            }
          });
      NonFiniteLossException stop = assertThrows(NonFiniteLossException.class, trainer::run);
      assertTrue(stop.getMessage().contains("parameter norm.weight, element 0"), stop.getMessage());
      assertTrue(stop.getMessage().contains("checkpoint of step 2 is intact"), stop.getMessage());
    }
    assertEquals(2, CheckpointStore.list(folder).getLast().step());
  }

  /** Step 7 fails, step 8 does not and has overwritten the gradients by the time it shows. */
  @Test
  void the_tensor_of_the_step_that_failed_is_named_though_the_next_one_ran() throws IOException {
    int rare = TinyRun.VOCABULARY - 1;
    BatchSource source =
        new BatchSource() {
          private final RandomTokens others = new RandomTokens(rare, 1);
          private int passes;

          @Override
          public void next(
              int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment d) {
            others.next(batch, length, tokens, targets, d);
            if (passes++ / 2 + 1 == 7) {
              tokens.setAtIndex(ValueLayout.JAVA_INT, 0, rare);
            }
          }

          @Override
          public DataPosition position() {
            return others.position();
          }

          @Override
          public void seek(DataPosition position) {
            others.seek(position);
          }

          @Override
          public String identity() {
            return others.identity() + ", one more in pass 7";
          }
        };
    ModelConfig model = TinyRun.model(0.1f).withTiedEmbeddings(false);
    TrainingConfig config = TinyRun.config(20, DType.F32, 2, 9);
    Trainer.Run run = new Trainer.Run(folder, model, config, source, null, null);
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, run)) {
      Tensor row = trainer.parameters().tensor("embedding.tokens").rows(rare, rare + 1);
      device.ops().fill(row, Float.MAX_VALUE); // its sum is infinite
      NonFiniteLossException stop = assertThrows(NonFiniteLossException.class, trainer::run);
      assertEquals(7, stop.step());
      assertTrue(stop.getMessage().contains("first in the gradient of "), stop.getMessage());
    }
    assertEquals(6, CheckpointStore.list(folder).getLast().step());
  }

  /** Evaluations at steps 4, 8 and 12, checkpoints at steps 3, 6, 9 and 12. */
  @Test
  void a_checkpoint_is_best_only_by_a_loss_of_its_own_step() throws IOException {
    TrainingConfig config = TinyRun.config(12, DType.F32, 3, 1);
    List<Long> best = new ArrayList<>();
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, TinyRun.run(folder, config))) {
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onCheckpoint(long step, Path directory) {
              best.add(trainer.state().bestStep());
            }
          });
      trainer.run();
      assertEquals(trainer.state().validationLoss(), trainer.state().bestLoss());
    }
    assertEquals(List.of(-1L, -1L, -1L, 12L), best.subList(0, 4));
  }

  @Test
  void the_best_checkpoint_is_kept_beside_the_newest() throws IOException {
    TrainingConfig config = TinyRun.config(12, DType.F32, 2, 1);
    try (Device device = TinyRun.device();
        Trainer trainer = Trainer.start(device, TinyRun.run(folder, config))) {
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onCheckpoint(long step, Path directory) {
              if (step == 4) { // the best so far, and for good: all that was learned is spoilt
                device.ops().fill(trainer.parameters().master(), 3);
                trainer.parameters().refresh();
              }
            }
          });
      trainer.run();
      assertEquals(4, trainer.state().bestStep());
      assertTrue(trainer.state().bestLoss() < trainer.state().validationLoss());
    }
    assertEquals(
        List.of(4L, 12L),
        CheckpointStore.list(folder).stream().map(CheckpointStore.Checkpoint::step).toList());
  }

  @Test
  void recomputed_activations_train_to_the_same_bits() throws IOException {
    TrainingConfig config = TinyRun.config(6, DType.F32, 0, 1);
    Trainer.Run kept = TinyRun.run(folder.resolve("kept"), config);
    Trainer.Run recomputed = TinyRun.run(folder.resolve("recomputed"), recomputing(config));
    try (Device device = TinyRun.device();
        Trainer one = Trainer.start(device, kept);
        Trainer other = Trainer.start(device, recomputed)) {
      one.run();
      other.run();
    }
    assertSameCheckpoint(kept.directory(), recomputed.directory());
  }

  private static TrainingConfig recomputing(TrainingConfig config) {
    return new TrainingConfig(
        config.batch(),
        config.length(),
        config.accumulation(),
        config.steps(),
        config.schedule(),
        config.optimizer(),
        config.dtype(),
        true,
        config.separateDocuments(),
        config.seed(),
        config.evaluationInterval(),
        config.evaluationBatches(),
        config.checkpointInterval(),
        config.keep());
  }

  @Test
  void a_run_may_begin_where_another_model_ended() throws IOException {
    Trainer.Run first = TinyRun.run(folder.resolve("first"), TinyRun.config(3, DType.F32, 0, 1));
    Trainer.Run second = TinyRun.run(folder.resolve("second"), TinyRun.config(3, DType.F32, 0, 1));
    try (Device device = TinyRun.device()) {
      try (Trainer trainer = Trainer.start(device, first)) {
        trainer.run();
      }
      try (ModelDirectory model = ModelDirectory.open(first.directory())) {
        try (Trainer trainer = Trainer.startFrom(device, second, model)) {
          assertEquals(TrainingState.START, trainer.state());
          float[] expected = new float[TinyRun.VOCABULARY * 24];
          MemorySegment.copy(
              model.read("embedding.tokens", new long[] {TinyRun.VOCABULARY, 24}),
              ValueLayout.JAVA_FLOAT_UNALIGNED,
              0,
              expected,
              0,
              expected.length);
          Tensor tokens = trainer.parameters().tensor("embedding.tokens");
          assertArrayEquals(expected, device.readFloats(tokens));
          trainer.run();
        }
        Trainer.Run other =
            new Trainer.Run(
                folder.resolve("other"), TinyRun.model(0), first.config(), null, null, null);
        String message =
            assertThrows(
                    IllegalArgumentException.class, () -> Trainer.startFrom(device, other, model))
                .getMessage();
        assertTrue(message.contains("dropout=0.1") && message.contains("dropout=0.0"), message);
      }
    }
    assertEquals(3, CheckpointStore.list(second.directory()).getLast().step());
  }
}
