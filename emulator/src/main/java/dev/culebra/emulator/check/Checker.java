package dev.culebra.emulator.check;

import java.util.Locale;

/** What is looked for while a program runs. */
public enum Checker {
  /** Accesses outside allocations, after free, misaligned, to memory that is read only. */
  MEMORY,
  /** Reads of bytes that nobody wrote. */
  INITIALISED,
  /** Conflicting accesses that nothing orders. */
  RACE,
  /** Barriers that some threads miss. */
  BARRIER,
  /** Shared memory that an asynchronous copy fills, touched before that was waited for. */
  ASYNC_COPY,
  /** Misuse of the driver's functions. */
  HOST_API;

  /** As reports spell it: {@code async-copy}. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
