package dev.culebra.emulator.ptx;

import java.util.List;

/**
 * A variable or a parameter.
 *
 * @param elements elements in all: 1 for a scalar, the product of its dimensions (vector included)
 *     for an array; 0 for an array of unknown size ({@code .extern .shared .b8 x[]})
 * @param alignment in bytes
 * @param initial the bytes that it starts with, zeros from there to its end; null for zeros or,
 *     where not initialised, nothing
 * @param relocations addresses of other symbols to be written into {@code initial}
 * @param attributes of {@code .attribute}: {@code managed} or {@code unified(1, 2)}
 * @param pointer what a kernel's parameter points to, as {@code .ptr} tells; null where it doesn't
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
    List<String> attributes,
    Pointer pointer,
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
   * What {@code .ptr} says of a kernel's parameter (PTX ISA 5.1.6.3).
   *
   * @param space null for a generic address
   * @param alignment of what it points to, in bytes
   */
  public record Pointer(StateSpace space, int alignment) {}

  /**
   * An address in a variable's initial value.
   *
   * @param byteOffset where it is written
   * @param width in bytes, 1, 4 or 8
   * @param symbol variable or function
   * @param addend added to its address
   * @param generic whether the generic address is meant
   * @param shift bits by which address and addend are shifted right before {@code width} bytes of
   *     them are written: what {@code mask()} chooses (PTX ISA 5.4.4)
   */
  public record Relocation(
      long byteOffset, int width, String symbol, long addend, boolean generic, int shift) {}

  /** The same under another name. */
  Variable named(String other) {
    return new Variable(
        other,
        space,
        type,
        elements,
        alignment,
        linkage,
        initial,
        relocations,
        attributes,
        pointer,
        position);
  }

  /** Bytes in all. */
  public long size() {
    return elements * type.bytes();
  }
}
