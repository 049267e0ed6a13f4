package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the shared variables of one kernel and of all that it may call lie: behind what the system
 * reserves come those of fixed size, then, all at one place, those whose size the launch gives.
 */
final class SharedLayout {
  private static final int DYNAMIC_ALIGNMENT = 16;

  private final Map<Variable, Integer> addresses = new IdentityHashMap<>();
  private final int reserved;
  private int staticBytes;

  private SharedLayout(int reserved) {
    this.reserved = reserved;
  }

  static SharedLayout of(Program program, Function kernel) {
    SharedLayout layout =
        new SharedLayout(program.profile().multiprocessor().reservedSharedBytesPerBlock());
    List<Variable> fixed = new ArrayList<>();
    List<Variable> dynamic = new ArrayList<>();
    for (Variable variable : reachable(program, kernel)) {
      (variable.elements() == 0 ? dynamic : fixed).add(variable);
    }
    int end = layout.reserved;
    for (Variable variable : fixed) {
      end = FunctionScope.align(end, Math.max(1, variable.alignment()));
      layout.addresses.put(variable, end);
      end = Math.addExact(end, Math.toIntExact(variable.size()));
    }
    int alignment = DYNAMIC_ALIGNMENT;
    for (Variable variable : dynamic) {
      alignment = Math.max(alignment, variable.alignment());
    }
    if (!dynamic.isEmpty()) {
      end = FunctionScope.align(end, alignment);
    }
    int start = end;
    dynamic.forEach(variable -> layout.addresses.put(variable, start));
    layout.staticBytes = end - layout.reserved;
    return layout;
  }

  /** Shared variables that the functions which a kernel may reach mention. */
  private static List<Variable> reachable(Program program, Function kernel) {
    List<Variable> found = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    ArrayDeque<Function> open = new ArrayDeque<>(List.of(kernel));
    seen.add(kernel.name());
    while (!open.isEmpty()) {
      Function function = open.remove();
      if (function.body() == null) {
        continue;
      }
      for (Variable variable : function.body().variables()) {
        if (variable.space() == StateSpace.SHARED) {
          found.add(variable);
        }
      }
      ArrayDeque<String> names = new ArrayDeque<>(Kernel.symbols(function.body()));
      while (!names.isEmpty()) {
        String name = names.remove();
        if (!seen.add(name)) {
          continue;
        }
        Variable variable = program.moduleVariable(name);
        if (variable == null) {
          Function callee = program.moduleFunction(name);
          if (callee != null) {
            open.add(callee);
          }
        } else if (variable.space() == StateSpace.SHARED) {
          found.add(variable);
        } else {
          variable.relocations().forEach(relocation -> names.add(relocation.symbol()));
        }
      }
    }
    return found;
  }

  int staticBytes() {
    return staticBytes;
  }

  int address(Variable variable) {
    return addresses.get(variable);
  }
}
