package dev.culebra.emulator.exec;

import java.util.stream.Stream;

/**
 * Keeps strong vector accesses in one piece. PTX leaves it open in which order a vector's elements
 * are accessed (PTX ISA 8.2.2), but devices of compute capability 7.0 and later access 16 aligned
 * bytes at once, and programs pass a flag and its value to other blocks that way.
 */
final class WholeVectors {
  private static final int LOCKS = 64;

  /** The longest vector has 32 bytes, and is aligned. */
  private static final int VECTOR_SHIFT = 5;

  private static final Object[] STRIPES = Stream.generate(Object::new).limit(LOCKS).toArray();

  private WholeVectors() {}

  /** What to hold while the vector at a place is accessed. */
  static Object lock(long nativeAddress) {
    return STRIPES[(int) (nativeAddress >>> VECTOR_SHIFT) & LOCKS - 1];
  }
}
