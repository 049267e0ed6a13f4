package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.DeviceVariable;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.Program;
import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A program loaded into a context. */
final class Module implements HandleTable.Resource, Context.ContextResource {
  final Context context;
  final long handle;
  final Program program;

  /** Keeps texts whose addresses were given out. */
  final Arena texts = Arena.ofShared();

  private final Map<String, DeviceFunction> functions = new LinkedHashMap<>();
  private boolean released;

  /**
   * @param attributes for each kernel's name the attributes that its function has
   */
  Module(Context context, Program program, Function<String, FunctionAttributes> attributes) {
    this.context = context;
    this.program = program;
    handle = context.driver.handles.add(this);
    for (Kernel kernel : program.kernels()) {
      FunctionAttributes own = attributes.apply(kernel.name());
      functions.put(kernel.name(), new DeviceFunction(this, kernel, own));
    }
    context.own(this);
  }

  @Override
  public String what() {
    return "module";
  }

  /** The function of that name; null where there is none. */
  DeviceFunction function(String name) {
    return functions.get(name);
  }

  List<DeviceFunction> functions() {
    return List.copyOf(functions.values());
  }

  /** The variable of that name; null where there is none. */
  DeviceVariable variable(String name) {
    return program.variable(name);
  }

  /** Modules may stay until their context goes. */
  @Override
  public String leak() {
    return null;
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    program.close();
    functions.values().forEach(function -> context.driver.handles.free(function.handle));
    texts.close();
    context.disown(this);
    context.driver.handles.free(handle);
  }
}
