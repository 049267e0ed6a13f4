package dev.culebra.model.exchange;

import com.fasterxml.jackson.databind.JsonNode;
import dev.culebra.model.checkpoint.CheckpointFormatException;
import dev.culebra.model.checkpoint.JsonDocument;
import dev.culebra.model.checkpoint.SafeTensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The tensors of a Hugging Face directory, in one safetensors file or in several with an index. */
final class ForeignTensors implements AutoCloseable {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** Shards lie beside their index. */
  private static final Pattern SHARD = Pattern.compile("[^./\\\\\\x00][^/\\\\\\x00]*");

  private final Path directory;
  private final List<SafeTensors> files = new ArrayList<>();
  private final Map<String, SafeTensors> fileOf = new HashMap<>();

  private ForeignTensors(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens the directory's tensors.
   *
   * @throws CheckpointFormatException if there are none, or a shard is missing or damaged
   */
  static ForeignTensors open(Path directory) throws IOException {
    ForeignTensors tensors = new ForeignTensors(directory);
    try {
      if (Files.exists(directory.resolve(INDEX))) {
        tensors.openShards();
      } else if (Files.exists(directory.resolve(SINGLE))) {
        tensors.openFile(SINGLE);
      } else {
        throw new CheckpointFormatException(
            directory
                + " has neither "
                + SINGLE
                + " nor "
                + INDEX
                + "; only safetensors are read, convert other weights first");
      }
      return tensors;
    } catch (IOException | RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  private void openShards() throws IOException {
    Path index = directory.resolve(INDEX);
    JsonNode weightMap = JsonDocument.read(index).node("weight_map");
    if (!weightMap.isObject()) {
      throw new CheckpointFormatException(index + " has no object \"weight_map\"");
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    weightMap.properties().forEach(entry -> shardOf.put(entry.getKey(), entry.getValue().asText()));
    for (String shard : new TreeSet<>(shardOf.values())) {
      if (!SHARD.matcher(shard).matches()) {
        throw new CheckpointFormatException(index + ": shard '" + shard + "' is no file name");
      }
      if (!Files.isRegularFile(directory.resolve(shard))) {
        throw new CheckpointFormatException(index + " names " + shard + ", which is not there");
      }
      openFile(shard);
    }
    shardOf.forEach(
        (name, shard) -> {
          if (!fileOf.containsKey(name)) {
            throw new CheckpointFormatException(
                index + ": tensor '" + name + "' is not in " + shard);
          }
        });
  }

  private void openFile(String name) throws IOException {
    SafeTensors file = SafeTensors.open(directory.resolve(name));
    files.add(file);
    for (String tensor : file.names()) {
      SafeTensors other = fileOf.put(tensor, file);
      if (other != null) {
        throw new CheckpointFormatException(
            "tensor '" + tensor + "' is in " + other.file() + " and in " + file.file());
      }
    }
  }

  Set<String> names() {
    return fileOf.keySet();
  }

  boolean contains(String name) {
    return fileOf.containsKey(name);
  }

  /** Shape of a tensor that is there. */
  long[] shape(String name) {
    return file(name).entry(name).shape();
  }

  /** F32 values of a tensor, see {@link SafeTensors#floats}. */
  MemorySegment floats(String name, long... shape) {
    return file(name).floats(name, shape);
  }

  private SafeTensors file(String name) {
    SafeTensors file = fileOf.get(name);
    if (file == null) {
      throw new CheckpointFormatException(directory + ": there is no tensor '" + name + "'");
    }
    return file;
  }

  @Override
  public void close() {
    files.forEach(SafeTensors::close);
  }
}
