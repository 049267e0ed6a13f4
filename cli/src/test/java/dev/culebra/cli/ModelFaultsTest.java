package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that are none, damaged, or asked for what they can't do. */
class ModelFaultsTest {
  @TempDir static Path shared;
  private static Path run;

  @TempDir Path folder;
  private Path model;

  @BeforeAll
  static void train() throws IOException {
    run = CommandRun.model(shared);
  }

  /** A copy to damage, inside a run of two checkpoints. */
  @BeforeEach
  void copy() throws IOException {
    for (String step : List.of("step-00000003", "step-00000006")) {
      Path from = run.resolve("checkpoints").resolve(step);
      Path to = Files.createDirectories(folder.resolve("copy/checkpoints").resolve(step));
      for (String file : CommandRun.contents(from).keySet()) {
        Files.copy(from.resolve(file), to.resolve(file));
      }
    }
    Files.copy(run.resolve("run.json"), folder.resolve("copy/run.json"));
    model = folder.resolve("copy/checkpoints/step-00000006");
  }

  private void generationRefused(Path directory, String... words) {
    refused(1, List.of(words), "generate", "--model", directory.toString(), "--prompt", "a");
  }

  private void damage(String file, String from, String to) throws IOException {
    Path path = model.resolve(file);
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    assertTrue(text.contains(from), () -> from + " is not in " + text);
    Files.writeString(path, text.replace(from, to), StandardCharsets.ISO_8859_1);
  }

