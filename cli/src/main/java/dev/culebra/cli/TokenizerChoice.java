package dev.culebra.cli;

import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Tokenizers as options name them. */
final class TokenizerChoice {
  /** Separates documents in tokenizers trained here; GPT-2's name for it. */
  static final String END_OF_TEXT = "<|endoftext|>";

  /** What {@link #find} finds, for the help. */
  static final String KINDS =
      "A tokenizer.json, the folder of a model or run, a rank file, or gpt2, cl100k_base,"
          + " o200k_base.";

  /** Rules by which text is split before merging. */
  enum Split {
    GPT2(Splitter.GPT2),
    CL100K(Splitter.CL100K),
    O200K(Splitter.O200K);

    private final Splitter splitter;

    Split(Splitter splitter) {
      this.splitter = splitter;
    }

    Splitter splitter() {
      return splitter;
    }
  }

  private TokenizerChoice() {}

  /** A published tokenizer by name, or one in a file, a model directory or a run. */
  static Tokenizer find(String name) throws IOException {
    if (Tokenizers.publishedNames().contains(name)) {
      return Tokenizers.published(name);
    }
    Path place = Path.of(name);
    if (!Files.exists(place)) {
      throw new NoSuchFileException(
          name, null, "neither a file nor one of " + Tokenizers.publishedNames());
    }
    List<CheckpointStore.Checkpoint> run = CheckpointStore.list(place);
    return Tokenizers.read(run.isEmpty() ? place : run.getLast().directory());
  }
}
