package dev.culebra.model.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.Decoder;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Parameters;
import dev.culebra.model.Rotary;
import dev.culebra.model.TokenBatch;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.DurableDirectory;
import dev.culebra.model.checkpoint.ModelConfigJson;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.SafeTensors;
import dev.culebra.model.checkpoint.SafeTensorsWriter;
import dev.culebra.model.checkpoint.TensorType;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExchangeTest {
  private static final Path STORIES = Path.of("../../shared/models/stories260K");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How messages call what is wrong with some fields. */
  private static final Map<String, String> OUR_NAMES =
      Map.of(
          "rope_scaling", "rope_type",
          "n_layer", "layers",
          "num_key_value_heads", "kvHeads",
          "head_dim", "headDim",
          "vocab_size", "vocabularySize");

  @TempDir Path folder;

  private static ModelConfig config(String form) {
    return switch (form) {
      case "gpt2" -> ModelConfig.gpt2(263, 10, 24, 2, 3);
      case "llama" -> ModelConfig.llama(263, 10, 24, 2, 6, 2, 20);
      case "llama3.1" ->
          new ModelConfig(
              263,
              10,
              24,
              2,
              6,
              3,
              6,
              20,
              ModelConfig.Norm.RMS,
              1e-6f,
              ModelConfig.Position.ROTARY,
              new Rotary(500000, 8, 1, 4, 8),
              ModelConfig.Mlp.SWIGLU,
              false,
              true,
              0,
              0,
              List.of());
      default ->
          new ModelConfig(
              263,
              10,
              24,
              2,
              6,
              3,
              4,
              20,
              ModelConfig.Norm.RMS,
              1e-5f,
              ModelConfig.Position.ROTARY,
              Rotary.plain(10000),
              ModelConfig.Mlp.SWIGLU,
              false,
              false,
              0,
              5,
              List.of());
    };
  }

  /** A model directory of random numbers. */
  private Path model(ModelConfig config) throws IOException {
    Path out = folder.resolve("model");
    SplittableRandom random = new SplittableRandom();
    DurableDirectory.create(
        out,
        directory ->
            ModelDirectory.write(
                directory,
                config,
                (name, shape) -> {
                  float[] values = new float[Math.toIntExact(elements(shape))];
                  for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                  }
                  return MemorySegment.ofArray(values);
                },
                new BytePairTrainer(256, Splitter.GPT2, List.of()).train(_ -> {})));
    return out;
  }

  private static long elements(long[] shape) {
    long elements = 1;
    for (long size : shape) {
      elements *= size;
    }
    return elements;
  }

  private Path exported(ModelConfig config) throws IOException {
    Path out = folder.resolve("exported");
    try (ModelDirectory model = ModelDirectory.open(model(config))) {
      Exporter.exportHuggingFace(model, out);
    }
    return out;
  }

  private void assertImportsAsItWas(Path exported, ModelConfig config) throws IOException {
    Path back = folder.resolve("back");
    assertEquals(Importer.Format.HUGGING_FACE, Importer.recognise(exported));
    assertEquals(config, Importer.importModel(exported, null, back));
    Path original = folder.resolve("model").resolve("model.safetensors");
    assertEquals(-1, Files.mismatch(original, back.resolve("model.safetensors")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "llama3.1", "mistral"})
  void what_goes_out_comes_back_the_same(String form) throws IOException {
    assertImportsAsItWas(exported(config(form)), config(form));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void shards_are_put_together(String form) throws IOException {
    Path whole = exported(config(form));
    ObjectNode index = JSON.createObjectNode();
    List<List<SafeTensorsWriter.Source>> shards = List.of(new ArrayList<>(), new ArrayList<>());
    try (SafeTensors all = SafeTensors.open(whole.resolve("model.safetensors"))) {
      int count = 0;
      for (String name : all.names()) {
        SafeTensors.Entry entry = all.entry(name);
        String plain = name.replace("transformer.", "");
        index.withObject("/weight_map").put(plain, "part-" + count % 2 + ".safetensors");
        shards
            .get(count++ % 2)
            .add(
                new SafeTensorsWriter.Source(
                    plain, entry.type(), entry.shape(), () -> all.bytes(name)));
      }
      Path sharded = folder.resolve("sharded");
      DurableDirectory.create(
          sharded,
          directory -> {
            directory.write("config.json", Files.readAllBytes(whole.resolve("config.json")));
            directory.write("tokenizer.json", Files.readAllBytes(whole.resolve("tokenizer.json")));
            directory.write("model.safetensors.index.json", JSON.writeValueAsBytes(index));
            directory.write("part-0.safetensors", Map.of(), shards.get(0));
            directory.write("part-1.safetensors", Map.of(), shards.get(1));
          });
      assertImportsAsItWas(sharded, config(form));
      Files.delete(sharded.resolve("part-1.safetensors"));
      String message =
          assertThrows(
                  CheckpointFormatException.class,
                  () -> Importer.importModel(sharded, null, folder.resolve("none")))
              .getMessage();
      assertTrue(message.contains("part-1.safetensors, which is not there"), message);
    }
  }

  @Test
  void gpt2_matrices_are_inputs_by_outputs_outside() throws IOException {
    ModelConfig config = config("gpt2");
    Path out = exported(config);
    try (ModelDirectory ours = ModelDirectory.open(folder.resolve("model"));
        SafeTensors theirs = SafeTensors.open(out.resolve("model.safetensors"))) {
      MemorySegment a = ours.read("layers.1.attention.qkv.weight", new long[] {72, 24});
      MemorySegment b = theirs.floats("transformer.h.1.attn.c_attn.weight", 24, 72);
      for (int output = 0; output < 72; output++) {
        for (int input = 0; input < 24; input++) {
          assertEquals(
              a.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, output * 24L + input),
              b.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, input * 72L + output));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, activation_function, '\"relu\"'",
    "gpt2, scale_attn_by_inverse_layer_idx, true",
    "gpt2, scale_attn_weights, false",
    "gpt2, n_head, 5",
    "gpt2, model_type, '\"gpt_neox\"'",
    "gpt2, n_embd, '\"wide\"'",
    "gpt2, n_head, 0",
    "gpt2, n_layer, 2000000000",
    "llama, num_attention_heads, 0",
    "llama, num_key_value_heads, 5",
    "llama, head_dim, 2000000000",
    "llama, vocab_size, -1",
    "llama, hidden_act, '\"gelu\"'",
    "llama, quantization_config, '{\"bits\":4}'",
    "llama, rope_scaling, '{\"rope_type\":\"yarn\",\"factor\":2}'",
  })
  void what_changes_the_maths_is_refused_by_name(String form, String field, String value)
      throws IOException {
    Path out = exported(config(form));
    Path file = out.resolve("config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    json.set(field, JSON.readTree(value));
    Files.write(file, JSON.writeValueAsBytes(json));
    String message =
        assertThrows(
                CheckpointFormatException.class,
                () -> Importer.importModel(out, null, folder.resolve("back")))
            .getMessage();
    assertTrue(message.contains("config.json"), message);
    String named = OUR_NAMES.getOrDefault(field, field);
    assertTrue(message.contains(named), message);
  }

  @ParameterizedTest
  @CsvSource({"attention_bias, layers.0.self_attn.q_proj", "mlp_bias, layers.0.mlp.gate_proj"})
  void biases_are_there_when_and_only_when_their_field_says_so(String field, String first)
      throws IOException {
    Path form = model(config("llama")).resolve("config.json");
    Files.writeString(
        form, Files.readString(form).replace("\"biases\" : false", "\"biases\" : true"));
    ModelConfig biased = ModelConfigJson.read(form);
    assertTrue(biased.biases());
    Files.move(form.getParent(), folder.resolve("plain"));
    Path out = exported(biased);
    assertImportsAsItWas(out, biased);
    Path file = out.resolve("config.json");
    ObjectNode fields = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    Files.write(file, JSON.writeValueAsBytes(fields.put(field, false)));
    assertImportRefused(
        out, "\"%s\" is false, but there is a tensor 'model.%s.bias'", field, first);
  }

  private void assertImportRefused(Path source, String message, Object... args) {
    String refused =
        assertThrows(
                CheckpointFormatException.class,
                () -> Importer.importModel(source, null, folder.resolve("none")))
            .getMessage();
    assertTrue(refused.contains(message.formatted(args)), refused);
  }

  @Test
  void weights_or_a_folder_that_are_no_model_say_what_to_name() throws IOException {
    Path out = exported(config("llama"));
    assertImportRefused(out.resolve("model.safetensors"), "name its directory");
    Files.delete(out.resolve("config.json"));
    assertImportRefused(out, "of llama2.c's, name the .bin file");
  }

  @Test
  void a_tensor_without_a_place_is_refused() throws IOException {
    Path out = exported(config("llama"));
    Path file = out.resolve("config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    json.put("num_hidden_layers", 1);
    Files.write(file, JSON.writeValueAsBytes(json));
    String message =
        assertThrows(
                CheckpointFormatException.class,
                () -> Importer.importModel(out, null, folder.resolve("back")))
            .getMessage();
    assertTrue(message.contains("model.layers.1."), message);
    assertTrue(message.contains("has no place"), message);
  }

  @Test
  void stories260K_predicts_its_known_text() throws IOException {
    assumeTrue(Files.isDirectory(STORIES), "no " + STORIES);
    JsonNode known = JSON.readTree(STORIES.resolve("greedy-empty-prompt.json").toFile());
    int length = known.path("ids").size() - 1;
    int[] ids = new int[length + 1];
    for (int i = 0; i <= length; i++) {
      ids[i] = known.path("ids").get(i).asInt();
    }
    Path out = folder.resolve("stories");
    ModelConfig config =
        Importer.importModel(
            STORIES.resolve("stories260K.bin"), STORIES.resolve("tok512.bin"), out);
    assertEquals(4, config.kvHeads());
    int[] input = java.util.Arrays.copyOf(ids, length);
    float[] logits;
    try (ModelDirectory model = ModelDirectory.open(out);
        Device device = Devices.open("cpu", 1);
        Parameters parameters = Parameters.forEvaluation(device, config, DType.F32)) {
      model.load(parameters);
      logits = logits(device, parameters, input);
    }
    int v = config.vocabularySize();
    for (int t = 0; t < length; t++) {
      int best = 0;
      for (int i = 1; i < v; i++) {
        best = logits[t * v + i] > logits[t * v + best] ? i : best;
      }
      assertEquals(ids[t + 1], best, "token " + t);
    }
  }

  private static float[] logits(Device device, Parameters parameters, int[] tokens) {
    long vocabulary = parameters.config().vocabularySize();
    long bytes = (2 + vocabulary) * tokens.length * Float.BYTES + 1024;
    try (Decoder decoder = Decoder.open(parameters, 1, tokens.length, Decoder.Keep.NOTHING, null);
        Arena arena = device.memory().arena("logits", bytes)) {
      Tensor input = arena.allocate(DType.I32, 1, tokens.length);
      Tensor targets = arena.allocate(DType.I32, 1, tokens.length);
      Tensor out = arena.allocate(DType.F32, tokens.length, vocabulary);
      device.write(input, tokens);
      device.write(targets, tokens);
      decoder.logits(TokenBatch.causal(parameters.config(), input, targets, null), out);
      return device.readFloats(out);
    }
  }

  @Test
  void a_damaged_llama2c_file_is_refused() throws IOException {
    Path file = folder.resolve("model.bin");
    Files.write(file, new byte[100]);
    assertThrows(
        CheckpointFormatException.class,
        () -> Importer.importModel(file, null, folder.resolve("back")));
    assumeTrue(Files.isDirectory(STORIES), "no " + STORIES);
    byte[] whole = Files.readAllBytes(STORIES.resolve("stories260K.bin"));
    Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 4));
    String message =
        assertThrows(
                CheckpointFormatException.class,
                () -> Importer.importModel(file, null, folder.resolve("back")))
            .getMessage();
    assertTrue(message.startsWith(file.toString()), message);
  }

  private String importRefused(Path source) {
    return assertThrows(
            CheckpointFormatException.class,
            () -> Importer.importModel(source, null, folder.resolve("back")))
        .getMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama3.1"})
  void a_tied_model_may_hold_its_embedding_twice_but_no_other_head(String form) throws IOException {
    ModelConfig config = config(form);
    assertTrue(config.tiedEmbeddings());
    Path tied = exported(config);
    Path twice = folder.resolve("twice");
    Path other = folder.resolve("other");
    try (SafeTensors all = SafeTensors.open(tied.resolve("model.safetensors"))) {
      String embedding =
          form.equals("gpt2") ? "transformer.wte.weight" : "model.embed_tokens.weight";
      MemorySegment head = all.bytes(embedding);
      writeWithHead(tied, all, head, twice);
      byte[] changed = head.toArray(ValueLayout.JAVA_BYTE);
      changed[changed.length - 1] ^= 1;
      writeWithHead(tied, all, MemorySegment.ofArray(changed), other);
    }
    String message = importRefused(other);
    assertTrue(message.contains("lm_head.weight"), message);
    assertTrue(message.contains("\"tie_word_embeddings\": false"), message);
    assertImportsAsItWas(twice, config);
  }

  private static void writeWithHead(Path from, SafeTensors all, MemorySegment head, Path to)
      throws IOException {
    List<SafeTensorsWriter.Source> sources = new ArrayList<>();
    for (String name : all.names()) {
      SafeTensors.Entry entry = all.entry(name);
      sources.add(
          new SafeTensorsWriter.Source(name, entry.type(), entry.shape(), () -> all.bytes(name)));
    }
    sources.add(
        new SafeTensorsWriter.Source(
            "lm_head.weight", TensorType.F32, new long[] {263, 24}, () -> head));
    DurableDirectory.create(
        to,
        directory -> {
          directory.write("config.json", Files.readAllBytes(from.resolve("config.json")));
          directory.write("tokenizer.json", Files.readAllBytes(from.resolve("tokenizer.json")));
          directory.write("model.safetensors", Map.of(), sources);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "..", "../model.safetensors", "part\u0000", "sub/part"})
  void a_shard_elsewhere_is_refused(String shard) throws IOException {
    Path out = exported(config("llama"));
    ObjectNode index = JSON.createObjectNode();
    index.withObject("/weight_map").put("model.norm.weight", shard);
    Files.write(out.resolve("model.safetensors.index.json"), JSON.writeValueAsBytes(index));
    String message = importRefused(out);
    assertTrue(message.contains("is no file name"), message);
    assertTrue(message.contains("model.safetensors.index.json"), message);
  }
}
