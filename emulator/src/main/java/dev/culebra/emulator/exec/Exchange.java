package dev.culebra.emulator.exec;

/** What lanes give to one another at a {@link SyncOperation}, a value a lane. */
final class Exchange {
  final int[] values = new int[Operation.LANES];
  final long[] wide = new long[Operation.LANES];

  /** Which lane, or how far away, {@code shfl} reads from. */
  final int[] lanes = new int[Operation.LANES];

  /** Clamp and segment mask of {@code shfl}. */
  final int[] clamps = new int[Operation.LANES];

  /** A bit a lane. */
  int predicates;
}
