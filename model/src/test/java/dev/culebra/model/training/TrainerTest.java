package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.RunDirectoryException;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      assertTrue(message.contains("the one of step 2 is intact"), message);
    }
    try (ModelDirectory model = ModelDirectory.open(folder)) {
      assertEquals(2, SavedTraining.newest(folder).state().step());
      assertFalse(Files.exists(model.path().resolveSibling("step-00000004.partial")));
    }
  }
}
