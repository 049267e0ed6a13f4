package dev.culebra.model.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.ModelConfig.Mlp;
import dev.culebra.model.ModelConfig.Norm;
import dev.culebra.model.ModelConfig.Position;
import dev.culebra.model.Rotary;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.JsonDocument;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Hugging Face's {@code config.json} of GPT-2 and Llama (and of Mistral, which is Llama with a
 * sliding window). Fields that would change what the model computes and that we do not follow are
 * refused by name; fields that change nothing (names of classes, versions, other token ids) are
 * passed over.
 */
final class HuggingFaceConfig {
  private static final List<String> GELU_TANH = List.of("gelu_new", "gelu_pytorch_tanh");

  private static final String END_TOKENS = "eos_token_id";

  private HuggingFaceConfig() {}

  /**
   * @throws CheckpointFormatException if we have no such model; the message names file and field
   */
  static ModelConfig read(JsonDocument json) {
    if (json.has("quantization_config")) {
      throw json.wrong("quantization_config", "weights that are not quantised");
    }
    try {
      return switch (json.text("model_type")) {
        case "gpt2" -> readGpt2(json);
        case "llama" -> readLlama(json, 0);
        case "mistral" -> readLlama(json, json.integer("sliding_window", 0));
        default -> throw json.wrong("model_type", "gpt2, llama or mistral");
      };
    } catch (IllegalArgumentException e) { // sizes that make no model
      throw json.wrong(e.getMessage());
    }
  }

  private static ModelConfig readGpt2(JsonDocument json) {
    String activation = json.text("activation_function", "gelu_new");
    if (!GELU_TANH.contains(activation)) {
      throw json.wrong("activation_function", "one of " + GELU_TANH);
    }
    expect(json, "scale_attn_weights", true, true);
    expect(json, "scale_attn_by_inverse_layer_idx", false, false);
    expect(json, "add_cross_attention", false, false);
    double dropout = json.number("resid_pdrop", 0.1);
    for (String field : List.of("embd_pdrop", "attn_pdrop")) {
      if (json.number(field, 0.1) != dropout) {
        throw json.wrong(field, "the value of resid_pdrop: " + dropout);
      }
    }
    int hidden = json.integer("n_embd");
    int heads = positive(json, "n_head");
    if (hidden % heads != 0) {
      throw json.wrong("n_head", "a divisor of n_embd, which is " + hidden);
    }
    return new ModelConfig(
        json.integer("vocab_size"),
        json.integer("n_positions"),
        hidden,
        json.integer("n_layer"),
        heads,
        heads,
        hidden / heads,
        json.integer("n_inner", 4 * hidden),
        Norm.LAYER,
        (float) json.number("layer_norm_epsilon", 1e-5),
        Position.LEARNED,
        null,
        Mlp.GELU,
        true,
        json.flag("tie_word_embeddings", true),
        (float) dropout,
        0,
        List.of());
  }

  private static ModelConfig readLlama(JsonDocument json, int slidingWindow) {
    if (!json.text("hidden_act", "silu").equals("silu")) {
      throw json.wrong("hidden_act", "silu");
    }
    if (json.number("attention_dropout", 0) != 0) {
      throw json.wrong("attention_dropout", "0");
    }
    if (json.number("partial_rotary_factor", 1) != 1) {
      throw json.wrong("partial_rotary_factor", "1");
    }
    int hidden = json.integer("hidden_size");
    int heads = positive(json, "num_attention_heads");
    return new ModelConfig(
        json.integer("vocab_size"),
        json.integer("max_position_embeddings"),
        hidden,
        json.integer("num_hidden_layers"),
        heads,
        json.integer("num_key_value_heads", heads),
        json.integer("head_dim", hidden / heads),
        json.integer("intermediate_size"),
        Norm.RMS,
        (float) json.number("rms_norm_eps", 1e-6),
        Position.ROTARY,
        readRotary(json),
        Mlp.SWIGLU,
        json.flag("attention_bias", false) || json.flag("mlp_bias", false),
        json.flag("tie_word_embeddings", false),
        0,
        slidingWindow,
        List.of());
  }

  /**
   * Older files have {@code rope_theta} and {@code rope_scaling}, newer {@code rope_parameters}.
   */
  private static Rotary readRotary(JsonDocument json) {
    boolean newer = json.has("rope_parameters");
    JsonDocument base = newer ? json.child("rope_parameters") : json;
    float theta = (float) base.number("rope_theta", 10000);
    if (!newer && !json.has("rope_scaling")) {
      return Rotary.plain(theta);
    }
    JsonDocument scaling = newer ? base : json.child("rope_scaling");
    String kind = scaling.has("rope_type") ? "rope_type" : "type";
    return switch (scaling.text(kind, "default")) {
      case "default" -> Rotary.plain(theta);
      case "llama3" ->
          new Rotary(
              theta,
              (float) scaling.number("factor"),
              (float) scaling.number("low_freq_factor"),
              (float) scaling.number("high_freq_factor"),
              scaling.integer("original_max_position_embeddings"));
      default -> throw scaling.wrong(kind, "default or llama3");
    };
  }

  private static int positive(JsonDocument json, String field) {
    int value = json.integer(field);
    if (value < 1) {
      throw json.wrong(field, "a positive number");
    }
    return value;
  }

