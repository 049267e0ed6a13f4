package dev.culebra.model;

import dev.culebra.runtime.Philox;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The numbers that training starts from (Radford et al. 2019, section 2.3): matrices and embeddings
 * normal with a standard deviation of 0.02, in projections back to the residual stream divided by
 * {@code sqrt(2 layers)}, for each layer adds two of them; norms 1, biases 0.
 *
 * <p>The same seed gives the same bits on every machine and whatever else the model has: elements
 * {@code 4i} to {@code 4i + 3} of a parameter come from the {@link Philox} block with the seed as
 * key and counter {@code (i low, i high, hash of the name, length of the name)}, by two Box-Muller
 * transforms (1958) in {@link StrictMath}.
 */
public final class Initialization {
  private static final double DEVIATION = 0.02;

  /** Elements made and written at a time: 4 MiB of host memory. */
  private static final int CHUNK = 1 << 20;

  private static final int BLOCK = 4;

  private Initialization() {}

  /** Writes all parameters, zeroes the optimizer's states where there are some, and refreshes. */
  public static void initialize(Parameters parameters, long seed) {
    float[] chunk = new float[CHUNK];
    for (ParameterLayout.Entry entry : parameters.layout().entries()) {
      Tensor tensor = parameters.tensor(entry.name());
      for (long from = 0; from < entry.elements(); from += CHUNK) {
        int count = (int) Math.min(CHUNK, entry.elements() - from);
        fill(chunk, count, entry, from, parameters.config(), seed);
        parameters
            .device()
            .write(
                tensor.slice(from, from + count),
                MemorySegment.ofArray(chunk).asSlice(0, (long) count * Float.BYTES));
      }
    }
    if (parameters.trainable()) {
      parameters.device().ops().fill(parameters.firstMoment(), 0);
      parameters.device().ops().fill(parameters.secondMoment(), 0);
    }
    parameters.refresh();
  }

  private static void fill(
      float[] chunk,
      int count,
      ParameterLayout.Entry entry,
      long from,
      ModelConfig config,
      long seed) {
    String name = entry.name();
    if (entry.shape().length == 1) {
      float constant = name.endsWith("norm.weight") ? 1 : 0;
      Arrays.fill(chunk, 0, count, constant);
      return;
    }
    boolean residual = name.endsWith("attention.output.weight") || name.endsWith("mlp.down.weight");
    double deviation = residual ? DEVIATION / Math.sqrt(2.0 * config.layers()) : DEVIATION;
    IntStream.range(0, (count + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(i -> block(chunk, i * BLOCK, count, name, from / BLOCK + i, deviation, seed));
  }

  private static void block(
      float[] out, int at, int count, String name, long block, double deviation, long seed) {
    for (int word = 0; word < BLOCK; word += 2) {
      double radius = deviation * Math.sqrt(-2 * StrictMath.log(uniform(seed, block, name, word)));
      double angle = 2 * Math.PI * uniform(seed, block, name, word + 1);
      if (at + word < count) {
        out[at + word] = (float) (radius * StrictMath.cos(angle));
      }
      if (at + word + 1 < count) {
        out[at + word + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }

  /** In (0, 1): the middle of one of 2^32 equal parts. */
  private static double uniform(long seed, long block, String name, int word) {
    int bits =
        Philox.word(
            (int) seed,
            (int) (seed >>> 32),
            (int) block,
            (int) (block >>> 32),
            name.hashCode(),
            name.length(),
            word);
    return (Integer.toUnsignedLong(bits) + 0.5) * 0x1p-32;
  }
}
