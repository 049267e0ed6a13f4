package dev.culebra.model.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Rotary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code config.json} of a model directory: a {@link ModelConfig} field by field. */
public final class ModelConfigJson {
  static final String FORMAT = "culebra";
  static final int VERSION = 1;

  private ModelConfigJson() {}

  static byte[] write(ModelConfig config) {
    ObjectNode root = JsonDocument.object();
    root.put("format", FORMAT);
    root.put("version", VERSION);
    root.put("vocabularySize", config.vocabularySize());
    root.put("contextLength", config.contextLength());
    root.put("hiddenSize", config.hiddenSize());
    root.put("layers", config.layers());
    root.put("heads", config.heads());
    root.put("kvHeads", config.kvHeads());
    root.put("headDim", config.headDim());
    root.put("mlpSize", config.mlpSize());
    root.put("norm", config.norm().name());
    root.put("normEpsilon", config.normEpsilon());
    root.put("position", config.position().name());
    if (config.rotary() != null) {
      ObjectNode rotary = root.putObject("rotary");
      rotary.put("theta", config.rotary().theta());
      rotary.put("factor", config.rotary().factor());
      rotary.put("lowFrequencyFactor", config.rotary().lowFrequencyFactor());
      rotary.put("highFrequencyFactor", config.rotary().highFrequencyFactor());
      rotary.put("originalContext", config.rotary().originalContext());
    }
    root.put("mlp", config.mlp().name());
    root.put("biases", config.biases());
    root.put("tiedEmbeddings", config.tiedEmbeddings());
    root.put("dropout", config.dropout());
    root.put("slidingWindow", config.slidingWindow());
    if (!config.endTokens().isEmpty()) {
      ArrayNode ends = root.putArray("endTokens");
      config.endTokens().forEach(ends::add);
    }
    return JsonDocument.bytes(root);
  }

  /**
   * Reads a config.
   *
   * @throws CheckpointFormatException if it is none, naming the field that is wrong
   */
  public static ModelConfig read(Path file) throws IOException {
    JsonDocument json = JsonDocument.read(file);
    if (!json.node("format").asText().equals(FORMAT)) {
      throw json.wrong(
          "no Culebra model (\"format\" is not \""
              + FORMAT
              + "\"); 'culebra import' makes one of it");
    }
    if (json.integer("version") != VERSION) {
      throw json.wrong("version", VERSION + ", the only one that this build reads");
    }
    try {
      ModelConfig config =
          new ModelConfig(
              json.integer("vocabularySize"),
              json.integer("contextLength"),
              json.integer("hiddenSize"),
              json.integer("layers"),
              json.integer("heads"),
              json.integer("kvHeads"),
              json.integer("headDim"),
              json.integer("mlpSize"),
              json.choice("norm", ModelConfig.Norm.class),
              (float) json.number("normEpsilon"),
              json.choice("position", ModelConfig.Position.class),
              json.has("rotary") ? rotary(json.child("rotary")) : null,
              json.choice("mlp", ModelConfig.Mlp.class),
              json.flag("biases"),
              json.flag("tiedEmbeddings"),
              (float) json.number("dropout"),
              json.integer("slidingWindow"),
              json.has("endTokens") ? json.integers("endTokens") : List.of());
      json.refuseUnknown();
      return config;
    } catch (IllegalArgumentException e) {
      throw json.wrong(e.getMessage());
    }
  }

  private static Rotary rotary(JsonDocument json) {
    Rotary rotary =
        new Rotary(
            (float) json.number("theta"),
            (float) json.number("factor"),
            (float) json.number("lowFrequencyFactor"),
            (float) json.number("highFrequencyFactor"),
            json.integer("originalContext"));
    json.refuseUnknown();
    return rotary;
  }
}
