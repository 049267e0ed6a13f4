package dev.culebra.emulator.driver;

import dev.culebra.emulator.ptx.Function;
import dev.culebra.emulator.ptx.PtxModule;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A module that belongs to no context: loaded into each where it is needed. */
final class Library implements HandleTable.Resource {
  final Driver driver;
  final long handle;
  private final PtxModule source;
  private final Map<Context, Module> modules = new HashMap<>();
  private final Map<String, LibraryKernel> kernels = new LinkedHashMap<>();
  private final Arena texts = Arena.ofShared();

  /** A kernel in no context ({@code CUkernel}). */
  static final class LibraryKernel implements HandleTable.Resource {
    final Library library;
    final String name;
    final long handle;
    final FunctionAttributes attributes = new FunctionAttributes();
    final long nameAddress;

    private LibraryKernel(Library library, String name) {
      this.library = library;
      this.name = name;
      handle = library.driver.handles.add(this);
      nameAddress = library.texts.allocateFrom(name).address();
    }

    @Override
    public String what() {
      return "kernel";
    }

    /** What it is in a context. */
    DeviceFunction in(Context context) {
      return library.in(context).function(name);
    }
  }

  Library(Driver driver, PtxModule source) {
    this.driver = driver;
    this.source = source;
    for (Function function : source.functions()) {
      if (function.entry() && function.body() != null) {
        kernels.put(function.name(), new LibraryKernel(this, function.name()));
      }
    }
    handle = driver.handles.add(this);
    driver.own(this);
  }

  @Override
  public String what() {
    return "library";
  }

  /** The kernel of that name; null where there is none. */
  LibraryKernel kernel(String name) {
    return kernels.get(name);
  }

  List<LibraryKernel> kernels() {
    return List.copyOf(kernels.values());
  }

  /** The module that it is in a context, loaded when first asked for. */
  Module in(Context context) {
    Module module = modules.get(context);
    if (module == null || context.destroyed()) {
      module =
          new Module(
              context, ModuleImage.load(driver, source), name -> kernels.get(name).attributes);
      modules.put(context, module);
    }
    return module;
  }

  void unload() {
    modules.values().stream()
        .filter(module -> !module.context.destroyed())
        .forEach(Module::release);
    kernels.values().forEach(kernel -> driver.handles.free(kernel.handle));
    driver.handles.free(handle);
    driver.disown(this);
    texts.close();
  }
}
