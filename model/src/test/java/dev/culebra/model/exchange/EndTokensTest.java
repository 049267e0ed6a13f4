package dev.culebra.model.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.DurableDirectory;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models of which several tokens end a text, such as Llama 3: from one format to the other. */
class EndTokensTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ModelConfig CONFIG = ModelConfig.llama(270, 8, 8, 1, 2, 1, 12);

  private final Tokenizer tokenizer =
      new BytePairTrainer(257, Splitter.GPT2, List.of("<|endoftext|>")).train(_ -> {});
  private final int endOfText = tokenizer.endOfText();

  @TempDir Path folder;

  @BeforeEach
  void the_tokenizer_ends_texts_itself() {
    assertTrue(endOfText >= 0);
  }

  private Path exported(ModelConfig config) throws IOException {
    Path model = folder.resolve("model");
    DurableDirectory.create(
        model,
        directory ->
            ModelDirectory.write(
                directory,
                config,
                (_, shape) -> MemorySegment.ofArray(new float[(int) elements(shape)]),
                tokenizer));
    Path out = folder.resolve("exported");
    try (ModelDirectory opened = ModelDirectory.open(model)) {
      assertEquals(config, opened.config());
      Exporter.exportHuggingFace(opened, out);
    }
    return out;
  }

  private static long elements(long[] shape) {
    return shape.length == 1 ? shape[0] : shape[0] * shape[1];
  }

  private static void set(Path file, String field, String value) throws IOException {
    ObjectNode json =
        Files.exists(file)
            ? (ObjectNode) JSON.readTree(Files.readAllBytes(file))
            : JSON.createObjectNode();
    json.set(field, JSON.readTree(value));
    Files.write(file, JSON.writeValueAsBytes(json));
  }

  private List<Integer> imported(Path source) throws IOException {
    Path back = folder.resolve("back");
    ModelConfig config = Importer.importModel(source, null, back);
    try (ModelDirectory opened = ModelDirectory.open(back)) {
      assertEquals(config, opened.config());
    }
    return config.endTokens();
  }

  @Test
  void several_go_out_behind_the_tokenizers_and_come_back() throws IOException {
    List<Integer> ends = List.of(260, 258, 269);
    Path out = exported(CONFIG.withEndTokens(ends));
    JsonNode written = JSON.readTree(out.resolve("config.json").toFile()).path("eos_token_id");
    assertEquals(JSON.valueToTree(List.of(endOfText, 260, 258, 269)), written);
    assertEquals(ends, imported(out));
  }

  @Test
  void the_tokenizers_alone_is_written_as_a_number_and_kept_by_the_tokenizer() throws IOException {
    Path out = exported(CONFIG);
    JsonNode written = JSON.readTree(out.resolve("config.json").toFile()).path("eos_token_id");
    assertTrue(written.isInt() && written.asInt() == endOfText, written.toString());
    assertEquals(List.of(), imported(out));
  }

  @Test
  void a_generation_config_that_names_some_goes_before_the_config() throws IOException {
    Path out = exported(CONFIG.withEndTokens(List.of(258)));
    set(out.resolve("generation_config.json"), "eos_token_id", "[261, " + endOfText + ", 261]");
    assertEquals(List.of(261), imported(out));
  }

  @Test
  void a_generation_config_that_names_none_leaves_it_to_the_config() throws IOException {
    Path out = exported(CONFIG.withEndTokens(List.of(258)));
    set(out.resolve("generation_config.json"), "temperature", "0.6");
    assertEquals(List.of(258), imported(out));
  }

  @Test
  void ids_that_the_model_never_makes_are_left_out() throws IOException {
    Path out = exported(CONFIG);
    set(out.resolve("config.json"), "eos_token_id", "[50256, -1, 263]");
    assertEquals(List.of(263), imported(out));
  }

  @ParameterizedTest
  @CsvSource({"config.json, '\"</s>\"'", "generation_config.json, '[1, 2.5]'"})
  void what_is_no_id_is_refused_by_file_and_field(String file, String value) throws IOException {
    Path out = exported(CONFIG);
    set(out.resolve(file), "eos_token_id", value);
    String message =
        assertThrows(CheckpointFormatException.class, () -> imported(out)).getMessage();
    assertTrue(message.contains(file) && message.contains("\"eos_token_id\" is "), message);
  }

  @Test
  void a_config_refuses_ids_outside_of_its_vocabulary() {
    for (int id : new int[] {-1, 270}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> CONFIG.withEndTokens(List.of(id)))
              .getMessage();
      assertTrue(message.contains("end token " + id + " is outside the vocabulary"), message);
    }
  }
}