  private void truncate(String file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(model.resolve(file).toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }

  @Test
  void what_is_no_model_directory_is_named() throws IOException {
    generationRefused(folder.resolve("nowhere"), "nowhere", "there is no such directory");
    generationRefused(Files.writeString(folder.resolve("f"), "x"), "is a file", "directory");
    Path other = Files.createDirectory(folder.resolve("other"));
    generationRefused(other, "other is no model", "config.json");
    Files.createDirectory(other.resolve("checkpoints"));
    generationRefused(other, "no checkpoint yet");
    for (String[] command :
        List.of(
            new String[] {"eval", "--model", folder + "/nowhere", "--data", folder + "/f"},
            new String[] {"export", "--model", folder + "/nowhere", "--out", folder + "/e"},
            new String[] {"import", folder + "/nowhere", "--out", folder + "/e"})) {
      refused(1, List.of("nowhere"), command);
    }
    assertFalse(Files.exists(folder.resolve("e")));
  }

  @Test
  void a_lying_header_is_refused() throws IOException {
    for (long length : new long[] {Long.MAX_VALUE, -1, 1L << 40, 1}) {
      ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      try (var channel =
          Files.newByteChannel(
              model.resolve("model.safetensors"), java.nio.file.StandardOpenOption.WRITE)) {
        channel.write(bytes);
      }
      generationRefused(model, "model.safetensors", "header of " + Long.toUnsignedString(length));
    }
  }

  @Test
  void a_header_whose_offsets_lie_is_refused() throws IOException {
    damage("model.safetensors", "\"shape\":[300,32]", "\"shape\":[301,32]");
    generationRefused(model, "model.safetensors", "embedding.tokens", "[301, 32]", "data_offsets");
  }

  @Test
  void truncated_weights_are_refused_wherever_they_end() throws IOException {
    long size = Files.size(model.resolve("model.safetensors"));
    for (long bytes : new long[] {size - 1, size / 2, 500, 8, 7, 0}) {
      truncate("model.safetensors", bytes);
      generationRefused(model, "model.safetensors", bytes < size / 2 ? bytes + " bytes" : "byte");
    }
    Files.delete(model.resolve("model.safetensors"));
    generationRefused(model, "model.safetensors is missing");
  }

  @Test
  void tensors_of_another_shape_are_named_with_both_shapes() throws IOException {
    damage("config.json", "\"mlpSize\" : 64", "\"mlpSize\" : 65");
    generationRefused(model, "layers.0.mlp.up.weight", "[64, 32]", "[65, 32]");
  }

  @Test
  void broken_settings_are_named_by_file_and_field() throws IOException {
    damage("config.json", "\"heads\" : 2", "\"heads\" : \"two\"");
    generationRefused(model, "config.json", "\"heads\" is \"two\"", "an integer");
    damage("config.json", "\"heads\" : \"two\"", "\"heads\" : 3");
    generationRefused(model, "config.json", "3");
    damage("config.json", "\"heads\" : 3", "\"heads\" : 2, \"experts\" : 8");
    generationRefused(model, "config.json", "\"experts\" (8) is unknown");
    Files.writeString(model.resolve("config.json"), "{\"format\": ");
    generationRefused(model, "config.json", "broken JSON at line 1");
    Files.writeString(model.resolve("config.json"), "[]");
    generationRefused(model, "config.json holds no JSON object");
  }

  @Test
  void a_missing_or_damaged_tokenizer_is_named() throws IOException {
    Files.writeString(model.resolve("tokenizer.json"), "junk");
    generationRefused(model, "tokenizer.json");
    Files.delete(model.resolve("tokenizer.json"));
    generationRefused(model, "has no tokenizer.json");
  }

  @Test
  void a_damaged_newest_checkpoint_is_named_and_so_is_the_one_before() throws IOException {
    truncate("model.safetensors", 100);
    Path copy = folder.resolve("copy");
    generationRefused(copy, "step-00000006/model.safetensors", "that of step 3 is the newest");
    String[] resume = {"train", "--resume", "--out", copy.toString(), "--steps", "8"};
    refused(1, List.of("step-00000006/model.safetensors", "step 3"), resume);
    Files.copy(
        run.resolve("checkpoints/step-00000006/model.safetensors"),
        model.resolve("model.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    truncate("optimizer.safetensors", 5);
    refused(1, List.of("step-00000006/optimizer.safetensors: 5 bytes", "step 3"), resume);
    Files.delete(model.resolve("optimizer.safetensors"));
    refused(1, List.of("optimizer.safetensors is missing", "step 3"), resume);
    Files.delete(model.resolve("training.json"));
    refused(1, List.of("optimizer.safetensors is missing"), resume);
    for (String file : CommandRun.contents(model).keySet()) {
      Files.delete(model.resolve(file));
    }
    Files.delete(model);
    ok(resume);
    assertTrue(Files.isDirectory(copy.resolve("checkpoints/step-00000008")));
  }

  @Test
  void a_prompt_longer_than_the_context_is_refused_and_not_echoed() {
    String prompt = "cat ".repeat(200);
    CommandRun refused =
        refused(
            1,
            List.of("prompt has", "context holds 32"),
            "generate",
            "--model",
            model.toString(),
            "--prompt",
            prompt);
    assertEquals("", refused.out());
  }

  @Test
  void senseless_options_are_wrong_arguments() {
    for (String[] option :
        new String[][] {
          {"--temperature", "-1"},
          {"--max-tokens", "-5"},
          {"--top-p", "1.5"},
          {"--min-p", "2"},
          {"--top-k", "-1"},
          {"--repetition-penalty", "0"},
          {"--weights", "int3"}
        }) {
      refused(2, List.of(option[0]), "generate", "--model", model.toString(), option[0], option[1]);
    }
  }

  @Test
  void a_folder_with_something_in_it_is_neither_imported_nor_exported_to() throws IOException {
    Path full = Files.createDirectory(folder.resolve("full"));
    Files.writeString(full.resolve("letter.txt"), "dear");
    Path exported = folder.resolve("exported");
    String[] export = {"export", "--model", model.toString(), "--out", full.toString()};
    refused(1, List.of("full", "not empty"), export);
    ok("export", "--model", model.toString(), "--out", exported.toString());
    refused(1, List.of("full", "not empty"), "import", exported.toString(), "--out", "" + full);
    export[4] = full.resolve("letter.txt").toString();
    refused(1, List.of("letter.txt", "a file already"), export);
    assertEquals(Map.of("letter.txt", "dear".getBytes().length), sizes(full));
    assertFalse(Files.exists(folder.resolve("full.partial")));
  }

  private static Map<String, Integer> sizes(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.collect(
          java.util.stream.Collectors.toMap(
              file -> file.getFileName().toString(), file -> (int) file.toFile().length()));
    }
  }

  @Test
  void what_cannot_be_imported_is_named() throws IOException {
    Path bin = Files.write(folder.resolve("junk.bin"), new byte[300]);
    refused(
        1, List.of("junk.bin is no llama2.c model"), "import", "" + bin, "--out", folder + "/i");
    refused(1, List.of("Culebra model already"), "import", "" + model, "--out", folder + "/i");
    Path foreign = Files.createDirectory(folder.resolve("bert"));
    Files.writeString(foreign.resolve("config.json"), "{\"model_type\": \"bert\"}");
    refused(
        1, List.of("\"model_type\" is \"bert\""), "import", "" + foreign, "--out", folder + "/i");
    assertFalse(Files.exists(folder.resolve("i")));
  }
}
