package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.FunctionBody;
import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.Operand;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.List;

/**
 * How many places of a function assign each register: compilers give most registers one. Results
 * are first operands (PTX ISA 6.1); what else stands there is taken for one.
 */
final class Assignments {
  private final int[] places;

  Assignments(Function function) {
    FunctionBody body = function.body();
    places = new int[body.registers().size()];
    for (Instruction instruction : body.instructions()) {
      if (!instruction.operands().isEmpty()) {
        count(instruction.operands().getFirst());
      }
    }
    for (Operand.Register register : body.registers()) {
      if (isAmong(function.parameters(), register)) {
        places[register.index()]++;
      }
    }
  }

  private static boolean isAmong(List<Variable> variables, Operand.Register register) {
    return variables.stream()
        .anyMatch(
            variable ->
                variable.space() == StateSpace.REG && variable.name().equals(register.name()));
  }

  private void count(Operand operand) {
    switch (operand) {
      case Operand.Register register -> places[register.index()]++;
      case Operand.Selected selected -> count(selected.register());
      case Operand.Vector(List<Operand> elements) -> elements.forEach(this::count);
      case Operand.Arguments(List<Operand> elements) -> elements.forEach(this::count);
      case Operand.Pair(Operand first, Operand second) -> {
        count(first);
        count(second);
      }
      default -> {
        // Nothing that is assigned.
      }
    }
  }

  /** Whether there is one place at most. */
  boolean once(Operand.Register register) {
    return places[register.index()] <= 1;
  }
}
