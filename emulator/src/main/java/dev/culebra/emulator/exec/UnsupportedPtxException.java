package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;

/** An opcode, a modifier or an operand that the emulator does not know: it refuses by name. */
public final class UnsupportedPtxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public UnsupportedPtxException(String message) {
    super(message);
  }

  /** "PTX instruction wgmma.mma_async... is not emulated, layer_norm.ptx:212:3". */
  static UnsupportedPtxException of(String module, Instruction instruction) {
    return new UnsupportedPtxException(
        "PTX instruction "
            + instruction.spelling()
            + " is not emulated, "
            + module
            + ":"
            + instruction.position());
  }
}
