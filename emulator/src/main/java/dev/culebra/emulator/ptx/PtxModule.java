package dev.culebra.emulator.ptx;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A module of PTX.
 *
 * @param name of the file or whatever else it is called in messages
 * @param versionMajor of the PTX language
 * @param targetArchitecture 80 of {@code sm_80}
 * @param targetSuffix {@code a}, {@code f} or nothing
 * @param targetOptions what else {@code .target} lists: {@code debug}, {@code texmode_independent}
 * @param variables of module scope
 * @param aliases names of functions that stand for others, by {@code .alias}
 */
public record PtxModule(
    String name,
    int versionMajor,
    int versionMinor,
    int targetArchitecture,
    String targetSuffix,
    List<String> targetOptions,
    int addressSize,
    List<Variable> variables,
    List<Function> functions,
    Map<String, String> aliases) {
  /** The function or kernel of that name, an alias's too; null where there is none. */
  public Function function(String wanted) {
    String target = aliases.getOrDefault(wanted, wanted);
    for (Function function : functions) {
      if (function.name().equals(target)) {
        return function;
      }
    }
    return null;
  }

  /** Functions that are called by name, but have no body in this module. */
  public Set<String> undefinedCallees() {
    Set<String> called = new LinkedHashSet<>();
    Set<String> defined = new HashSet<>(aliases.keySet());
    for (Function function : functions) {
      if (function.body() != null) {
        defined.add(function.name());
        for (Instruction instruction : function.body().instructions()) {
          if (instruction.opcode().equals("call")
              && instruction.operands().get(1) instanceof Operand.SymbolAddress callee) {
            called.add(callee.name());
          }
        }
      }
    }
    called.removeAll(defined);
    return called;
  }
}
