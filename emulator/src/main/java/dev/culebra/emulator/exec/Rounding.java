package dev.culebra.emulator.exec;

/** How a number is made to fit a format (PTX ISA 9.7.3, table of rounding modifiers). */
enum Rounding {
  /** {@code .rn}: to nearest, ties to even. */
  NEAREST_EVEN,
  /** {@code .rna}: to nearest, ties away from zero. */
  NEAREST_AWAY,
  /** {@code .rz}. */
  ZERO,
  /** {@code .rm}: towards negative infinity. */
  DOWN,
  /** {@code .rp}: towards positive infinity. */
  UP;

  /**
   * Whether a magnitude is rounded up.
   *
   * @param odd whether the part that is kept is odd
   * @param rest the part that is cut off, compared with half a unit: -1, 0 or 1
   * @param exact whether nothing is cut off at all
   */
  boolean roundsUp(boolean negative, boolean odd, int rest, boolean exact) {
    return switch (this) {
      case NEAREST_EVEN -> rest > 0 || rest == 0 && odd;
      case NEAREST_AWAY -> rest >= 0;
      case ZERO -> false;
      case DOWN -> !exact && negative;
      case UP -> !exact && !negative;
    };
  }

  /** Whether what is too large becomes infinite, not the largest finite number. */
  boolean overflowsToInfinity(boolean negative) {
    return switch (this) {
      case NEAREST_EVEN, NEAREST_AWAY -> true;
      case ZERO -> false;
      case DOWN -> negative;
      case UP -> !negative;
    };
  }
}
