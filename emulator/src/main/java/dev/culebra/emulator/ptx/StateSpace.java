package dev.culebra.emulator.ptx;

/** Where a variable lies (PTX ISA 5.1). */
public enum StateSpace {
  REG,
  CONST,
  GLOBAL,
  LOCAL,
  PARAM,
  SHARED
}
