package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;

/** Decodes some opcodes. */
interface OperationFamily {
  /**
   * Decodes an instruction, its guard aside.
   *
   * @return null when its opcode is none of this family's
   * @throws UnsupportedPtxException when it is, but a modifier or operand is not understood
   */
  Operation decode(Instruction instruction, DecodeContext context);
}
