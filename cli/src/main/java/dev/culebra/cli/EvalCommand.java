package dev.culebra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.culebra.data.SequentialBatches;
import dev.culebra.data.TokenRange;
import dev.culebra.data.TokenShard;
import dev.culebra.model.Parameters;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.training.Evaluation;
import dev.culebra.model.training.Evaluator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures how well a model predicts a text. */
@Command(
    name = "eval",
    description = {
      "Measures how well a model predicts a text: loss, perplexity, bits per byte.",
      "Each token is predicted once, from those before it in windows that do not overlap."
    })
final class EvalCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CorpusOptions data;
  @Mixin private DeviceOptions device;
  @Mixin private ModelOption model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Windows at a time. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--length",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens of a window; 0 for the model's context. Default: ${DEFAULT-VALUE}.")
  private int length;

  @Option(
      names = "--separate-documents",
      description = "Hide from a token those of other documents.")
  private boolean separateDocuments;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || length < 0) {
      throw new ParameterException(
          spec.commandLine(), "--batch must be at least 1 and --length at least 0");
    }
    try (ModelDirectory directory = model.open();
        TokenShard shard = CorpusOptions.tokens(data.corpus(), directory.tokenizer());
        Device opened = device.open();
        Parameters parameters = Parameters.forEvaluation(opened, directory.config(), DType.F32)) {
      directory.load(parameters);
      print(evaluate(parameters, shard.all()), shard.all());
    }
    return 0;
  }

  private Evaluation evaluate(Parameters parameters, TokenRange range) {
    int window = length > 0 ? length : parameters.config().contextLength();
    SequentialBatches source = new SequentialBatches(range);
    long batches = source.batches(batch, window);
    double loss = 0;
    long targets = 0;
    try (Evaluator evaluator = Evaluator.open(parameters, batch, window, separateDocuments);
        ProgressBar bar = Progress.count("evaluating", batches)) {
      for (long i = 0; i < batches; i++) {
        Evaluation part = evaluator.evaluate(source, 1);
        loss += part.lossSum();
        targets += part.targets();
        bar.step();
      }
    }
    return new Evaluation(loss, targets);
  }

  private void print(Evaluation evaluation, TokenRange range) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    double bitsPerByte = evaluation.bitsPerByte(range.textBytes());
    if (json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("loss", evaluation.loss());
      result.put("perplexity", evaluation.perplexity());
      result.put("bits_per_byte", bitsPerByte);
      result.put("tokens", evaluation.targets());
      result.put("bytes", range.textBytes());
      out.println(new ObjectMapper().writeValueAsString(result));
    } else {
      out.printf(
          Locale.ROOT,
          "loss %.4f nats a token, perplexity %.2f, %.4f bits per byte (%,d tokens, %,d bytes)%n",
          evaluation.loss(),
          evaluation.perplexity(),
          bitsPerByte,
          evaluation.targets(),
          range.textBytes());
    }
    out.flush();
  }
}
