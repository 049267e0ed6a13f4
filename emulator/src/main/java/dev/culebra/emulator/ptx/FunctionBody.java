package dev.culebra.emulator.ptx;

import java.util.List;
import java.util.Map;

/**
 * What a function does, its scopes resolved: registers and variables of inner blocks stand beside
 * those of outer ones, names that occur more than once made unique.
 *
 * @param variables in {@code .local}, {@code .shared} and {@code .param} space
 * @param branchTargets lists of labels that {@code brx.idx} chooses from
 * @param prototypes that indirect calls name
 */
public record FunctionBody(
    List<Operand.Register> registers,
    List<Variable> variables,
    List<Instruction> instructions,
    Map<String, List<Operand.Label>> branchTargets,
    Map<String, List<String>> callTargets,
    Map<String, Prototype> prototypes) {

  /** What {@code .callprototype} declares. */
  public record Prototype(List<Variable> results, List<Variable> parameters) {}
}
