package dev.culebra.emulator.ptx;

import java.util.List;
import java.util.Map;

/**
 * An instruction whose labels and source file may still be unknown.
 *
 * @param operands labels are put in when their scope is closed
 * @param location null without {@code .loc}
 */
record InstructionDraft(
    Instruction.Guard guard,
    Opcode opcode,
    Operand[] operands,
    SourcePosition position,
    Location location) {

  Instruction finish(Map<Integer, String> files) {
    return new Instruction(
        guard,
        opcode.name(),
        opcode.modifiers(),
        List.of(operands),
        position,
        location == null ? null : location.resolve(files));
  }
}
