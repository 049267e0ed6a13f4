package dev.culebra.runtime;

import java.util.function.Consumer;

/** Hands out tensors: an {@link Arena}, or a count of what an arena will have to hold. */
@FunctionalInterface
public interface Allocator {
  /** Alignment of every tensor, in bytes. */
  long ALIGNMENT = 256;

  /**
   * A contiguous tensor with undefined contents.
   *
   * @throws IllegalStateException when the arena is full; the message names it, its size and what
   *     was asked for
   */
  Tensor allocate(DType dtype, long... shape);

  /** Rounds a number of bytes up to {@link #ALIGNMENT}. */
  static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * Bytes that an arena needs for {@code plan}, which is run against an allocator that only counts.
   * The tensors it sees have address 0 and must not be used for anything but their shape.
   */
  static long measure(Device device, Consumer<Allocator> plan) {
    long[] bytes = {0};
    plan.accept(
        (dtype, shape) -> {
          Tensor tensor = Tensor.contiguous(device, 0, dtype, shape);
          bytes[0] += align(tensor.bytes());
          return tensor;
        });
    return bytes[0];
  }
}
