package dev.culebra.emulator.profile;

/** Whose tensor cores are followed bit for bit: how products are aligned, cut and summed. */
public enum TensorCoreModel {
  /** Compute capability 8.0 to 8.9. */
  AMPERE,
  /** Compute capability 9.0. */
  HOPPER
}
