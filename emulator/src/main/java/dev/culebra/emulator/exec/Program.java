package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.ScalarType;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A module of PTX, its variables in device memory, ready to run. */
public final class Program implements AutoCloseable {
  private static final int ADDRESS_BITS = 64;

  private final PtxModule module;
  private final DeviceMemory memory;
  private final DeviceProfile profile;
  private final Arena managed = Arena.ofShared();
  private final Map<String, Kernel> kernels = new LinkedHashMap<>();
  private final Map<String, DeviceVariable> variables = new LinkedHashMap<>();
  private final Map<String, Variable> moduleVariables = new HashMap<>();
  private final Map<String, Function> functions = new LinkedHashMap<>();
  private final List<Function> byAddress = new ArrayList<>();
  private boolean closed;

  private Program(PtxModule module, DeviceMemory memory, DeviceProfile profile) {
    this.module = module;
    this.memory = memory;
    this.profile = profile;
    for (Function function : module.functions()) {
      Function before = functions.get(function.name());
      if (before == null || before.body() == null) {
        functions.put(function.name(), function);
      }
    }
    for (Function function : functions.values()) {
      if (function.entry() && function.body() != null) {
        kernels.put(function.name(), new Kernel(this, function));
      }
    }
  }

  /** A function that is called, but neither in the module nor on the device; null for none. */
  public static String unresolved(PtxModule module) {
    return module.undefinedCallees().stream()
        .filter(name -> !SystemCalls.exists(name))
        .findFirst()
        .orElse(null);
  }

  /**
   * Allocates and initialises the module's variables. Functions are decoded when they are first
   * needed.
   *
   * @throws UnsupportedPtxException when the module as a whole can't be emulated
   */
  public static Program load(PtxModule module, DeviceMemory memory, DeviceProfile profile) {
    if (module.addressSize() != ADDRESS_BITS) {
      throw new UnsupportedPtxException(
          module.name() + " has addresses of " + module.addressSize() + " bits; 64 are emulated");
    }
    Program program = new Program(module, memory, profile);
    try {
      program.allocate();
      program.initialise();
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
    return program;
  }

  private void allocate() {
    for (Variable variable : module.variables()) {
      moduleVariables.put(variable.name(), variable);
      boolean here =
          (variable.space() == StateSpace.GLOBAL || variable.space() == StateSpace.CONST)
              && variable.linkage() != Variable.Linkage.EXTERN
              && variable.type().kind() != ScalarType.Kind.OPAQUE
              && !variables.containsKey(variable.name());
      if (!here) {
        continue;
      }
      long bytes = Math.max(1, variable.size());
      long address;
      if (variable.attributes().contains("managed")) {
        address = managed.allocate(bytes, DeviceMemory.ALIGNMENT).address();
        memory.registerHost(address, bytes, variable.name());
      } else {
        address =
            memory.allocate(bytes, variable.name(), variable.space() == StateSpace.CONST).address();
        memory.markWritten(address, bytes);
      }
      variables.put(variable.name(), new DeviceVariable(variable.name(), address, variable.size()));
    }
  }

  private void initialise() {
    for (Variable variable : module.variables()) {
      DeviceVariable place = variables.get(variable.name());
      if (place == null || variable.initial() == null || variable.initial().length == 0) {
        continue;
      }
      byte[] bytes = variable.initial().clone();
      MemorySegment initial = MemorySegment.ofArray(bytes);
      for (Variable.Relocation relocation : variable.relocations()) {
        long value = (address(relocation, variable) + relocation.addend()) >>> relocation.shift();
        switch (relocation.width()) {
          case 1 -> initial.set(HostMemory.BYTE, relocation.byteOffset(), (byte) value);
          case 2 -> initial.set(HostMemory.SHORT, relocation.byteOffset(), (short) value);
          case 4 -> initial.set(HostMemory.INT, relocation.byteOffset(), (int) value);
          default -> initial.set(HostMemory.LONG, relocation.byteOffset(), value);
        }
      }
      memory.segment(place.address(), bytes.length).copyFrom(initial);
    }
  }

  private long address(Variable.Relocation relocation, Variable holder) {
    DeviceVariable variable = variables.get(relocation.symbol());
    if (variable != null) {
      return variable.address();
    }
    Function function = moduleFunction(relocation.symbol());
    if (function == null) {
      throw new UnsupportedPtxException(
          module.name()
              + ":"
              + holder.position()
              + ": "
              + holder.name()
              + " needs the address of "
              + relocation.symbol()
              + ", which this module does not define");
    }
    return functionAddress(function);
  }

  private synchronized long functionAddress(Function function) {
    int index = byAddress.indexOf(function);
    if (index < 0) {
      index = byAddress.size();
      byAddress.add(function);
    }
    return Windows.FUNCTIONS + (index + 1) * Windows.FUNCTION_BYTES;
  }

  /** The function that an address stands for; null where none does. */
  synchronized Function functionAt(long address) {
    long offset = address - Windows.FUNCTIONS;
    if (offset <= 0
        || offset % Windows.FUNCTION_BYTES != 0
        || offset / Windows.FUNCTION_BYTES > byAddress.size()) {
      return null;
    }
    return byAddress.get((int) (offset / Windows.FUNCTION_BYTES) - 1);
  }

  /** What a name of module scope stands for in a kernel; null where it is not known. */
  Place place(Kernel kernel, String name) {
    Variable variable = moduleVariables.get(name);
    if (variable != null) {
      if (variable.space() == StateSpace.SHARED) {
        return new Place.Shared(variable, kernel.sharedAddress(variable));
      }
      DeviceVariable place = variables.get(name);
      return place == null ? null : new Place.Global(variable, place.address());
    }
    Function function = moduleFunction(name);
    return function == null
        ? null
        : new Place.Callable(kernel.reference(function), functionAddress(function));
  }

  Variable moduleVariable(String name) {
    return moduleVariables.get(name);
  }

  /** The function of that name, or that it is an alias for. */
  Function moduleFunction(String name) {
    return functions.get(module.aliases().getOrDefault(name, name));
  }

  DeviceMemory memory() {
    return memory;
  }

  DeviceProfile profile() {
    return profile;
  }

  /** The kernel of that name; null where there is none. */
  public Kernel kernel(String name) {
    return kernels.get(name);
  }

  public List<Kernel> kernels() {
    return List.copyOf(kernels.values());
  }

  /** The variable of that name; null where there is none. */
  public DeviceVariable variable(String name) {
    return variables.get(name);
  }

  public PtxModule module() {
    return module;
  }

  /** Frees its variables. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (DeviceVariable variable : variables.values()) {
      if (memory.isDevice(variable.address())) {
        memory.free(variable.address());
      } else {
        memory.unregisterHost(variable.address());
      }
    }
    managed.close();
  }
}
