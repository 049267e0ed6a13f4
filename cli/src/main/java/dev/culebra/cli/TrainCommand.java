package dev.culebra.cli;

import dev.culebra.data.Corpus;
import dev.culebra.data.SequentialBatches;
import dev.culebra.data.ShardBatches;
import dev.culebra.data.TextFiles;
import dev.culebra.data.TokenShard;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.training.SavedTraining;
import dev.culebra.model.training.Trainer;
import dev.culebra.model.training.TrainingConfig;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a model. */
@Command(
    name = "train",
    description = {
      "Trains a model on text, into a run folder: checkpoints, metrics.csv, loss.png and .svg,"
          + " TensorBoard events.",
      "Ctrl-C saves and stops; --resume goes on from the newest checkpoint, to the same bits."
    })
final class TrainCommand implements Callable<Integer> {
  /** Options that mean something when a run is resumed; its checkpoint has the others. */
  private static final Set<String> FOR_RESUMING =
      Set.of("--resume", "--out", "--steps", "--device", "--threads", "--verbose");

  @Spec private CommandSpec spec;
  @Mixin private TrainingOptions training;
  @Mixin private DeviceOptions device;

  @Option(
      names = "--data",
      arity = "1..*",
      paramLabel = "FILE|DIR|GLOB",
      description = "UTF-8 text: files, folders (all files in them) or globs.")
  private List<String> data;

