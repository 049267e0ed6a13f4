package dev.culebra.model.exchange;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.DurableDirectory;
import dev.culebra.model.checkpoint.JsonDocument;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.exchange.ForeignName.Part;
import dev.culebra.model.generation.ParameterSource;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes a model directory of what other programs wrote. */
public final class Importer {
  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String HEAD = "lm_head.weight";

  /** Buffers that old GPT-2 and Llama files carry along: masks and frequencies, made anew by us. */
  private static final List<String> BUFFERS =
      List.of(".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq");

  /** What a source was recognised as. */
  public enum Format {
    /** A directory with {@code config.json} and safetensors. */
    HUGGING_FACE("Hugging Face"),
    /** One {@code .bin} file. */
    LLAMA2C("llama2.c");

    private final String title;

    Format(String title) {
      this.title = title;
    }

    @Override
    public String toString() {
      return title;
    }
  }

  private Importer() {}

  /**
   * Finds out what a source is from what is there.
   *
   * @throws CheckpointFormatException if it is nothing that can be imported
   */
  public static Format recognise(Path source) throws IOException {
    if (!Files.exists(source)) {
      throw new CheckpointFormatException(source + ": there is no such file or directory");
    }
    if (source.toString().endsWith(".safetensors")) {
      throw new CheckpointFormatException(
          source + " holds weights alone; name its directory, where " + CONFIG + " is");
    }
    if (Files.isRegularFile(source)) {
      Llama2cFile.open(source).close();
      return Format.LLAMA2C;
    }
    Path config = source.resolve(CONFIG);
    if (!Files.exists(config)) {
      throw new CheckpointFormatException(
          "%s has no %s: it is no Hugging Face model directory; of llama2.c's, name the .bin file"
              .formatted(source, CONFIG));
    }
    JsonDocument json = JsonDocument.read(config);
    if (json.text("format", "").equals("culebra")) {
      throw new CheckpointFormatException(source + " is a Culebra model already");
    }
    return Format.HUGGING_FACE;
  }

  /**
   * Imports a model.
   *
   * @param source see {@link Format}
   * @param tokenizer a tokenizer's file; null takes the one beside the model
   * @param out the new model directory; must not exist, or be empty
   * @return what was imported
   * @throws CheckpointFormatException if the source is damaged, or of a form that we do not have
   */
  public static ModelConfig importModel(Path source, Path tokenizer, Path out) throws IOException {
    return switch (recognise(source)) {
      case HUGGING_FACE -> importHuggingFace(source, tokenizer, out);
      case LLAMA2C -> importLlama2c(source, tokenizer, out);
    };
  }

  private static ModelConfig importHuggingFace(Path source, Path tokenizer, Path out)
      throws IOException {
    JsonDocument json = JsonDocument.read(source.resolve(CONFIG));
    Path generation = source.resolve(GENERATION_CONFIG);
    ModelConfig shape = HuggingFaceConfig.read(json);
    ModelConfig config =
        shape.withEndTokens(
            HuggingFaceConfig.endTokens(
                json,
                Files.exists(generation) ? JsonDocument.read(generation) : null,
                shape.vocabularySize()));
    try (ForeignTensors tensors = ForeignTensors.open(source)) {
      List<ForeignName> names =
          json.text("model_type").equals("gpt2")
              ? ForeignNames.gpt2(config, gpt2Prefix(tensors))
              : ForeignNames.llama(config);
      refuseUnknown(source, config, names, tensors);
      refuseOtherHead(source, config, names, tensors);
      requireBiases(json, names, tensors);
      ParameterSource parameters = new ForeignParameters(names).assemble(tensors);
      return write(
          out, config, parameters, tokenizer == null ? source.resolve(Tokenizers.FILE) : tokenizer);
    }
  }

  /** The model of a language model is called {@code transformer}; a bare one has no prefix. */
  private static String gpt2Prefix(ForeignTensors tensors) {
    return tensors.contains("wte.weight") ? "" : "transformer.";
  }

  private static void refuseUnknown(
      Path source, ModelConfig config, List<ForeignName> names, ForeignTensors tensors) {
    Set<String> known = new HashSet<>();
    names.forEach(name -> name.parts().stream().map(Part::name).forEach(known::add));
    if (config.tiedEmbeddings()) {
      known.add(HEAD);
    }
    for (String name : tensors.names()) {
      if (!known.contains(name) && BUFFERS.stream().noneMatch(name::endsWith)) {
        throw new CheckpointFormatException(
            source + ": tensor '" + name + "' has no place in a model of this " + CONFIG);
      }
    }
  }

  /** Files of tied models may hold the embedding a second time, as the head; but nothing else. */
  private static void refuseOtherHead(
      Path source, ModelConfig config, List<ForeignName> names, ForeignTensors tensors) {
    if (!config.tiedEmbeddings() || !tensors.contains(HEAD)) {
      return;
    }
    String embedding =
        names.stream()
            .filter(name -> name.name().equals("embedding.tokens"))
            .map(name -> name.parts().getFirst().name())
            .findFirst()
            .orElseThrow();
    long[] shape = {config.vocabularySize(), config.hiddenSize()};
    if (tensors.floats(HEAD, shape).mismatch(tensors.floats(embedding, shape)) >= 0) {
      throw new CheckpointFormatException(
          "%s: the embeddings are tied by %s, but tensor '%s' is not '%s'; if it is to be used, set"
                  .formatted(source, CONFIG, HEAD, embedding)
              + " \"tie_word_embeddings\": false");
    }
  }

  /** Llama's attention and MLP have biases or not by a field each; the others are zero for us. */
  private static void requireBiases(
      JsonDocument json, List<ForeignName> names, ForeignTensors tensors) {
    for (ForeignName name : names) {
      for (Part part : name.parts()) {
        String field = part.name().contains(".self_attn.") ? "attention_bias" : "mlp_bias";
        if (part.optional() && json.flag(field, false) != tensors.contains(part.name())) {
          throw json.wrong(
              "\"%s\" is %s, but there is %s tensor '%s'"
                  .formatted(
                      field,
                      json.flag(field, false),
                      tensors.contains(part.name()) ? "a" : "no",
                      part.name()));
        }
      }
    }
  }

  private static ModelConfig importLlama2c(Path source, Path tokenizer, Path out)
      throws IOException {
    Path tokenizerFile = tokenizer == null ? source.resolveSibling("tokenizer.bin") : tokenizer;
    try (Llama2cFile file = Llama2cFile.open(source)) {
      return write(out, file.config(), file.parameters(), tokenizerFile);
    }
  }

  private static ModelConfig write(
      Path out, ModelConfig source, ParameterSource parameters, Path tokenizerFile)
      throws IOException {
    if (!Files.exists(tokenizerFile)) {
      throw new CheckpointFormatException(
          "the model has no tokenizer at " + tokenizerFile + "; name one with --tokenizer");
    }
    Tokenizer tokenizer = Tokenizers.read(tokenizerFile);
    if (tokenizer.vocabularySize() > source.vocabularySize()) {
      throw new CheckpointFormatException(
          tokenizerFile
              + " has "
              + tokenizer.vocabularySize()
              + " tokens, the model only "
              + source.vocabularySize()
              + ": it is not the model's tokenizer");
    }
    // The tokenizer knows its own.
    List<Integer> otherEnds =
        source.endTokens().stream().filter(id -> id != tokenizer.endOfText()).toList();
    ModelConfig config = source.withEndTokens(otherEnds);
    DurableDirectory.create(
        out, directory -> ModelDirectory.write(directory, config, parameters, tokenizer));
    return config;
  }
}
