package dev.culebra.emulator.ptx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A function's body before the module's files are known. */
record BodyDraft(
    List<Operand.Register> registers,
    List<Variable> variables,
    List<InstructionDraft> instructions,
    Map<String, Operand[]> branchTargets,
    Map<String, List<String>> callTargets,
    Map<String, FunctionBody.Prototype> prototypes) {

  FunctionBody finish(Map<Integer, String> files) {
    List<Instruction> finished = new ArrayList<>(instructions.size());
    for (InstructionDraft instruction : instructions) {
      finished.add(instruction.finish(files));
    }
    Map<String, List<Operand.Label>> targets = new LinkedHashMap<>();
    branchTargets.forEach(
        (name, labels) -> {
          List<Operand.Label> all = new ArrayList<>(labels.length);
          for (Operand label : labels) {
            all.add((Operand.Label) label);
          }
          targets.put(name, List.copyOf(all));
        });
    return new FunctionBody(
        registers,
        List.copyOf(variables),
        Collections.unmodifiableList(finished),
        Collections.unmodifiableMap(targets),
        Collections.unmodifiableMap(callTargets),
        Collections.unmodifiableMap(prototypes));
  }
}
