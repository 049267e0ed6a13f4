package dev.culebra.emulator.tensorcore;

/** A matrix of floats taken apart, once for all sums that it is part of. */
final class FloatOperand {
  final int[] significands;
  final int[] exponents;

  /** Elements as they came. */
  final int[] bits;

  FloatFormat format;

  /** Whether an element is infinite or no number. */
  boolean special;

  FloatOperand(int capacity) {
    significands = new int[capacity];
    exponents = new int[capacity];
    bits = new int[capacity];
  }

  /** Takes the first {@code count} of {@link #bits} apart. */
  void decode(FloatFormat format, int count) {
    this.format = format;
    special = format.decode(bits, count, significands, exponents);
  }
}
