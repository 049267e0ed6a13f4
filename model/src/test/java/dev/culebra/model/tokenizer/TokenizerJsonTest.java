package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;
  private ByteLevelTokenizer tokenizer;

  @BeforeEach
  void trains_a_small_tokenizer() throws IOException {
    tokenizer =
        TinyTokenizers.trained(
            "the cat's hat, the rat's mat \u00e9t\u00e9 ".repeat(3),
            290,
            Splitter.CL100K,
            "<|begin|>",
            "<|endoftext|>");
    Tokenizers.write(tokenizer, directory);
  }

  private Path file() {
    return directory.resolve("tokenizer.json");
  }

  /** What reading the file says after a change to it. */
  private String refusal(Consumer<ObjectNode> change) throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(file().toFile());
    change.accept(root);
    Path changed = directory.resolve("changed.json");
    JSON.writeValue(changed.toFile(), root);
    String message =
        assertThrows(TokenizerFormatException.class, () -> Tokenizers.read(changed)).getMessage();
    assertTrue(message.startsWith(changed.toString()), message);
    return message.substring(changed.toString().length() + 2);
  }

  private Tokenizer changed(Consumer<ObjectNode> change) throws IOException {
    ObjectNode root = (ObjectNode) JSON.readTree(file().toFile());
    change.accept(root);
    Path changed = directory.resolve("changed.json");
    JSON.writeValue(changed.toFile(), root);
    return Tokenizers.read(changed);
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_written_tokenizer_reads_back_as_the_same() throws IOException {
    for (ByteLevelTokenizer written : List.of(tokenizer, Tokenizers.published("gpt2"))) {
      Tokenizers.write(written, directory);
      ByteLevelTokenizer read = (ByteLevelTokenizer) Tokenizers.read(directory);
      assertEquals(written.fingerprint(), read.fingerprint());
      assertEquals(written.specialTokens(), read.specialTokens());
      assertEquals(written.endOfText(), read.endOfText());
      Random random = new Random(11);
      for (int i = 0; i < 500; i++) {
        String text = RandomText.next(random, 30) + "<|endoftext|>";
        assertArrayEquals(written.encode(text), read.encode(text));
      }
    }
    try (var files = Files.list(directory)) {
      assertEquals(
          List.of("tokenizer.json", "tokenizer_config.json"),
          files.map(f -> f.getFileName() + "").sorted().toList());
    }
  }

  @Test
  void fingerprints_tell_tokenizers_apart() {
    ByteLevelTokenizer other = TinyTokenizers.trained("other text", 260, Splitter.CL100K);
    ByteLevelTokenizer split = TinyTokenizers.trained("other text", 260, Splitter.GPT2);
    assertNotEquals(tokenizer.fingerprint(), other.fingerprint());
    assertNotEquals(split.fingerprint(), other.fingerprint());
  }

  @Test
  void the_token_that_ends_a_text_is_kept() throws IOException {
    int begin = tokenizer.specialTokens().get("<|begin|>");
    Tokenizers.write(tokenizer.withEndOfText(begin), directory);
    assertEquals(begin, Tokenizers.read(directory).endOfText());
    Path config = directory.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"eos_token\": {\"content\": \"<|endoftext|>\"}}");
    assertEquals(tokenizer.endOfText(), Tokenizers.read(directory).endOfText());
    Files.writeString(config, "{\"eos_token\": \"<|other|>\"}");
    assertThrows(TokenizerFormatException.class, () -> Tokenizers.read(directory));
  }

  @Test
  void merges_may_be_strings_of_two_sides() throws IOException {
    Tokenizer read =
        changed(
            root -> {
              var merges = JSON.createArrayNode();
              for (JsonNode pair : root.at("/model/merges")) {
                merges.add(pair.get(0).asText() + " " + pair.get(1).asText());
              }
              ((ObjectNode) root.get("model")).set("merges", merges);
            });
    assertEquals(tokenizer.fingerprint(), read.fingerprint());
  }

  @Test
  void a_template_puts_its_token_before_prompts_only() throws IOException {
    int begin = tokenizer.specialTokens().get("<|begin|>");
    Tokenizer read =
        changed(
            root ->
                root.set(
                    "post_processor",
                    json(
                        "{'type':'Sequence','processors':[{'type':'ByteLevel'},"
                            + "{'type':'TemplateProcessing','single':"
                            + "[{'SpecialToken':{'id':'<|begin|>','type_id':0}},"
                            + "{'Sequence':{'id':'A','type_id':0}}],"
                            + "'special_tokens':{'<|begin|>':{'id':'<|begin|>','ids':["
                            + begin
                            + "],"
                            + "'tokens':['<|begin|>']}}}]}")));
    int[] ids = read.encode("the cat");
    int[] prompt = read.encodePrompt("the cat");
    assertEquals(begin, prompt[0]);
    assertArrayEquals(ids, Arrays.copyOfRange(prompt, 1, prompt.length));
    Tokenizers.write(read, directory);
    assertArrayEquals(prompt, Tokenizers.read(directory).encodePrompt("the cat"));
  }

  @Test
  void other_patterns_split_by_java_regex() throws IOException {
    Tokenizer read =
        changed(
            root ->
                ((ObjectNode) root.at("/pre_tokenizer/pretokenizers/0/pattern"))
                    .put("Regex", "\\p{L}+|\\d"));
    String text = "the cat 12";
    int[] ids = read.encode(text);
    assertEquals(text, new String(read.decode(ids, 0, ids.length), UTF_8));
    assertNotEquals(tokenizer.fingerprint(), read.fingerprint());
  }

  @Test
  void a_prefix_space_is_put_where_the_file_asks_for_it() throws IOException {
    JsonNode byteLevel = json("{'type':'ByteLevel','add_prefix_space':true,'use_regex':true}");
    Tokenizer read = changed(root -> root.set("pre_tokenizer", byteLevel));
    assertArrayEquals(read.encode(" the"), read.encode("the"));
    int end = read.endOfText();
    int[] ids = read.encode("<|endoftext|>the");
    assertEquals(end, ids[0]);
    assertArrayEquals(read.encode(" the"), Arrays.copyOfRange(ids, 1, ids.length));
    assertArrayEquals(tokenizer.encode("\nthe"), read.encodeContinuation("\nthe"));
    assertArrayEquals(ids, read.encodeContinuation("<|endoftext|>the"));
  }

  @Test
  void what_is_not_supported_is_refused_by_name() throws IOException {
    Map<String, String> components =
        Map.of(
            "normalizer",
            "NFC",
            "pre_tokenizer",
            "Whitespace",
            "decoder",
            "WordPiece",
            "post_processor",
            "BertProcessing");
    components.forEach(
        (field, type) -> {
          try {
            String message = refusal(root -> root.set(field, json("{'type':'" + type + "'}")));
            assertTrue(message.contains(field + " " + type), message);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertEquals(
        "model of type Unigram is not supported; BPE is",
        refusal(root -> ((ObjectNode) root.get("model")).put("type", "Unigram")));
    assertEquals(
        "model.dropout is not supported",
        refusal(root -> ((ObjectNode) root.get("model")).put("dropout", 0.1)));
    assertEquals(
        "added token \"<|begin|>\" with lstrip is not supported",
        refusal(root -> ((ObjectNode) root.at("/added_tokens/0")).put("lstrip", true)));
  }

  @Test
  void damaged_vocabularies_are_refused_with_the_place() throws IOException {
    assertTrue(
        refusal(root -> ((ObjectNode) root.at("/model/vocab")).remove("A"))
            .contains("is missing, though there are larger ones"));
    assertTrue(
        refusal(root -> ((ObjectNode) root.at("/model/vocab")).put("B", 1))
            .contains("both have id 1"));
    assertTrue(
        refusal(root -> ((ObjectNode) root.at("/model/vocab")).put("B", -4))
            .contains("no token id"));
    assertEquals(
        "model.merges[0]: \"qq\" is not in model.vocab",
        refusal(root -> ((ObjectNode) root.get("model")).set("merges", json("['q q']"))));
    assertEquals(
        "model.merges[1] stands there twice",
        refusal(
            root -> {
              ArrayNode merges = (ArrayNode) root.at("/model/merges");
              merges.set(1, merges.get(0));
            }));
    assertEquals(
        "model.merges[0] is no pair: \"th\"",
        refusal(root -> ((ObjectNode) root.get("model")).set("merges", json("['th']"))));
  }

  @Test
  void files_that_are_no_tokenizer_are_refused_by_name() throws IOException {
    Path file = directory.resolve("file");
    byte[] json = Files.readAllBytes(file());
    Map<String, byte[]> contents =
        Map.of(
            "broken JSON at line", Arrays.copyOf(json, json.length / 2),
            "is empty", new byte[0],
            "there is no field \"model\"", "{\"a\": 1}".getBytes(UTF_8),
            "is no tokenizer.json, tiktoken rank file or llama2.c",
                "hello world\n".getBytes(UTF_8));
    for (Map.Entry<String, byte[]> content : contents.entrySet()) {
      Files.write(file, content.getValue());
      String message =
          assertThrows(TokenizerFormatException.class, () -> Tokenizers.read(file)).getMessage();
      assertTrue(message.startsWith(file.toString()), message);
      assertTrue(message.contains(content.getKey()), message);
    }
    assertThrows(NoSuchFileException.class, () -> Tokenizers.read(directory.resolve("nothing")));
  }
}
