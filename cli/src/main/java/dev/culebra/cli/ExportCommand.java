package dev.culebra.cli;

import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.exchange.Exporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Gives a model to another program. */
@Command(
    name = "export",
    description =
        "Writes a model as a Hugging Face folder (config.json, model.safetensors, tokenizer.json)"
            + " that transformers loads.")
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOption model;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The new folder; must not exist, or be empty.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    try (ModelDirectory directory = model.open()) {
      Exporter.exportHuggingFace(directory, out);
      spec.commandLine().getOut().printf("%s: exported from %s%n", out, directory.path());
    }
    spec.commandLine().getOut().flush();
    return 0;
  }
}
