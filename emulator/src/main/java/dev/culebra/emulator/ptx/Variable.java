package dev.culebra.emulator.ptx;

import java.util.List;

/**
 * A variable or a parameter.
 *
 * @param elements elements in all: 1 for a scalar, the product of its dimensions (vector included)
 *     for an array; 0 for an array of unknown size ({@code .extern .shared .b8 x[]})
 * @param alignment in bytes
 * @param initial the bytes that it starts with, null for zeros or, where not initialised, nothing
 * @param relocations addresses of other symbols to be added into {@code initial}
 */
public record Variable(
    String name,
    StateSpace space,
    ScalarType type,
    long elements,
    int alignment,
    Linkage linkage,
    byte[] initial,
    List<Relocation> relocations,
    SourcePosition position) {

  /** Who sees a name (PTX ISA 11.6). */
  public enum Linkage {
    /** This module alone. */
    LOCAL,
    VISIBLE,
    EXTERN,
    WEAK,
    COMMON
  }

  /**
   * An address in a variable's initial value.
   *
   * @param byteOffset where it is written
   * @param width in bytes, 4 or 8
   * @param symbol variable or function
   * @param addend added to its address
   * @param generic whether the generic address is meant
   */
  public record Relocation(
      long byteOffset, int width, String symbol, long addend, boolean generic) {}

  /** Bytes in all. */
  public long size() {
    return elements * type.bytes();
  }
}
