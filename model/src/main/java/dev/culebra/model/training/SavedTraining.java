package dev.culebra.model.training;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.CheckpointStore;
import dev.culebra.model.checkpoint.DurableDirectory;
import dev.culebra.model.checkpoint.ModelDirectory;
import dev.culebra.model.checkpoint.RunDirectoryException;
import dev.culebra.model.checkpoint.SafeTensors;
import dev.culebra.model.checkpoint.SafeTensorsWriter;
import dev.culebra.model.checkpoint.TensorType;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A training as a checkpoint keeps it: a model directory with {@code optimizer.safetensors} and
 * {@code training.json}.
 *
 * @param directory the checkpoint
 * @param tokenizer fingerprint of the tokenizer that the data was made with, null where unknown
 * @param data {@link BatchSource#identity} of the training data
 */
public record SavedTraining(
    Path directory,
    ModelConfig model,
    TrainingConfig config,
    TrainingState state,
    Long tokenizer,
    String data) {
  private static final String MOMENTS = "optimizer.safetensors";
  private static final String FIRST = ".first_moment";
  private static final String SECOND = ".second_moment";

  /**
   * The newest checkpoint of a run directory.
   *
   * @throws RunDirectoryException if there is none
   */
  public static SavedTraining newest(Path run) throws IOException {
    List<CheckpointStore.Checkpoint> checkpoints = CheckpointStore.list(run);
    if (checkpoints.isEmpty()) {
      throw new RunDirectoryException(run + ": there is no checkpoint to resume from");
    }
    Path directory = checkpoints.getLast().directory();
    try (ModelDirectory model = ModelDirectory.open(directory);
        SafeTensors moments = moments(directory)) {
      for (ParameterLayout.Entry entry : ParameterLayout.of(model.config()).entries()) {
        if (entry.group() != ParameterLayout.Group.FROZEN) {
          moments.check(entry.name() + FIRST, entry.shape());
          moments.check(entry.name() + SECOND, entry.shape());
        }
      }
      TrainingJson.Content content = TrainingJson.read(directory);
      return new SavedTraining(
          directory,
          model.config(),
          content.config(),
          content.state(),
          content.tokenizer(),
          content.data());
    } catch (CheckpointFormatException e) {
      throw new RunDirectoryException(
          e.getMessage() + CheckpointStore.olderForMessage(directory), e);
    }
  }

  private static SafeTensors moments(Path directory) throws IOException {
    Path file = directory.resolve(MOMENTS);
    if (!Files.exists(file)) {
      throw new CheckpointFormatException(file + " is missing");
    }
    return SafeTensors.open(file);
  }

  /** Brings parameters and moments to where the checkpoint has them. */
  void restore(Parameters parameters) throws IOException {
    try (ModelDirectory saved = ModelDirectory.open(directory);
        SafeTensors moments = SafeTensors.open(directory.resolve(MOMENTS))) {
      saved.load(parameters);
      for (ParameterLayout.Entry entry : trainable(parameters)) {
        restore(parameters, parameters.firstMoment(), moments, entry, FIRST);
        restore(parameters, parameters.secondMoment(), moments, entry, SECOND);
      }
    }
  }

  private static void restore(
      Parameters parameters,
      Tensor flat,
      SafeTensors moments,
      ParameterLayout.Entry entry,
      String suffix) {
    Tensor to = parameters.layout().view(flat, entry.name());
    parameters.device().write(to, moments.floats(entry.name() + suffix, entry.shape()));
  }

  /** Writes a checkpoint's files. The device must be between two steps. */
  static void write(
      DurableDirectory directory,
      Parameters parameters,
      TrainingConfig config,
      TrainingState state,
      Tokenizer tokenizer,
      String data)
      throws IOException {
    List<ParameterLayout.Entry> entries = parameters.layout().entries();
    try (DeviceReader reader = new DeviceReader(parameters.device(), entries)) {
      ModelDirectory.write(
          directory,
          parameters.config(),
          (name, shape) -> reader.read(parameters.tensor(name)),
          tokenizer);
      List<SafeTensorsWriter.Source> moments = new ArrayList<>();
      for (ParameterLayout.Entry entry : trainable(parameters)) {
        moments.add(source(parameters, parameters.firstMoment(), entry, FIRST, reader));
        moments.add(source(parameters, parameters.secondMoment(), entry, SECOND, reader));
      }
      directory.write(MOMENTS, Map.of(), moments);
    }
    Long fingerprint = tokenizer == null ? null : tokenizer.fingerprint();
    directory.write(TrainingJson.FILE, TrainingJson.write(config, state, fingerprint, data));
  }

  private static SafeTensorsWriter.Source source(
      Parameters parameters,
      Tensor flat,
      ParameterLayout.Entry entry,
      String suffix,
      DeviceReader reader) {
    return new SafeTensorsWriter.Source(
        entry.name() + suffix,
        TensorType.F32,
        entry.shape(),
        () -> reader.read(parameters.layout().view(flat, entry.name())));
  }

  private static List<ParameterLayout.Entry> trainable(Parameters parameters) {
    return parameters.layout().entries().stream()
        .filter(entry -> entry.group() != ParameterLayout.Group.FROZEN)
        .toList();
  }
}
