package dev.culebra.emulator.ptx;

import java.util.List;
import java.util.Map;

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
}
