package dev.culebra.model.checkpoint;

import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.model.Parameters;
import dev.culebra.model.generation.ParameterSource;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model on disk: {@code config.json}, {@code model.safetensors} with the names of {@link
 * ParameterLayout}, {@code tokenizer.json}. A checkpoint of a run is one too.
 */
public final class ModelDirectory implements ParameterSource, AutoCloseable {
  static final String CONFIG = "config.json";
  static final String WEIGHTS = "model.safetensors";

  private final Path path;
  private final ModelConfig config;
  private final SafeTensors tensors;

  private ModelDirectory(Path path, ModelConfig config, SafeTensors tensors) {
    this.path = path;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens a model directory, or the newest checkpoint of a run directory. Names, shapes and types
   * of all tensors are checked.
   *
   * @throws CheckpointFormatException if it is neither, or damaged
   */
  public static ModelDirectory open(Path path) throws IOException {
    Path directory = resolve(path);
    try {
      return openDirectory(directory);
    } catch (CheckpointFormatException e) {
      if (directory.equals(path)) {
        throw e;
      }
      throw new CheckpointFormatException(
          e.getMessage() + CheckpointStore.olderForMessage(directory), e);
    }
  }

  private static ModelDirectory openDirectory(Path directory) throws IOException {
    ModelConfig config = ModelConfigJson.read(directory.resolve(CONFIG));
    Path weights = directory.resolve(WEIGHTS);
    if (!Files.isRegularFile(weights)) {
      throw new CheckpointFormatException(weights + " is missing");
    }
    SafeTensors tensors = SafeTensors.open(weights);
    try {
      check(config, tensors);
      return new ModelDirectory(directory, config, tensors);
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  private static Path resolve(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new CheckpointFormatException(path + ": there is no such directory");
    }
    if (!Files.isDirectory(path)) {
      throw new CheckpointFormatException(path + " is a file; a model is a directory");
    }
    if (Files.exists(path.resolve(CONFIG))) {
      return path;
    }
    if (Files.isDirectory(path.resolve(CheckpointStore.FOLDER))) {
      List<CheckpointStore.Checkpoint> checkpoints = CheckpointStore.list(path);
      if (checkpoints.isEmpty()) {
        throw new CheckpointFormatException(path + ": this run has no checkpoint yet");
      }
      return checkpoints.getLast().directory();
    }
    throw new CheckpointFormatException(
        path + " is no model: it has neither " + CONFIG + " nor " + CheckpointStore.FOLDER);
  }

  private static void check(ModelConfig config, SafeTensors tensors) {
    ParameterLayout layout = ParameterLayout.of(config);
    for (ParameterLayout.Entry entry : layout.entries()) {
      tensors.check(entry.name(), entry.shape());
    }
    for (String name : tensors.names()) {
      if (!layout.contains(name)) {
        throw new CheckpointFormatException(
            tensors.file() + ": tensor '" + name + "' is no parameter of this model");
      }
    }
  }

  /** The directory itself, the checkpoint's where a run was opened. */
  public Path path() {
    return path;
  }

  public ModelConfig config() {
    return config;
  }

  /**
   * The model's tokenizer.
   *
   * @throws CheckpointFormatException if the model came without one
   */
  public Tokenizer tokenizer() throws IOException {
    if (!Files.exists(path.resolve(Tokenizers.FILE))) {
      throw new CheckpointFormatException(path + " has no " + Tokenizers.FILE);
    }
    return Tokenizers.read(path);
  }

  @Override
  public MemorySegment read(String name, long[] shape) {
    return tensors.floats(name, shape);
  }

  /** Writes all parameters to the master copy and refreshes what is made of it. */
  public void load(Parameters parameters) {
    load(tensors, parameters);
    parameters.refresh();
  }

  private static void load(SafeTensors tensors, Parameters parameters) {
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      MemorySegment values = tensors.floats(entry.name(), entry.shape());
      parameters.device().write(parameters.tensor(entry.name()), values);
    }
  }

  /**
   * Writes a model's files into a directory.
   *
   * @param source gives the parameters
   * @param tokenizer null for none
   */
  public static void write(
      DurableDirectory directory, ModelConfig config, ParameterSource source, Tokenizer tokenizer)
      throws IOException {
    directory.write(CONFIG, ModelConfigJson.write(config));
    List<SafeTensorsWriter.Source> sources = new ArrayList<>();
    for (ParameterLayout.Entry entry : ParameterLayout.of(config).entries()) {
      sources.add(
          new SafeTensorsWriter.Source(
              entry.name(),
              TensorType.F32,
              entry.shape(),
              () -> source.read(entry.name(), entry.shape())));
    }
    directory.write(WEIGHTS, Map.of("format", "pt"), sources);
    if (tokenizer != null) {
      Tokenizers.write(tokenizer, directory.path());
    }
  }

  @Override
  public void close() {
    tensors.close();
  }
}
