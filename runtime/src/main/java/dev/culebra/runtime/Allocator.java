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
   * The tensors it sees have address 0 and no memory: operations refuse them.
   */
  static long measure(Device device, Consumer<Allocator> plan) {
    CountingArena counter = new CountingArena(device);
    plan.accept(counter);
    return counter.used();
  }
}
