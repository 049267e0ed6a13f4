package dev.culebra.emulator.ptx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A function's body before the module's files are known.
 *
 * @param locations of the instructions, as many as there are or none; null for those without
 */
record BodyDraft(
    List<Operand.Register> registers,
    List<Variable> variables,
    List<Instruction> instructions,
    List<Location> locations,
    Map<String, Operand.Label[]> branchTargets,
    Map<String, List<String>> callTargets,
    Map<String, FunctionBody.Prototype> prototypes) {

  FunctionBody finish(Map<Integer, String> files) {
    for (int i = 0; i < locations.size(); i++) {
      Location location = locations.get(i);
      if (location != null) {
        instructions.set(i, instructions.get(i).withSource(location.resolve(files)));
      }
    }
    Map<String, List<Operand.Label>> targets = new LinkedHashMap<>();
    branchTargets.forEach((name, labels) -> targets.put(name, List.of(labels)));
    return new FunctionBody(
        registers,
        List.copyOf(variables),
        List.copyOf(instructions),
        Collections.unmodifiableMap(targets),
        Collections.unmodifiableMap(callTargets),
        Collections.unmodifiableMap(prototypes));
  }
}
