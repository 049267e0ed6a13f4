package dev.culebra.model.exchange;

import java.util.List;

/**
 * How one of our parameters is made of tensors of another format: their rows, one after the other.
 *
 * @param name ours
 * @param parts in the order of our rows
 */
record ForeignName(String name, List<Part> parts) {
  /**
   * Some of a parameter's rows.
   *
   * @param name the other format's
   * @param rows how many; for a vector, its elements
   * @param transposed whether the other format keeps {@code [inputs, outputs]}
   * @param optional whether it may be missing, and is then zero
   */
  record Part(String name, int rows, boolean transposed, boolean optional) {}
}
