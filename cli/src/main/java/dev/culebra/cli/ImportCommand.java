package dev.culebra.cli;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.exchange.Importer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Brings a model of another program. */
@Command(
    name = "import",
    description = {
      "Makes a model of what another program wrote.",
      "Sources: a Hugging Face folder of a GPT-2, Llama or Mistral model (config.json, safetensors"
          + " in one file or several, tokenizer.json), or a llama2.c .bin file. Which it is, is"
          + " recognised."
    })
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SOURCE", description = "The folder or file.")
  private Path source;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description =
          "The model's tokenizer: tokenizer.json, *.tiktoken or llama2.c's .bin. Default: the one"
              + " beside the model.")
  private Path tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the new model; must not exist, or be empty.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    Importer.Format format = Importer.recognise(source);
    ModelConfig config = Importer.importModel(source, tokenizer, out);
    spec.commandLine()
        .getOut()
        .printf(
            "%s: a %s model of %,d parameters, context %d%n",
            out, format, config.parameters(), config.contextLength());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
