package dev.culebra.emulator.ptx;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Types of registers, variables and operations (PTX ISA 5.2). Packed ones count as the word that
 * holds them.
 */
public enum ScalarType {
  B8(Kind.BITS, 8),
  B16(Kind.BITS, 16),
  B32(Kind.BITS, 32),
  B64(Kind.BITS, 64),
  B128(Kind.BITS, 128),
  U8(Kind.UNSIGNED, 8),
  U16(Kind.UNSIGNED, 16),
  U32(Kind.UNSIGNED, 32),
  U64(Kind.UNSIGNED, 64),
  S8(Kind.SIGNED, 8),
  S16(Kind.SIGNED, 16),
  S32(Kind.SIGNED, 32),
  S64(Kind.SIGNED, 64),
  F16(Kind.FLOAT, 16),
  BF16(Kind.FLOAT, 16),
  F32(Kind.FLOAT, 32),
  F64(Kind.FLOAT, 64),
  TF32(Kind.FLOAT, 32),
  E4M3(Kind.FLOAT, 8),
  E5M2(Kind.FLOAT, 8),
  U16X2(Kind.PACKED, 32),
  S16X2(Kind.PACKED, 32),
  F16X2(Kind.PACKED, 32),
  BF16X2(Kind.PACKED, 32),
  E4M3X2(Kind.PACKED, 16),
  E5M2X2(Kind.PACKED, 16),
  F32X2(Kind.PACKED, 64),
  PRED(Kind.PREDICATE, 1),
  TEXREF(Kind.OPAQUE, 64),
  SAMPLERREF(Kind.OPAQUE, 64),
  SURFREF(Kind.OPAQUE, 64);

  /** What an operation takes the bits for. */
  public enum Kind {
    BITS,
    UNSIGNED,
    SIGNED,
    FLOAT,
    PACKED,
    PREDICATE,
    /** A texture, sampler or surface (PTX ISA 5.3). */
    OPAQUE
  }

  private static final Map<String, ScalarType> BY_NAME = new HashMap<>();

  static {
    for (ScalarType type : values()) {
      BY_NAME.put(type.spelling(), type);
    }
  }

  private final Kind kind;
  private final int bits;

  ScalarType(Kind kind, int bits) {
    this.kind = kind;
    this.bits = bits;
  }

  public Kind kind() {
    return kind;
  }

  /** Width in bits; 1 for a predicate. */
  public int bits() {
    return bits;
  }

  /** Width in bytes; 1 for a predicate. */
  public int bytes() {
    return Math.max(1, bits / 8);
  }

  /** As PTX spells it, without the dot. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type of that name, without the dot; null where there is none. */
  public static ScalarType named(String name) {
    return BY_NAME.get(name);
  }
}
