package dev.culebra.cli;

import dev.culebra.model.checkpoint.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The model of every command that reads one. */
final class ModelOption {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model, or a run (its newest checkpoint is taken).")
  private Path path;

  ModelDirectory open() throws IOException {
    return ModelDirectory.open(path);
  }
}
