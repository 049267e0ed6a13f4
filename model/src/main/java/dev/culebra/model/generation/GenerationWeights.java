package dev.culebra.model.generation;

import dev.culebra.model.DecoderWeights;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.ParameterLayout;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.HashMap;
import java.util.Map;

/**
 * A model's parameters as generation needs them: matrices in one {@link WeightFormat}, embeddings,
 * norms and biases in F32, no gradients. Matrices are converted one at a time, so that loading
 * needs little more memory than the result.
 */
public final class GenerationWeights implements AutoCloseable {
  private final Device device;
  private final ModelConfig config;
  private final Arena vectors;
  private final Arena sources;
  private final DecoderWeights weights;

  private GenerationWeights(
      Device device, ModelConfig config, Arena vectors, Arena sources, DecoderWeights weights) {
    this.device = device;
    this.config = config;
    this.vectors = vectors;
    this.sources = sources;
    this.weights = weights;
  }

  /** Loads a model onto a device. */
  public static GenerationWeights load(
      Device device, ModelConfig config, ParameterSource source, WeightFormat format) {
    Loader loader = new Loader(device, ParameterLayout.of(config), source, format);
    try {
      DecoderWeights weights = DecoderWeights.of(config, loader::vector, loader::matrix);
      return new GenerationWeights(device, config, loader.vectors, loader.sources, weights);
    } catch (RuntimeException e) {
      loader.abandon();
      throw e;
    }
  }

  public Device device() {
    return device;
  }

  public ModelConfig config() {
    return config;
  }

  public DecoderWeights decoder() {
    return weights;
  }

  /** Bytes of weights that must be read for one token: all but the embedding tables. */
  public long bytesPerToken() {
    return weights.matrices().stream().mapToLong(Weight::bytes).sum();
  }

  @Override
  public void close() {
    weights.close();
    vectors.close();
    if (sources != null) {
      sources.close();
    }
  }

  /** Reads parameters in the order in which the decoder asks for them. */
  private static final class Loader {
    private final Device device;
    private final ParameterLayout layout;
    private final ParameterSource source;
    private final WeightFormat format;
    private final Arena vectors;
    private final Arena sources;
    private final Map<String, Tensor> loaded = new HashMap<>();
    private final Map<String, Weight> matrices = new HashMap<>();

    Loader(Device device, ParameterLayout layout, ParameterSource source, WeightFormat format) {
      this.device = device;
      this.layout = layout;
      this.source = source;
      this.format = format;
      long vectorBytes = 0;
      long sourceBytes = 0;
      for (ParameterLayout.Entry entry : layout.entries()) {
        long bytes = Allocator.align(entry.elements() * DType.F32.bytes());
        if (isVector(entry.name())) {
          vectorBytes += bytes;
        } else {
          sourceBytes += bytes;
        }
      }
      vectors = device.memory().arena("embeddings, norms and biases", vectorBytes);
      // A weight in its source's format may be a view of the source, which must then stay.
      sources =
          format == WeightFormat.SOURCE
              ? device.memory().arena("weight matrices", sourceBytes)
              : null;
    }

    private boolean isVector(String name) {
      return name.startsWith("embedding.") || layout.entry(name).shape().length == 1;
    }

    Tensor vector(String name) {
      return loaded.computeIfAbsent(name, n -> read(n, vectors));
    }

    Weight matrix(String name) {
      return matrices.computeIfAbsent(name, this::makeMatrix);
    }

    private Weight makeMatrix(String name) {
      if (isVector(name)) {
        return refreshed(vector(name)); // a tied head
      }
      if (sources != null) {
        return refreshed(read(name, sources));
      }
      long bytes = layout.entry(name).elements() * DType.F32.bytes();
      try (Arena temporary = device.memory().arena("loading " + name, bytes)) {
        Weight weight = refreshed(read(name, temporary));
        device.stream().synchronize();
        return weight;
      }
    }

    private Weight refreshed(Tensor tensor) {
      Weight weight = device.weight(tensor, format, false);
      device.ops().refresh(weight);
      return weight;
    }

    private Tensor read(String name, Arena arena) {
      long[] shape = layout.entry(name).shape();
      Tensor tensor = arena.allocate(DType.F32, shape);
      device.write(tensor, source.read(name, shape));
      return tensor;
    }

    void abandon() {
      matrices.values().forEach(Weight::close);
      vectors.close();
      if (sources != null) {
        sources.close();
      }
    }
  }
}
