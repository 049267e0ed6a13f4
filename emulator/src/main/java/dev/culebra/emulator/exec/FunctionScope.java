package dev.culebra.emulator.exec;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What names mean in one function of a kernel, and how its local memory is laid out. */
final class FunctionScope {
  private static final int LOCAL_ALIGNMENT = 16;

  private final Kernel kernel;
  private final Map<String, Place> own = new HashMap<>();
  private int localBytes;

  FunctionScope(Kernel kernel, Function function) {
    this.kernel = kernel;
    if (function.entry()) {
      List<KernelParameter> offsets = kernel.parameters();
      for (int i = 0; i < offsets.size(); i++) {
        Variable parameter = function.parameters().get(i);
        own.put(parameter.name(), new Place.Parameter(parameter, offsets.get(i).offset()));
      }
    } else {
      function.parameters().forEach(this::placeLocally);
      function.results().forEach(this::placeLocally);
    }
    for (Variable variable : function.body().variables()) {
      switch (variable.space()) {
        case LOCAL, PARAM -> placeLocally(variable);
        case SHARED ->
            own.put(variable.name(), new Place.Shared(variable, kernel.sharedAddress(variable)));
        case GLOBAL, CONST ->
            own.put(variable.name(), kernel.program().place(kernel, variable.name()));
        case REG -> throw new IllegalStateException("a register among variables");
      }
    }
  }

  private void placeLocally(Variable variable) {
    if (variable.space() == StateSpace.REG) {
      return;
    }
    localBytes = align(localBytes, Math.max(1, variable.alignment()));
    own.put(variable.name(), new Place.Local(variable, localBytes));
    localBytes = Math.addExact(localBytes, Math.toIntExact(variable.size()));
  }

  /** What a name stands for; null where nothing is known under it. */
  Place find(String name) {
    Place place = own.get(name);
    return place != null ? place : kernel.program().place(kernel, name);
  }

  /** Bytes of local memory that a call takes. */
  int localBytes() {
    return align(localBytes, LOCAL_ALIGNMENT);
  }

  static int align(int offset, int alignment) {
    return Math.addExact(offset, alignment - 1) / alignment * alignment;
  }
}
