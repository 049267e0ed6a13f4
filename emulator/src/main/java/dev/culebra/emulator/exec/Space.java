package dev.culebra.emulator.exec;

/** Which addresses an access uses. */
enum Space {
  /** Global and constant memory. */
  GLOBAL,
  SHARED,
  LOCAL,
  /** Any of them, by window; parameters too. */
  GENERIC
}
