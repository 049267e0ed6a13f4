package dev.culebra.cli;

import dev.culebra.data.SequentialBatches;
import dev.culebra.data.ShardBatches;
import dev.culebra.data.TextDocuments;
import dev.culebra.data.TokenRange;
import dev.culebra.data.TokenShard;
import dev.culebra.data.WordNet;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.Parameters;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.generation.GenerationWeights;
import dev.culebra.model.generation.SamplingOptions;
import dev.culebra.model.generation.TextGenerator;
import dev.culebra.model.generation.TokenGenerator;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.training.AdamWOptimizer;
import dev.culebra.model.training.Evaluation;
import dev.culebra.model.training.Evaluator;
import dev.culebra.model.training.LearningRateSchedule;
import dev.culebra.model.training.SavedTraining;
import dev.culebra.model.training.Trainer;
import dev.culebra.model.training.TrainingConfig;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.WeightFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The whole way from text to text, for the first minutes with Culebra. */
@Command(
    name = "quickstart",
    description = {
      "Trains a small GPT on a dictionary and lets it write entries of its own.",
      "The dictionary is WordNet's: 117,791 entries with glosses and examples. Everything is kept"
          + " in the run's folder."
    })
final class QuickstartCommand implements Callable<Integer> {
  private static final int VOCABULARY = 8192;
  private static final double VALIDATION_SHARE = 0.02;
  private static final int LENGTH = 128;
  private static final int BATCH = 16;
  private static final float LEARNING_RATE = 2e-3f;
  private static final int EVALUATIONS = 12;
  private static final int EVALUATION_BATCHES = 8;
  private static final long SEED = 1;

  /** Times the planned seconds that the planned steps may take. */
  private static final double PATIENCE = 1.25;

  private static final int SAMPLE_TOKENS = 60;
  private static final List<String> SAMPLE_PROMPTS =
      List.of(
          "pearl (noun):",
          "volcano (noun):",
          "dance (verb):",
          "quietly (adverb):",
          "happy (adjective):");

  @Spec private CommandSpec spec;
  @Mixin private DeviceOptions device;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "runs/quickstart",
      description = "The run's folder; a new one. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "180",
      description = "How long to train. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(names = "--resume", description = "Go on with a stopped run in --out.")
  private boolean resume;

  private PrintWriter console;

  @Override
  public Integer call() throws IOException {
    if (seconds < 1) {
      throw new ParameterException(spec.commandLine(), "--seconds must be at least 1");
    }
    if (!resume) {
      RunFolder.requireNone(
          out,
          ("let it write with 'culebra generate --model %s', go on with a stopped one with"
                  + " --resume, or train another with --out DIR")
              .formatted(out));
    }
    console = spec.commandLine().getOut();
    try (Device opened = device.open()) {
      TextDocuments dictionary = new TextDocuments(WordNet.shuffled(SEED));
      SavedTraining saved = resume ? SavedTraining.newest(out) : null;
      Tokenizer tokenizer = saved == null ? newTokenizer(dictionary) : tokenizerOf(saved);
      try (TokenShard shard = CorpusOptions.tokens(dictionary, tokenizer)) {
        TokenRange[] parts = shard.split(VALIDATION_SHARE, tokenizer);
        Trainer.Outcome outcome =
            saved == null
                ? train(opened, tokenizer, parts)
                : resume(opened, saved, tokenizer, parts);
        if (outcome == Trainer.Outcome.STOPPED) {
          return 0;
        }
        report(opened, parts[1], dictionary);
      }
    }
    return 0;
  }

  private Trainer.Outcome train(Device opened, Tokenizer tokenizer, TokenRange[] parts)
      throws IOException {
    ModelConfig model = ModelConfig.gpt2(tokenizer.vocabularySize(), LENGTH, 256, 4, 4);
    DType dtype = opened.accelerates(DType.BF16) ? DType.BF16 : DType.F32;
    long steps =
        new StepBudget(opened, tokenizer, model, parts[0], config(dtype, 1)).steps(seconds);
    TrainingConfig config = config(dtype, steps);
    say(
        "a GPT of %,d parameters, %,d tokens to learn from; %,d steps of %,d tokens in %s:",
        model.parameters(), parts[0].size(), steps, config.tokensPerStep(), dtype);
    try (Trainer trainer = Trainer.start(opened, run(model, config, tokenizer, parts))) {
      TimeLimit limit = new TimeLimit(PATIENCE * seconds, trainer::requestStop);
      trainer.listen(limit);
      Trainer.Outcome outcome = session(steps).run(trainer, console);
      if (!limit.passed()) {
        return outcome;
      }
      say("The machine has become slower than it was at first. The model so far:");
      return Trainer.Outcome.FINISHED;
    }
  }