  private static void expect(JsonDocument json, String field, boolean otherwise, boolean expected) {
    if (json.flag(field, otherwise) != expected) {
      throw json.wrong(field, String.valueOf(expected));
    }
  }

  /**
   * The ids that end a generated text: those of {@code generation_config.json} where it names some,
   * as Hugging Face's library has it, else those of {@code config.json}. Ids outside of the
   * vocabulary, as small models made from a large one's config have, end nothing and are left out.
   *
   * @param generation null where there is no such file
   */
  static List<Integer> endTokens(JsonDocument json, JsonDocument generation, int vocabularySize) {
    JsonDocument named = generation != null && generation.has(END_TOKENS) ? generation : json;
    if (!named.has(END_TOKENS)) {
      return List.of();
    }
    return named.integers(END_TOKENS).stream()
        .filter(id -> id >= 0 && id < vocabularySize)
        .distinct()
        .toList();
  }

  /**
   * Whether a model has GPT-2's form.
   *
   * @throws IllegalArgumentException if it has neither GPT-2's nor Llama's
   */
  static boolean isGpt2(ModelConfig config) {
    boolean gpt2 =
        config.norm() == Norm.LAYER
            && config.position() == Position.LEARNED
            && config.mlp() == Mlp.GELU
            && config.biases()
            && config.kvHeads() == config.heads()
            && config.headDim() * config.heads() == config.hiddenSize()
            && config.slidingWindow() == 0;
    boolean llama =
        config.norm() == Norm.RMS
            && config.position() == Position.ROTARY
            && config.mlp() == Mlp.SWIGLU;
    if (!gpt2 && !llama) {
      throw new IllegalArgumentException(
          "Hugging Face has no model of this form: GPT-2's is layer norm, learned positions, GELU"
              + " and biases, Llama's RMS norm, rotary positions and SwiGLU; this one is "
              + config);
    }
    return gpt2;
  }

  static ObjectNode write(ModelConfig config, int endOfText) {
    ObjectNode json = JsonDocument.object();
    if (isGpt2(config)) {
      writeGpt2(config, json);
    } else {
      writeLlama(config, json);
    }
    json.put("tie_word_embeddings", config.tiedEmbeddings());
    json.put("torch_dtype", "float32");
    if (endOfText >= 0) {
      json.put("bos_token_id", endOfText);
    }
    writeEndTokens(config, endOfText, json);
    return json;
  }

  /** One id as it is, several as a list, the tokenizer's first. */
  private static void writeEndTokens(ModelConfig config, int endOfText, ObjectNode json) {
    Set<Integer> ends = new LinkedHashSet<>();
    if (endOfText >= 0) {
      ends.add(endOfText);
    }
    ends.addAll(config.endTokens());
    if (ends.size() == 1) {
      json.put(END_TOKENS, ends.iterator().next());
    } else if (!ends.isEmpty()) {
      ends.forEach(json.putArray(END_TOKENS)::add);
    }
  }

  private static void writeGpt2(ModelConfig config, ObjectNode json) {
    json.put("model_type", "gpt2");
    json.putArray("architectures").add("GPT2LMHeadModel");
    json.put("vocab_size", config.vocabularySize());
    json.put("n_positions", config.contextLength());
    json.put("n_embd", config.hiddenSize());
    json.put("n_layer", config.layers());
    json.put("n_head", config.heads());
    json.put("n_inner", config.mlpSize());
    json.put("activation_function", "gelu_new");
    json.put("layer_norm_epsilon", decimal(config.normEpsilon()));
    for (String field : List.of("resid_pdrop", "embd_pdrop", "attn_pdrop")) {
      json.put(field, decimal(config.dropout()));
    }
  }

  private static void writeLlama(ModelConfig config, ObjectNode json) {
    boolean window = config.slidingWindow() > 0;
    json.put("model_type", window ? "mistral" : "llama");
    json.putArray("architectures").add(window ? "MistralForCausalLM" : "LlamaForCausalLM");
    json.put("vocab_size", config.vocabularySize());
    json.put("max_position_embeddings", config.contextLength());
    json.put("hidden_size", config.hiddenSize());
    json.put("num_hidden_layers", config.layers());
    json.put("num_attention_heads", config.heads());
    json.put("num_key_value_heads", config.kvHeads());
    json.put("head_dim", config.headDim());
    json.put("intermediate_size", config.mlpSize());
    json.put("hidden_act", "silu");
    json.put("rms_norm_eps", decimal(config.normEpsilon()));
    Rotary rotary = config.rotary();
    json.put("rope_theta", decimal(rotary.theta()));
    if (rotary.factor() != 1) {
      ObjectNode scaling = json.putObject("rope_scaling");
      scaling.put("rope_type", "llama3");
      scaling.put("factor", decimal(rotary.factor()));
      scaling.put("low_freq_factor", decimal(rotary.lowFrequencyFactor()));
      scaling.put("high_freq_factor", decimal(rotary.highFrequencyFactor()));
      scaling.put("original_max_position_embeddings", rotary.originalContext());
    }
    if (window) {
      if (config.biases()) {
        throw new IllegalArgumentException(
            "Hugging Face's model with a sliding window has no biases; this one has");
      }
      json.put("sliding_window", config.slidingWindow());
    } else {
      json.put("attention_bias", config.biases());
      json.put("mlp_bias", config.biases());
    }
  }

  /** The double that prints as the float does: 1e-5 stays 1e-5. */
  private static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }
}
