package dev.culebra.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  private static final DurableDirectory.Content CONTENT =
      directory -> directory.write("data", new byte[] {1, 2, 3});

  @TempDir Path run;

  private List<Long> steps() throws IOException {
    return CheckpointStore.list(run).stream().map(CheckpointStore.Checkpoint::step).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> paths = Files.list(run.resolve("checkpoints"))) {
      return paths.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void the_newest_are_kept_and_the_best_beside_them() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 2, false)) {
      store.save(5, -1, CONTENT);
      store.save(10, 10, CONTENT);
      assertEquals(List.of(5L, 10L), steps());
      store.save(15, 10, CONTENT);
      assertEquals(List.of(10L, 15L), steps());
      store.save(20, 10, CONTENT);
      assertEquals(List.of(10L, 15L, 20L), steps());
      store.save(25, 20, CONTENT);
      assertEquals(List.of(20L, 25L), steps());
      store.save(100_000_000, 20, CONTENT); // a digit more than the others
      assertEquals(List.of(20L, 25L, 100_000_000L), steps());
    }
    assertEquals(List.of("step-00000020", "step-00000025", "step-100000000"), files());
  }

  @Test
  void a_disk_that_fills_up_leaves_the_one_before_and_nothing_of_the_new_one() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 1, false)) {
      assertMessage("there is no checkpoint before it", store, 1);
      store.save(2, -1, CONTENT);
      assertMessage("the checkpoint of step 2 is intact", store, 3);
      assertEquals(List.of("step-00000002"), files());
      store.save(3, -1, CONTENT);
      assertEquals(List.of("step-00000003"), files());
    }
  }

  private void assertMessage(String expected, CheckpointStore store, long step) {
    String message =
        assertThrows(
                RunDirectoryException.class,
                () ->
                    store.save(
                        step,
                        -1,
                        directory -> {
                          directory.write("data", new byte[1000]);
                          throw new IOException("No space left on device");
                        }))
            .getMessage();
    assertTrue(message.contains("No space left on device"), message);
    assertTrue(message.contains("step-%08d".formatted(step)), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void what_a_killed_training_left_half_written_is_removed_by_the_next() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 3, false)) {
      store.save(1, -1, CONTENT);
    }
    Path half = run.resolve("checkpoints").resolve("step-00000002.partial");
    Files.createDirectory(half);
    Files.write(half.resolve("model.safetensors"), new byte[10]);
    assertEquals(List.of(1L), steps());
    CheckpointStore.open(run, 3, true).close();
    assertFalse(Files.exists(half));
    assertEquals(List.of(1L), steps());
  }

  @Test
  void a_checkpoint_that_is_there_is_not_written_again() throws IOException {
    try (CheckpointStore store = CheckpointStore.open(run, 3, false)) {
      store.save(1, -1, CONTENT);
      store.save(
          1,
          -1,
          _ -> {
            throw new IOException("written again");
          });
    }
  }

  @Test
  void resuming_nothing_and_starting_over_something_are_refused() throws IOException {
    assertOpenRefused("there is no checkpoint to resume from", run, true);
    assertOpenRefused("there is no run to resume", run.resolve("absent"), true);
    assertFalse(Files.exists(run.resolve("absent")));
    try (CheckpointStore store = CheckpointStore.open(run, 3, false)) {
      store.save(7, -1, CONTENT);
    }
    assertOpenRefused("holds a run of 7 steps already", run, false);
    Path model = Files.createDirectory(run.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    assertOpenRefused("is a model directory", model, false);
    assertThrows(IllegalArgumentException.class, () -> CheckpointStore.open(run, 0, true));
    CheckpointStore.open(run, 1, true).close(); // no refusal kept the lock
  }

  private static void assertOpenRefused(String expected, Path directory, boolean resume) {
    String message =
        assertThrows(RunDirectoryException.class, () -> CheckpointStore.open(directory, 3, resume))
            .getMessage();
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains(directory.toString()), message);
  }
}
