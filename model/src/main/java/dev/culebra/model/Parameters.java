package dev.culebra.model;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A model's numbers on a device, in flat buffers by one {@link ParameterLayout}: the master copy in
 * F32, the working copy that the decoder computes with (the master itself, or its rounding to
 * BF16), and for training the gradients and AdamW's two moments of the trainable range, all F32.
 * Every buffer is one allocation, zero at first.
 *
 * <p>After the master copy was written to, {@link #refresh} must run before the decoder does.
 */
public final class Parameters implements AutoCloseable {
  private final Device device;
  private final ModelConfig config;
  private final ParameterLayout layout;
  private final List<Arena> arenas = new ArrayList<>();
  private final Tensor master;
  private final Tensor working;
  private final Tensor gradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;
  private DecoderWeights decoder;
  private List<Weight> matrices;

  private Parameters(
      Device device, ModelConfig config, ParameterLayout layout, DType dtype, boolean training) {
    if (dtype == DType.I32) {
      throw new IllegalArgumentException("a model computes in F32 or BF16, not in " + dtype);
    }
    if (training && layout.trainableSize() == 0) {
      throw new IllegalArgumentException("every parameter is frozen: there is nothing to train");
    }
    this.device = device;
    this.config = config;
    this.layout = layout;
    try {
      master = flat("parameters", DType.F32, layout.size());
      working =
          dtype == DType.F32 ? master : flat("parameters rounded to BF16", dtype, layout.size());
      gradients = training ? flat("gradients", DType.F32, layout.trainableSize()) : null;
      firstMoment = training ? flat("first moments", DType.F32, layout.trainableSize()) : null;
      secondMoment = training ? flat("second moments", DType.F32, layout.trainableSize()) : null;
      List<Weight> made = new ArrayList<>();
      matrices = made;
      decoder =
          DecoderWeights.of(
              config,
              name -> layout.view(working, name),
              name -> {
                Weight weight =
                    device.weight(layout.view(working, name), WeightFormat.SOURCE, training);
                made.add(weight);
                return weight;
              });
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Parameters with gradients and optimizer states.
   *
   * @param dtype of the working copy and so of the activations: F32 or BF16
   * @param frozen names that get neither gradient nor update
   * @throws IllegalArgumentException when all are frozen
   */
  public static Parameters forTraining(
      Device device, ModelConfig config, DType dtype, Predicate<String> frozen) {
    return new Parameters(device, config, ParameterLayout.of(config, frozen), dtype, true);
  }

  /** Parameters only: no gradients, no optimizer states. */
  public static Parameters forEvaluation(Device device, ModelConfig config, DType dtype) {
    return new Parameters(device, config, ParameterLayout.of(config), dtype, false);
  }

  private Tensor flat(String purpose, DType dtype, long elements) {
    Arena arena = device.memory().arena(purpose, elements * dtype.bytes());
    arenas.add(arena);
    return arena.allocate(dtype, elements);
  }

  public Device device() {
    return device;
  }

  public ModelConfig config() {
    return config;
  }

  public ParameterLayout layout() {
    return layout;
  }

  /** The dtype of the working copy. */
  public DType dtype() {
    return working.dtype();
  }

  /** Whether there are gradients and optimizer states. */
  public boolean trainable() {
    return gradients != null;
  }

  /** F32 {@code [size]}: what checkpoints keep and the optimizer updates. */
  public Tensor master() {
    return master;
  }

  /** {@code [size]} in {@link #dtype()}: what the decoder reads; the master itself in F32. */
  public Tensor working() {
    return working;
  }

  /** F32 {@code [trainableSize]}, or null without training. */
  public Tensor gradients() {
    return gradients;
  }

  /** F32 {@code [trainableSize]}, or null without training. */
  public Tensor firstMoment() {
    return firstMoment;
  }

  /** F32 {@code [trainableSize]}, or null without training. */
  public Tensor secondMoment() {
    return secondMoment;
  }

  /** The named parameter in the master copy. */
  public Tensor tensor(String name) {
    return layout.view(master, name);
  }

  /** The named parameter's gradient, or null where it has none: frozen, or not in training. */
  public Tensor gradient(String name) {
    boolean frozen = layout.entry(name).group() == ParameterLayout.Group.FROZEN;
    return gradients == null || frozen ? null : layout.view(gradients, name);
  }

  /** What a decoder computes with: views of the working copy. */
  public DecoderWeights decoder() {
    return decoder;
  }

  /** Enqueues what brings the working copy and the matrices up to date with the master copy. */
  public void refresh() {
    if (working != master) {
      device.ops().convert(master, working);
    }
    refreshMatrices();
  }

  /** Enqueues what brings the matrices up to date with the working copy. */
  public void refreshMatrices() {
    Ops ops = device.ops();
    for (int i = 0; i < matrices.size(); i++) {
      ops.refresh(matrices.get(i));
    }
  }

  /** Each flat buffer and its size. */
  public List<MemoryUse> memory() {
    return arenas.stream().map(arena -> new MemoryUse(arena.name(), arena.size())).toList();
  }

  @Override
  public void close() {
    if (matrices != null) {
      matrices.forEach(Weight::close);
    }
    arenas.forEach(Arena::close);
  }
}
