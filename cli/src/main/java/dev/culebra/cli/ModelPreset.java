package dev.culebra.cli;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.ModelConfigJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Models that can be named instead of being described in a file. */
enum ModelPreset {
  /** 4 layers of 128: minutes on any machine, for trying things out. */
  TINY(ModelConfig.gpt2(1, 128, 128, 4, 4)),
  /** 4 layers of 256. */
  MINI(ModelConfig.gpt2(1, 128, 256, 4, 4)),
  /** 6 layers of 384. */
  SMALL(ModelConfig.gpt2(1, 256, 384, 6, 6)),
  /** GPT-2 of 124 million parameters. */
  GPT2(ModelConfig.gpt2(1, 1024, 768, 12, 12)),
  /** Llama's form, 6 layers of 384. */
  LLAMA_SMALL(ModelConfig.llama(1, 256, 384, 6, 6, 2, 1024)),
  /** Llama's form, 12 layers of 768. */
  LLAMA_BASE(ModelConfig.llama(1, 1024, 768, 12, 12, 4, 2048));

  private final ModelConfig config;

  ModelPreset(ModelConfig config) {
    this.config = config;
  }

  private String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String titles() {
    return Arrays.stream(values()).map(ModelPreset::title).collect(Collectors.joining(", "));
  }

  /**
   * A model by name or file, with the vocabulary of the tokenizer that goes with it.
   *
   * @param name of a preset, or a file like a model directory's {@code config.json}
   */
  static ModelConfig find(String name, int vocabularySize) throws IOException {
    for (ModelPreset preset : values()) {
      if (preset.title().equals(name)) {
        return preset.config.withVocabularySize(vocabularySize);
      }
    }
    Path file = Path.of(name);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(name, null, "neither a file nor one of the models " + titles());
    }
    ModelConfig config = ModelConfigJson.read(file);
    if (config.vocabularySize() < vocabularySize) {
      throw new IllegalArgumentException(
          file
              + ": vocabularySize "
              + config.vocabularySize()
              + " is less than the tokenizer's "
              + vocabularySize);
    }
    return config;
  }
}
