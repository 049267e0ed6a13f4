package dev.culebra.cli;

import dev.culebra.data.Corpus;
import dev.culebra.data.TextFiles;
import dev.culebra.data.TokenShard;
import dev.culebra.data.Tokenization;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.runtime.LibraryReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Option;

/** Options of every command that reads text. */
final class CorpusOptions {
  private static final int BYTES = 256;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE|DIR|GLOB",
      description = "UTF-8 text: files, folders (all files in them) or globs.")
  private List<String> data;

  List<String> sources() {
    return data;
  }

  Corpus corpus() throws IOException {
    return TextFiles.of(data);
  }

  /** Trains a tokenizer with one special token, which separates documents. */
  static Tokenizer train(Corpus corpus, int vocabularySize, TokenizerChoice.Split split)
      throws IOException {
    if (vocabularySize <= BYTES) {
      throw new IllegalArgumentException(
          "a vocabulary of %d is too small: %d bytes and %s alone take %d"
              .formatted(vocabularySize, BYTES, TokenizerChoice.END_OF_TEXT, BYTES + 1));
    }
    BytePairTrainer trainer =
        new BytePairTrainer(vocabularySize, split.splitter(), List.of(TokenizerChoice.END_OF_TEXT));
    try (ProgressBar bar = Progress.bytes("counting words", corpus.bytes())) {
      Tokenization.count(corpus, trainer, bar::stepTo);
    }
    try (ProgressBar bar = Progress.count("merging pairs", vocabularySize)) {
      return trainer.train(bar::stepTo);
    }
  }

  /** The corpus as tokens, made once and kept in the cache folder. */
  static TokenShard tokens(Corpus corpus, Tokenizer tokenizer) throws IOException {
    Path folder = LibraryReport.cacheFolder().resolve("tokens");
    Files.createDirectories(folder);
    try (ProgressBar bar = Progress.bytes("tokenising", corpus.bytes())) {
      return Tokenization.cached(corpus, tokenizer, folder, bar::stepTo);
    }
  }
}
