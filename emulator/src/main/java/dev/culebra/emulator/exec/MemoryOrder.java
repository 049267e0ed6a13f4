package dev.culebra.emulator.exec;

/** How an access is ordered with others (PTX ISA 8.4 and 8.9). */
enum MemoryOrder {
  WEAK,
  /** {@code .volatile}, {@code .relaxed} and {@code .mmio}. */
  RELAXED,
  ACQUIRE,
  RELEASE,
  ACQUIRE_RELEASE;

  /** Whether other threads may be polled with it. */
  boolean strong() {
    return this != WEAK;
  }

  boolean acquires() {
    return this == ACQUIRE || this == ACQUIRE_RELEASE;
  }

  boolean releases() {
    return this == RELEASE || this == ACQUIRE_RELEASE;
  }
}
