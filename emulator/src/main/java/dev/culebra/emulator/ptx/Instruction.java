package dev.culebra.emulator.ptx;

import java.util.List;

/**
 * One instruction.
 *
 * @param guard null where it always executes
 * @param opcode up to the first dot: {@code fma}
 * @param modifiers what follows, without dots, in order: {@code [rn, ftz, f32]}; {@code ::} stays
 *     inside a modifier
 * @param source null without {@code .loc}
 */
public record Instruction(
    Guard guard,
    String opcode,
    List<String> modifiers,
    List<Operand> operands,
    SourcePosition position,
    SourceLine source) {

  /** {@code @%p} or {@code @!%p}. */
  public record Guard(Operand.Register predicate, boolean negated) {}

  /** The same with other operands. */
  Instruction withOperands(List<Operand> others) {
    return new Instruction(guard, opcode, modifiers, others, position, source);
  }

  /** The same with a source line. */
  Instruction withSource(SourceLine line) {
    return new Instruction(guard, opcode, modifiers, operands, position, line);
  }

  /** Opcode and modifiers as PTX spells them. */
  public String spelling() {
    return modifiers.isEmpty() ? opcode : opcode + "." + String.join(".", modifiers);
  }
}