  @Option(
      names = "--model",
      paramLabel = "CONFIG",
      defaultValue = "small",
      description =
          "tiny, mini, small, gpt2, llama-small, llama-base, or a file like a model's config.json."
              + " Default: ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "Start from this model's weights and tokenizer instead of random weights.")
  private Path from;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The run's folder; a new one, unless resuming.")
  private Path out;

  @Option(names = "--resume", description = "Go on with the run in --out.")
  private boolean resume;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE|DIR|NAME",
      description = TokenizerChoice.KINDS + " Default: one is trained on the data.")
  private String tokenizer;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      defaultValue = "8192",
      description = "Tokens of the tokenizer that is trained. Default: ${DEFAULT-VALUE}.")
  private int vocabulary;

  @Option(
      names = "--validation",
      paramLabel = "SHARE",
      defaultValue = "0.02",
      description =
          "Share of the data, from its end, that is kept for validation; 0 for none. Default:"
              + " ${DEFAULT-VALUE}.")
  private double validation;

  /** All that a run is made of. */
  private record Prepared(
      ModelConfig model,
      TrainingConfig config,
      Tokenizer tokenizer,
      TokenShard shard,
      RunSettings settings)
      implements AutoCloseable {
    @Override
    public void close() {
      shard.close();
    }
  }

  @Override
  public Integer call() throws IOException {
    if (resume) {
      refuseOptionsOfANewRun();
    } else {
      checkOptionsOfANewRun();
      RunFolder.requireNone(out, "go on with it with --resume, or choose another --out");
    }
    try (Device opened = device.open();
        Prepared prepared = resume ? prepareResume() : prepareNew(opened)) {
      return train(opened, prepared);
    }
  }

  private void refuseOptionsOfANewRun() {
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      if (!FOR_RESUMING.contains(option.longestName())) {
        throw new ParameterException(
            spec.commandLine(),
            option.longestName() + " belongs to a new run; a resumed one keeps what it began with");
      }
    }
  }

  private void checkOptionsOfANewRun() {
    if (data == null) {
      throw wrong("--data is needed (or --resume)");
    }
    if (!(validation >= 0 && validation < 1)) {
      throw wrong("--validation " + validation + " is no share: from 0 to less than 1");
    }
    refuseTogether(from != null, "--from", "--model", "--tokenizer", "--vocabulary");
    refuseTogether(tokenizer != null, "--tokenizer", "--vocabulary");
  }

  /** No option is passed over in silence. */
  private void refuseTogether(boolean given, String option, String... idle) {
    for (String other : idle) {
      if (given && spec.commandLine().getParseResult().hasMatchedOption(other)) {
        throw wrong(other + " means nothing beside " + option + ", which brings its own");
      }
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Prepared prepareNew(Device opened) throws IOException {
    Corpus corpus = TextFiles.of(data);
    Tokenizer chosen;
    ModelConfig config;
    if (from != null) {
      try (ModelDirectory directory = ModelDirectory.open(from)) {
        chosen = directory.tokenizer();
        config = training.model(spec.commandLine(), directory.config());
      }
    } else {
      // What is wrong with the options is said before minutes go into a tokenizer.
      training.config(spec.commandLine(), ModelPreset.find(model, 1), opened);
      chosen =
          tokenizer == null
              ? CorpusOptions.train(corpus, vocabulary, TokenizerChoice.Split.GPT2)
              : TokenizerChoice.find(tokenizer);
      config = training.model(spec.commandLine(), ModelPreset.find(model, chosen.vocabularySize()));
    }
    TrainingConfig settings = training.config(spec.commandLine(), config, opened);
    TokenShard shard = CorpusOptions.tokens(corpus, chosen);
    return new Prepared(
        config, settings, chosen, shard, new RunSettings(RunSettings.absolute(data), validation));
  }

  private Prepared prepareResume() throws IOException {
    SavedTraining saved = SavedTraining.newest(out);
    RunSettings settings = RunSettings.read(out);
    Tokenizer kept;
    try (ModelDirectory directory = ModelDirectory.open(saved.directory())) {
      kept = directory.tokenizer();
    }
    TokenShard shard = CorpusOptions.tokens(TextFiles.of(settings.data()), kept);
    boolean longer = spec.commandLine().getParseResult().hasMatchedOption("--steps");
    TrainingConfig config = longer ? saved.config().withSteps(training.steps()) : saved.config();
    if (saved.state().step() >= config.steps()) {
      shard.close();
      throw new IllegalArgumentException(
          "%s: all %d steps are done; --steps with a higher number goes on"
              .formatted(out, saved.state().step()));
    }
    return new Prepared(saved.model(), config, kept, shard, settings);
  }

  private int train(Device opened, Prepared prepared) throws IOException {
    PrintWriter console = spec.commandLine().getErr();
    TrainingData parts =
        TrainingData.of(
            prepared.shard, prepared.settings, prepared.tokenizer, prepared.config.length());
    Trainer.Run run =
        new Trainer.Run(
            out,
            prepared.model,
            prepared.config,
            new ShardBatches(parts.training(), prepared.config.seed()),
            parts.validation() == null ? null : new SequentialBatches(parts.validation()),
            prepared.tokenizer);
    try (Trainer trainer = open(opened, run)) {
      prepared.settings.write(out);
      console.printf(
          Locale.ROOT,
          "%s: %,d parameters, %,d tokens (%,d for validation), %d steps of %,d tokens in %s,"
              + " %,d MiB of memory%n",
          out,
          prepared.model.parameters(),
          prepared.shard.size(),
          parts.validation() == null ? 0 : parts.validation().size(),
          prepared.config.steps(),
          prepared.config.tokensPerStep(),
          prepared.config.dtype(),
          (opened.memory().used() >> 20) + 1);
      console.flush();
      warnOfSlowness(opened, prepared.config.dtype());
      Trainer.Outcome outcome =
          new TrainingSession(
                  out,
                  out.getFileName() + ": loss",
                  prepared.config.steps(),
                  "culebra train --resume --out " + out)
              .run(trainer, console);
      if (outcome == Trainer.Outcome.FINISHED) {
        console.printf("done; try: culebra generate --model %s --prompt \"...\"%n", out);
      }
      console.flush();
    }
    return 0;
  }

  private Trainer open(Device opened, Trainer.Run run) throws IOException {
    if (resume) {
      return Trainer.resume(opened, run);
    }
    if (from == null) {
      return Trainer.start(opened, run);
    }
    try (ModelDirectory directory = ModelDirectory.open(from)) {
      return Trainer.startFrom(opened, run, directory);
    }
  }

  private void warnOfSlowness(Device device, DType dtype) {
    if (!device.accelerates(dtype)) {
      spec.commandLine()
          .getErr()
          .printf(
              "warning: %s computes %s without instructions for it; --dtype f32 is faster here%n",
              device.description(), dtype);
    }
  }
}
