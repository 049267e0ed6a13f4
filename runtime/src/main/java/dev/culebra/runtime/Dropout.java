package dev.culebra.runtime;

/**
 * Inverted dropout whose mask is a pure function of seed, step, site and element, so that the
 * backward pass draws it again instead of keeping it. Element {@code i} of site {@code s} is kept
 * when its {@link Philox} uniform, drawn with key {@code (random[0], random[1])} and counter {@code
 * (i / 4 low, i / 4 high, random[2], s)}, word {@code i % 4}, is at least {@code probability}; it
 * is then divided by {@code 1 - probability}.
 *
 * @param probability of dropping an element, in [0, 1)
 * @param random I32 {@code [3]}: seed low, seed high, step; changes from step to step
 * @param site tells the dropouts of one step apart
 */
public record Dropout(float probability, Tensor random, int site) {
  public Dropout {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "dropout probability " + probability + " is not in [0, 1)");
    }
  }
}