  private Trainer.Outcome resume(
      Device opened, SavedTraining saved, Tokenizer tokenizer, TokenRange[] parts)
      throws IOException {
    long steps = saved.config().steps();
    say("going on after step %d of %d:", saved.state().step(), steps);
    Trainer.Run run = run(saved.model(), saved.config(), tokenizer, parts);
    try (Trainer trainer = Trainer.resume(opened, run)) {
      return session(steps).run(trainer, console);
    }
  }

  private Trainer.Run run(
      ModelConfig model, TrainingConfig config, Tokenizer tokenizer, TokenRange[] parts) {
    return new Trainer.Run(
        out,
        model,
        config,
        new ShardBatches(parts[0], SEED),
        new SequentialBatches(parts[1]),
        tokenizer);
  }

  private TrainingSession session(long steps) {
    return new TrainingSession(
        out,
        "quickstart: loss on WordNet's dictionary",
        steps,
        "culebra quickstart --resume --out " + out);
  }

  private Tokenizer newTokenizer(TextDocuments dictionary) throws IOException {
    say(
        "%,d dictionary entries, %.1f MB; training a tokenizer of %,d tokens ...",
        dictionary.documents().size(), dictionary.bytes() / 1e6, VOCABULARY);
    return CorpusOptions.train(dictionary, VOCABULARY, TokenizerChoice.Split.GPT2);
  }

  private static Tokenizer tokenizerOf(SavedTraining saved) throws IOException {
    try (ModelDirectory directory = ModelDirectory.open(saved.directory())) {
      return directory.tokenizer();
    }
  }

  private static TrainingConfig config(DType dtype, long steps) {
    return new TrainingConfig(
        BATCH,
        LENGTH,
        1,
        steps,
        new LearningRateSchedule(
            LearningRateSchedule.Kind.COSINE,
            LEARNING_RATE,
            LEARNING_RATE / 20,
            (int) Math.min(100, steps / 10)),
        AdamWOptimizer.Settings.DEFAULT,
        dtype,
        false,
        true,
        SEED,
        (int) Math.max(1, steps / EVALUATIONS),
        EVALUATION_BATCHES,
        0,
        1);
  }

  private void report(Device opened, TokenRange heldOut, TextDocuments dictionary)
      throws IOException {
    try (ModelDirectory directory = ModelDirectory.open(out)) {
      double bits = bitsPerByte(opened, directory, heldOut);
      say("");
      say(
          "%.3f bits per byte on entries that it has not seen; xz -9e needs %.3f for all of the"
              + " text (headwords, glosses and examples).",
          bits, XzReference.bitsPerByte(dictionary));
      say("");
      say("What it writes:");
      samples(opened, directory);
    }
    say("");
    say("The run is in %s: loss.png, metrics.csv, events for TensorBoard, the model.", out);
    say("Next: culebra generate --model %s --prompt \"river (noun):\"", out);
    say("      culebra train --data YOUR-TEXTS --model small --out runs/mine");
  }

  private static double bitsPerByte(Device opened, ModelDirectory directory, TokenRange heldOut)
      throws IOException {
    try (Parameters parameters = Parameters.forEvaluation(opened, directory.config(), DType.F32)) {
      directory.load(parameters);
      SequentialBatches source = new SequentialBatches(heldOut);
      try (Evaluator evaluator = Evaluator.open(parameters, BATCH, LENGTH, true)) {
        int batches = Math.toIntExact(source.batches(BATCH, LENGTH));
        Evaluation evaluation = evaluator.evaluate(source, batches);
        return evaluation.bitsPerByte(heldOut.textBytes());
      }
    }
  }

  private void samples(Device opened, ModelDirectory directory) throws IOException {
    try (GenerationWeights weights =
            GenerationWeights.load(opened, directory.config(), directory, WeightFormat.SOURCE);
        TokenGenerator tokens =
            new TokenGenerator(weights, SAMPLE_PROMPTS.size(), LENGTH, DType.F32)) {
      SamplingOptions options =
          new SamplingOptions(0.4f, 0, 0.9f, 0, 1, SEED, SAMPLE_TOKENS, List.of("\n"));
      var texts =
          new TextGenerator(tokens, directory.tokenizer())
              .generate(SAMPLE_PROMPTS, options, (sequence, text) -> true);
      for (int i = 0; i < texts.size(); i++) {
        say("  %s%s", SAMPLE_PROMPTS.get(i), texts.get(i).text());
      }
    }
  }

  private void say(String format, Object... values) {
    console.println(String.format(Locale.ROOT, format, values));
    console.flush();
  }
}
