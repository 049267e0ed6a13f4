package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Where each parameter lies in the flat buffers of parameters, gradients and optimizer states.
 * Groups follow each other (decay, no decay, frozen), so that gradients and states, which exist for
 * the trainable ones only, use the same offsets as the parameters.
 */
public final class ParameterLayout {
  /** What the optimizer does with a parameter. */
  public enum Group {
    /** Updated, with weight decay: matrices. */
    DECAY,
    /** Updated, without weight decay: vectors. */
    NO_DECAY,
    /** Neither gradient nor optimizer state. */
    FROZEN
  }

  /**
   * One parameter.
   *
   * @param name as checkpoints call it
   * @param shape {@code [outputs, inputs]} for matrices
   * @param offset in elements from the start of the flat buffer; 256-byte aligned in F32 and BF16
   */
  public record Entry(String name, long[] shape, Group group, long offset) {
    public long elements() {
      long elements = 1;
      for (long size : shape) {
        elements *= size;
      }
      return elements;
    }
  }

  /** Offsets are multiples of this many elements: 256 bytes even in BF16. */
  private static final long ALIGNMENT_ELEMENTS = Allocator.ALIGNMENT / DType.BF16.bytes();

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final long[] groupEnds = new long[Group.values().length];

  private record Declared(String name, long[] shape) {}

  private ParameterLayout(List<Declared> declared, Predicate<String> frozen) {
    long offset = 0;
    for (Group group : Group.values()) {
      for (Declared parameter : declared) {
        if (groupOf(parameter, frozen) == group) {
          Entry entry = new Entry(parameter.name, parameter.shape, group, offset);
          entries.put(entry.name(), entry);
          offset += align(entry.elements());
        }
      }
      groupEnds[group.ordinal()] = offset;
    }
  }

  private static Group groupOf(Declared parameter, Predicate<String> frozen) {
    if (frozen.test(parameter.name)) {
      return Group.FROZEN;
    }
    return parameter.shape.length > 1 ? Group.DECAY : Group.NO_DECAY;
  }

  private static long align(long elements) {
    return (elements + ALIGNMENT_ELEMENTS - 1) / ALIGNMENT_ELEMENTS * ALIGNMENT_ELEMENTS;
  }

  /** All parameters of a model, all trainable. */
  public static ParameterLayout of(ModelConfig config) {
    return of(config, name -> false);
  }

  /** All parameters of a model, some of them frozen by name. */
  public static ParameterLayout of(ModelConfig config, Predicate<String> frozen) {
    List<Declared> list = new ArrayList<>();
    int c = config.hiddenSize();
    boolean layerNorm = config.norm() == ModelConfig.Norm.LAYER;
    list.add(new Declared("embedding.tokens", new long[] {config.vocabularySize(), c}));
    if (config.position() == ModelConfig.Position.LEARNED) {
      list.add(new Declared("embedding.positions", new long[] {config.contextLength(), c}));
    }
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i + ".";
      norm(list, layer + "attention.norm", c, layerNorm && config.biases());
      linear(list, layer + "attention.qkv", config.qkvSize(), c, config.biases());
      linear(
          list, layer + "attention.output", c, config.heads() * config.headDim(), config.biases());
      norm(list, layer + "mlp.norm", c, layerNorm && config.biases());
      int inner = config.mlp() == ModelConfig.Mlp.SWIGLU ? 2 * config.mlpSize() : config.mlpSize();
      linear(list, layer + "mlp.up", inner, c, config.biases());
      linear(list, layer + "mlp.down", c, config.mlpSize(), config.biases());
    }
    norm(list, "norm", c, layerNorm && config.biases());
    if (!config.tiedEmbeddings()) {
      list.add(new Declared("head.weight", new long[] {config.vocabularySize(), c}));
    }
    return new ParameterLayout(list, frozen);
  }

  private static void norm(List<Declared> list, String name, long size, boolean bias) {
    list.add(new Declared(name + ".weight", new long[] {size}));
    if (bias) {
      list.add(new Declared(name + ".bias", new long[] {size}));
    }
  }

  private static void linear(
      List<Declared> list, String name, long outputs, long inputs, boolean bias) {
    list.add(new Declared(name + ".weight", new long[] {outputs, inputs}));
    if (bias) {
      list.add(new Declared(name + ".bias", new long[] {outputs}));
    }
  }

  /** In the order of their offsets. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /**
   * @throws IllegalArgumentException when there is no such parameter
   */
  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no parameter '" + name + "' in this model");
    }
    return entry;
  }

  /** Parameters, alignment gaps not counted. */
  public long parameters() {
    return entries.values().stream().mapToLong(Entry::elements).sum();
  }

  /** Elements of the flat buffer, alignment gaps included. */
  public long size() {
    return groupEnds[Group.FROZEN.ordinal()];
  }

  /**
   * Elements of the flat buffers of gradients and optimizer states: a prefix of the parameters'.
   */
  public long trainableSize() {
    return groupEnds[Group.NO_DECAY.ordinal()];
  }

  /** Elements of the range with weight decay: a prefix of the trainable range. */
  public long decaySize() {
    return groupEnds[Group.DECAY.ordinal()];
  }

  /** The named parameter's part of a flat buffer {@code [size]} or {@code [trainableSize]}. */
  public Tensor view(Tensor flat, String name) {
    Entry entry = entry(name);
    if (entry.offset() + entry.elements() > flat.elements()) {
      throw new IllegalArgumentException(name + " (" + entry.group() + ") is not part of " + flat);
    }
    return flat.slice(entry.offset(), entry.offset() + entry.elements()).reshape(entry.shape());
  }
}
