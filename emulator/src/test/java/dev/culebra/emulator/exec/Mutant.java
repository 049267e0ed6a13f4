package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Instruction;
import dev.culebra.emulator.ptx.PtxParser;
import java.util.ArrayList;
import java.util.List;

/**
 * A module with one instruction changed; lines stay where they are.
 *
 * @param line of the change
 * @param before the statement there
 * @param after what stands in its place
 * @param text of the module
 */
record Mutant(
    Mutation mutation, int line, String before, String after, String text, String witness) {
  /** All that can be made of a kernel. */
  static List<Mutant> of(String module, String kernel) {
    List<Mutant> mutants = new ArrayList<>();
    for (Instruction instruction :
        PtxParser.parse("clean.ptx", module).function(kernel).body().instructions()) {
      for (Mutation mutation : Mutation.values()) {
        Mutant mutant = of(module, instruction, mutation);
        if (mutant != null) {
          mutants.add(mutant);
        }
      }
    }
    return mutants;
  }

  private static Mutant of(String module, Instruction instruction, Mutation mutation) {
    String[] lines = module.split("\n", -1);
    int number = instruction.position().line();
    String line = lines[number - 1];
    int at = instruction.position().column() - 1;
    int start = at;
    while (start > 0 && ";{}:".indexOf(line.charAt(start - 1)) < 0) {
      start--;
    }
    int end = line.indexOf(';', at) + 1;
    String before = line.substring(start, end).strip();
    String after = mutation.change(instruction, before);
    if (after == null) {
      return null;
    }
    String head = line.substring(0, start) + " ";
    String tail = line.substring(end);
    lines[number - 1] = head + after + tail;
    String text = String.join("\n", lines);
    lines[number - 1] = head + mutation.witness(before, after) + tail;
    return new Mutant(mutation, number, before, after, text, String.join("\n", lines));
  }

  @Override
  public String toString() {
    return mutation + " in line " + line + ": " + before + " -> " + after;
  }
}
