package dev.culebra.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.generation.GeneratedText;
import dev.culebra.model.generation.GenerationWeights;
import dev.culebra.model.generation.SamplingOptions;
import dev.culebra.model.generation.TextGenerator;
import dev.culebra.model.generation.TokenGenerator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.WeightFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lets a model write. */
@Command(
    name = "generate",
    description = "Goes on from a prompt, showing text as it comes; several prompts go as a batch.")
final class GenerateCommand implements Callable<Integer> {
  /** Weights by the names of the option. */
  enum Weights {
    F32(WeightFormat.SOURCE, DType.F32),
    BF16(WeightFormat.BF16, DType.BF16),
    INT8(WeightFormat.INT8, DType.BF16);

    private final WeightFormat format;
    private final DType cache;

    Weights(WeightFormat format, DType cache) {
      this.format = format;
      this.cache = cache;
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private DeviceOptions device;
  @Mixin private ModelOption model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to go on from; once for each text of a batch. Default: the empty text.")
  private List<String> prompts;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "200",
      description =
          "The most new tokens; 0 for as many as the context holds. Default: ${DEFAULT-VALUE}.")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0.8",
      description =
          "Higher is more varied; 0 takes the most likely token. Default: ${DEFAULT-VALUE}.")
  private float temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Choose from the K most likely tokens; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description =
          "Choose from the fewest tokens whose probabilities reach P; 1 for all. Default:"
              + " ${DEFAULT-VALUE}.")
  private float topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      defaultValue = "0",
      description =
          "Choose from tokens of at least P times the largest probability. Default:"
              + " ${DEFAULT-VALUE}.")
  private float minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1",
      description = "Above 1 weakens tokens that were there already. Default: ${DEFAULT-VALUE}.")
  private float repetitionPenalty;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "The same seed gives the same text. Default: a new one each time.")
  private Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End where this text comes; may be given several times.")
  private List<String> stop;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      defaultValue = "f32",
      description =
          "f32, or faster and a little less exact: bf16, int8. Default: ${DEFAULT-VALUE}.")
  private Weights weights;

  @Option(
      names = "--json",
      description = "Print one JSON object a prompt instead: prompt_ids, ids, text, and so on.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    prompts = prompts == null ? List.of("") : prompts;
    SamplingOptions options = samplingOptions();
    try (ModelDirectory directory = model.open();
        Device opened = device.open();
        GenerationWeights loaded =
            GenerationWeights.load(opened, directory.config(), directory, weights.format);
        TokenGenerator tokens =
            new TokenGenerator(
                loaded, prompts.size(), directory.config().contextLength(), weights.cache)) {
      generate(new TextGenerator(tokens, directory.tokenizer()), options);
    }
    return 0;
  }

  private SamplingOptions samplingOptions() {
    try {
      return new SamplingOptions(
          temperature,
          topK,
          topP,
          minP,
          repetitionPenalty,
          seed == null ? ThreadLocalRandom.current().nextLong() : seed,
          maxTokens,
          stop == null ? List.of() : stop);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private void generate(TextGenerator generator, SamplingOptions options) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean streaming = !json && prompts.size() == 1;
    // The prompt is shown with what follows it: not above a complaint about it.
    StringBuilder unshown = new StringBuilder(streaming ? prompts.getFirst() : "");
    long start = System.nanoTime();
    List<GeneratedText> texts =
        generator.generate(
            prompts,
            options,
            (sequence, text) -> {
              if (streaming) {
                out.print(unshown.append(text));
                out.flush();
                unshown.setLength(0);
              }
              return !out.checkError(); // nobody reads on: a closed pipe
            });
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (streaming) {
      out.println(unshown);
    } else {
      printAll(texts, seconds, out);
    }
    out.flush();
    long tokens = texts.stream().mapToLong(text -> text.ids().size()).sum();
    if (!json) {
      spec.commandLine()
          .getErr()
          .printf(Locale.ROOT, "%d tokens, %.1f tokens/s%n", tokens, tokens / seconds);
    }
  }

  private void printAll(List<GeneratedText> texts, double seconds, PrintWriter out)
      throws IOException {
    for (int i = 0; i < texts.size(); i++) {
      GeneratedText text = texts.get(i);
      if (json) {
        out.println(new ObjectMapper().writeValueAsString(jsonObject(i, text, seconds)));
      } else {
        out.println(prompts.get(i) + text.text());
        out.println();
      }
    }
  }

  private Map<String, Object> jsonObject(int sequence, GeneratedText text, double seconds) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("prompt", prompts.get(sequence));
    object.put("prompt_ids", text.promptIds());
    object.put("ids", text.ids());
    object.put("text", text.text());
    object.put("finish_reason", text.reason().name().toLowerCase(Locale.ROOT));
    object.put("tokens_per_second", text.ids().size() / seconds);
    return object;
  }
}
