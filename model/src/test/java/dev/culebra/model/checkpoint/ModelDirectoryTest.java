package dev.culebra.model.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.generation.ParameterSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
  private static final ModelConfig CONFIG = ModelConfig.llama(29, 10, 24, 2, 6, 2, 20);

  /** Each number tells where it belongs. */
  private static final ParameterSource NUMBERED =
      (name, shape) -> {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
          values[i] = name.hashCode() + i;
        }
        return MemorySegment.ofArray(values);
      };

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = folder.resolve("model");
    write(model, CONFIG);
  }

  private static void write(Path path, ModelConfig config) throws IOException {
    DurableDirectory.create(
        path, directory -> ModelDirectory.write(directory, config, NUMBERED, null));
  }

  private static void assertRefused(Path path, String... expected) {
    String message =
        assertThrows(CheckpointFormatException.class, () -> ModelDirectory.open(path).close())
            .getMessage();
    for (String part : expected) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void what_is_written_is_read() throws IOException {
    try (ModelDirectory opened = ModelDirectory.open(model)) {
      assertEquals(CONFIG, opened.config());
      assertEquals(model, opened.path());
      long[] shape = {24, 20};
      assertArrayEquals(
          NUMBERED.read("layers.1.mlp.down.weight", shape).toArray(ValueLayout.JAVA_FLOAT),
          opened.read("layers.1.mlp.down.weight", shape).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED));
      String message =
          assertThrows(CheckpointFormatException.class, opened::tokenizer).getMessage();
      assertEquals(model + " has no tokenizer.json", message);
    }
  }

  @Test
  void the_newest_checkpoint_of_a_run_is_its_model() throws IOException {
    Path run = folder.resolve("run");
    Files.createDirectories(run.resolve("checkpoints"));
    assertRefused(run, run.toString(), "this run has no checkpoint yet");
    for (long step : new long[] {100_000_000, 99_999_999, 7}) {
      write(run.resolve("checkpoints").resolve("step-%08d".formatted(step)), CONFIG);
    }
    write(run.resolve("checkpoints").resolve("step-200000000.partial"), CONFIG);
    try (ModelDirectory opened = ModelDirectory.open(run)) {
      assertEquals("step-100000000", opened.path().getFileName().toString());
    }
  }

  @Test
  void what_is_no_model_is_refused_by_name() throws IOException {
    Path absent = folder.resolve("absent");
    assertRefused(absent, absent.toString(), "there is no such directory");
    Path file = Files.writeString(folder.resolve("file"), "text");
    assertRefused(file, file.toString(), "is a file; a model is a directory");
    assertRefused(folder, folder.toString(), "neither config.json nor checkpoints");
    Files.delete(model.resolve("model.safetensors"));
    assertRefused(model, "model.safetensors is missing");
    Files.writeString(model.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
    assertRefused(model, "config.json", "culebra import");
  }

  @Test
  void a_config_that_makes_no_model_is_refused_by_field() throws IOException {
    assertConfigRefused("\"kvHeads\" : 2", "\"kvHeads\" : 4", "kvHeads 4 does not divide heads 6");
    assertConfigRefused("\"layers\" : 2", "\"layers\" : 0", "layers must be positive, not 0");
    assertConfigRefused("\"layers\" : 2", "\"layers\" : 2000000000", "layers must be at most");
    assertConfigRefused("\"layers\" : 2", "\"layers\" : \"2\"", "\"layers\" is \"2\"");
    assertConfigRefused("\"layers\" : 2,", "", "\"layers\" is missing");
    assertConfigRefused("\"RMS\"", "\"BATCH\"", "\"norm\" is \"BATCH\"");
    assertConfigRefused(
        "\"layers\"", "\"depth\" : 1, \"layers\"", "field \"depth\" (1) is unknown");
    assertConfigRefused("\"version\" : 1", "\"version\" : 2", "\"version\" is 2");
    assertConfigRefused("\"layers\"", "layers", "broken JSON at line");
  }

  private void assertConfigRefused(String what, String instead, String expected)
      throws IOException {
    Path file = model.resolve("config.json");
    String config = Files.readString(file);
    assertTrue(config.contains(what), config);
    Files.writeString(file, config.replace(what, instead));
    assertRefused(model, file.toString(), expected);
    Files.writeString(file, config);
  }

  @Test
  void tensors_of_another_model_are_refused_by_name_and_shape() throws IOException {
    Path other = folder.resolve("other");
    write(other, ModelConfig.llama(31, 10, 24, 2, 6, 2, 20));
    swapWeights(other);
    assertRefused(model, "model.safetensors", "'embedding.tokens'", "[31, 24], expected [29, 24]");
    Path deeper = folder.resolve("deeper");
    write(deeper, ModelConfig.llama(29, 10, 24, 3, 6, 2, 20));
    swapWeights(deeper);
    assertRefused(model, "model.safetensors", "'layers.2.", "is no parameter of this model");
    Path shallower = folder.resolve("shallower");
    write(shallower, ModelConfig.llama(29, 10, 24, 1, 6, 2, 20));
    swapWeights(shallower);
    assertRefused(model, "model.safetensors", "there is no tensor 'layers.1.");
  }

  private void swapWeights(Path from) throws IOException {
    Files.write(
        model.resolve("model.safetensors"), Files.readAllBytes(from.resolve("model.safetensors")));
  }

  @Test
  void a_directory_that_holds_something_is_not_overwritten() throws IOException {
    byte[] before = Files.readAllBytes(model.resolve("model.safetensors"));
    assertThrows(IOException.class, () -> write(model, CONFIG.withTiedEmbeddings(true)));
    assertArrayEquals(before, Files.readAllBytes(model.resolve("model.safetensors")));
    assertTrue(Files.notExists(folder.resolve("model.partial")));
  }
}
