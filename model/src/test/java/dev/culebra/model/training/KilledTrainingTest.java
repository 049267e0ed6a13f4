package dev.culebra.model.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.RunDirectoryException;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledTrainingTest {
  private static final boolean EXHAUSTIVE = Boolean.getBoolean("culebra.exhaustive");
  private static final int STEPS = 20;

  @TempDir Path folder;

  private Process train(Path directory, long steps) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            TinyRun.class.getName(),
            directory.toString(),
            String.valueOf(steps))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }

  @Test
  void resume_after_kill_gives_the_same_bits() throws Exception {
    Path whole = folder.resolve("whole");
    try (Device device = TinyRun.device();
        Trainer trainer =
            Trainer.start(device, TinyRun.run(whole, TinyRun.config(STEPS, DType.F32, 0, 1)))) {
      trainer.run();
    }
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < (EXHAUSTIVE ? 5 : 1); round++) {
      Path killed = folder.resolve("killed-" + round);
      for (int kills = EXHAUSTIVE ? 8 : 3; kills > 0; kills--) {
        Process process = train(killed, STEPS);
        awaitProgress(process, killed);
        process.waitFor(random.nextLong(300), TimeUnit.MILLISECONDS);
        process.destroyForcibly().waitFor();
      }
      assertEquals(0, train(killed, STEPS).waitFor(), () -> log());
      assertSameBits(whole, killed, "seed " + seed + ", round " + round);
    }
  }

  @Test
  void a_run_held_by_another_process_is_refused_and_free_when_that_is_killed() throws Exception {
    Path held = folder.resolve("held");
    Process holder = train(held, 1_000_000);
    try (Device device = TinyRun.device()) {
      awaitProgress(holder, held);
      Trainer.Run run = TinyRun.run(held, TinyRun.config(1_000_000, DType.F32, 1, 2));
      String message =
          assertThrows(RunDirectoryException.class, () -> Trainer.resume(device, run)).getMessage();
      assertTrue(message.contains("(process " + holder.pid() + ")"), message + log());
      holder.destroyForcibly().waitFor();
      try (Trainer trainer = Trainer.resume(device, run)) {
        assertTrue(trainer.state().step() > 0);
      }
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  /** Waits for the first checkpoint after the start, so that the kill falls into the steps. */
  private static void awaitProgress(Process process, Path directory) throws Exception {
    long before = newest(directory);
    while (process.isAlive() && newest(directory) == before) {
      process.waitFor(2, TimeUnit.MILLISECONDS);
    }
  }

  private static long newest(Path directory) throws IOException {
    List<CheckpointStore.Checkpoint> all = CheckpointStore.list(directory);
    return all.isEmpty() ? -1 : all.getLast().step();
  }

  private static void assertSameBits(Path whole, Path killed, String which) throws IOException {
    Path one = CheckpointStore.list(whole).getLast().directory();
    Path other = CheckpointStore.list(killed).getLast().directory();
    assertTrue(other.endsWith("step-%08d".formatted(STEPS)), other + ", " + which);
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      assertEquals(-1, Files.mismatch(one.resolve(file), other.resolve(file)), file + ", " + which);
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
