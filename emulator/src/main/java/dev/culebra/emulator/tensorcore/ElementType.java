package dev.culebra.emulator.tensorcore;

import java.util.Locale;

/** What the elements of a matrix are (PTX ISA 9.7.14.3). */
public enum ElementType {
  F16(16),
  BF16(16),
  /** 19 bits at the top of a word. */
  TF32(32),
  E4M3(8),
  E5M2(8),
  F32(32),
  F64(64),
  S32(32),
  U8(8),
  S8(8),
  U4(4),
  S4(4),
  B1(1);

  private static final int REGISTER_BITS = 32;

  private final int bits;

  ElementType(int bits) {
    this.bits = bits;
  }

  /** Width in memory and in registers. */
  public int bits() {
    return bits;
  }

  /** How many share a register; 1 for {@code f64}, which has a register of 64 bits. */
  public int perRegister() {
    return Math.max(1, REGISTER_BITS / bits);
  }

  /** As PTX spells it, without the dot. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type of that name, without the dot; null where there is none. */
  public static ElementType named(String name) {
    for (ElementType type : values()) {
      if (type.spelling().equals(name)) {
        return type;
      }
    }
    return null;
  }
}
