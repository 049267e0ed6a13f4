package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.DeviceVariable;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.PtxModule;

/** Modules: loaded into the current context, with their functions and variables. */
final class ModuleApi {
  private static final int SUCCESS = 0;
  private static final int LOADED_EAGERLY = 1;

  private ModuleApi() {}

  /** Where a module's text comes from. */
  interface Source {
    PtxModule read(DeviceProfile profile, JitOptions jit);
  }

  static int cuModuleLoad(long module, long file) {
    return load(
        module,
        JitOptions.none(),
        (profile, jit) -> ModuleImage.read(CallerMemory.string(file), profile, jit));
  }

  static int cuModuleLoadData(long module, long image) {
    return load(module, JitOptions.none(), (profile, jit) -> ModuleImage.read(image, profile, jit));
  }

  static int cuModuleLoadFatBinary(long module, long image) {
    return cuModuleLoadData(module, image);
  }

  static int cuModuleLoadDataEx(long module, long image, int count, long options, long values) {
    return load(
        module,
        new JitOptions(count, options, values),
        (profile, jit) -> ModuleImage.read(image, profile, jit));
  }

  private static int load(long place, JitOptions jit, Source source) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("loading a module");
    CallerMemory.requireNonNull(place, "the place for a module");
    PtxModule read = read(driver, jit, source);
    Module module =
        new Module(context, ModuleImage.load(driver, read), name -> new FunctionAttributes());
    CallerMemory.putLong(place, module.handle);
    return SUCCESS;
  }

  /** Reads a module, and tells the caller's logs how that went. */
  static PtxModule read(Driver driver, JitOptions jit, Source source) {
    long start = System.nanoTime();
    try {
      return source.read(driver.options.profile(), jit);
    } finally {
      jit.answer(start);
    }
  }

  static Module module(Driver driver, long handle) {
    return driver.resource(handle, Module.class, "module");
  }

  static int cuModuleUnload(long handle) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("unloading a module");
    Module module = module(driver, handle);
    driver.timeline.finishAll(context);
    module.release();
    return SUCCESS;
  }

  static int cuModuleGetLoadingMode(long mode) {
    Driver.get().requireInitialised();
    CallerMemory.putInt(mode, LOADED_EAGERLY);
    return SUCCESS;
  }

  static int cuModuleGetFunction(long place, long handle, long name) {
    Driver driver = Driver.get();
    driver.context();
    Module module = module(driver, handle);
    String wanted = CallerMemory.string(name);
    DeviceFunction function = module.function(wanted);
    if (function == null) {
      throw Status.NOT_FOUND.because("the module has no kernel " + wanted);
    }
    CallerMemory.putLong(place, function.handle);
    return SUCCESS;
  }

  static int cuModuleGetFunctionCount(long count, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.putInt(count, module(driver, handle).functions().size());
    return SUCCESS;
  }

  static int cuModuleEnumerateFunctions(long functions, int capacity, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.requireNonNull(functions, "the place for functions");
    long at = functions;
    for (DeviceFunction function : module(driver, handle).functions()) {
      if (at < functions + (long) capacity * Long.BYTES) {
        CallerMemory.putLong(at, function.handle);
        at += Long.BYTES;
      }
    }
    return SUCCESS;
  }

  static int cuModuleGetGlobal_v2(long address, long bytes, long handle, long name) {
    Driver driver = Driver.get();
    driver.context();
    return answer(address, bytes, module(driver, handle), CallerMemory.string(name));
  }

  /** Writes where a variable lies and how long it is. */
  static int answer(long address, long bytes, Module module, String name) {
    DeviceVariable variable = module.variable(name);
    if (variable == null) {
      throw Status.NOT_FOUND.because("the module has no variable " + name);
    }
    CallerMemory.putLongIfWanted(address, variable.address());
    CallerMemory.putLongIfWanted(bytes, variable.bytes());
    return SUCCESS;
  }
}
