package dev.culebra.emulator.driver;

import dev.culebra.emulator.driver.Library.LibraryKernel;
import dev.culebra.emulator.exec.DeviceVariable;
import dev.culebra.emulator.exec.KernelParameter;
import java.util.List;

/** Libraries and their kernels: modules that belong to no context. */
final class LibraryApi {
  private static final int SUCCESS = 0;

  /** {@code CUlibraryOption}s are hints about the image's life and where it is kept. */
  private static final int LIBRARY_OPTIONS = 2;

  private LibraryApi() {}

  static int cuLibraryLoadData(
      long library,
      long code,
      long jitOptions,
      long jitValues,
      int jitCount,
      long options,
      long values,
      int count) {
    return load(
        library,
        new JitOptions(jitCount, jitOptions, jitValues),
        options,
        count,
        (profile, jit) -> ModuleImage.read(code, profile, jit));
  }

  static int cuLibraryLoadFromFile(
      long library,
      long file,
      long jitOptions,
      long jitValues,
      int jitCount,
      long options,
      long values,
      int count) {
    return load(
        library,
        new JitOptions(jitCount, jitOptions, jitValues),
        options,
        count,
        (profile, jit) -> ModuleImage.read(CallerMemory.string(file), profile, jit));
  }

  private static int load(
      long place, JitOptions jit, long options, int count, ModuleApi.Source source) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    CallerMemory.requireNonNull(place, "the place for a library");
    for (int i = 0; i < count; i++) {
      int option = CallerMemory.getInt(options + (long) i * Integer.BYTES);
      if (option < 0 || option >= LIBRARY_OPTIONS) {
        throw Status.INVALID_VALUE.because("no library option has number " + option);
      }
    }
    Library library = new Library(driver, ModuleApi.read(driver, jit, source));
    CallerMemory.putLong(place, library.handle);
    return SUCCESS;
  }

  private static Library library(Driver driver, long handle) {
    driver.requireInitialised();
    return driver.resource(handle, Library.class, "library");
  }

  private static LibraryKernel kernel(Driver driver, long handle) {
    driver.requireInitialised();
    return driver.resource(handle, LibraryKernel.class, "kernel");
  }

  static int cuLibraryUnload(long handle) {
    Driver driver = Driver.get();
    Library library = library(driver, handle);
    for (Context context : driver.contexts) {
      driver.timeline.finishAllQuietly(context);
    }
    library.unload();
    return SUCCESS;
  }

  static int cuLibraryGetKernel(long place, long handle, long name) {
    Library library = library(Driver.get(), handle);
    String wanted = CallerMemory.string(name);
    LibraryKernel kernel = library.kernel(wanted);
    if (kernel == null) {
      throw Status.NOT_FOUND.because("the library has no kernel " + wanted);
    }
    CallerMemory.putLong(place, kernel.handle);
    return SUCCESS;
  }

  static int cuLibraryGetKernelCount(long count, long handle) {
    CallerMemory.putInt(count, library(Driver.get(), handle).kernels().size());
    return SUCCESS;
  }

  static int cuLibraryEnumerateKernels(long place, int capacity, long handle) {
    List<LibraryKernel> kernels = library(Driver.get(), handle).kernels();
    CallerMemory.requireNonNull(place, "the place for kernels");
    for (int i = 0; i < Math.min(capacity, kernels.size()); i++) {
      CallerMemory.putLong(place + (long) i * Long.BYTES, kernels.get(i).handle);
    }
    return SUCCESS;
  }

  static int cuLibraryGetModule(long place, long handle) {
    Driver driver = Driver.get();
    Library library = library(driver, handle);
    CallerMemory.putLong(place, library.in(driver.context()).handle);
    return SUCCESS;
  }

  static int cuLibraryGetGlobal(long address, long bytes, long handle, long name) {
    Driver driver = Driver.get();
    Module module = library(driver, handle).in(driver.context());
    return ModuleApi.answer(address, bytes, module, CallerMemory.string(name));
  }

  /** Managed variables are the same in all contexts. */
  static int cuLibraryGetManaged(long address, long bytes, long handle, long name) {
    Driver driver = Driver.get();
    Module module = library(driver, handle).in(driver.context());
    String wanted = CallerMemory.string(name);
    DeviceVariable variable = module.variable(wanted);
    if (variable == null || driver.memory().isDevice(variable.address())) {
      throw Status.NOT_FOUND.because("the library has no managed variable " + wanted);
    }
    return ModuleApi.answer(address, bytes, module, wanted);
  }

  static int cuKernelGetFunction(long place, long handle) {
    Driver driver = Driver.get();
    LibraryKernel kernel = kernel(driver, handle);
    CallerMemory.putLong(place, kernel.in(driver.context()).handle);
    return SUCCESS;
  }

  static int cuKernelGetLibrary(long place, long handle) {
    CallerMemory.putLong(place, kernel(Driver.get(), handle).library.handle);
    return SUCCESS;
  }

  static int cuKernelGetName(long place, long handle) {
    CallerMemory.requireNonNull(handle, "the kernel");
    CallerMemory.putLong(place, kernel(Driver.get(), handle).nameAddress);
    return SUCCESS;
  }

  static int cuKernelGetParamInfo(long handle, long index, long offset, long bytes) {
    Driver driver = Driver.get();
    DeviceFunction function = kernel(driver, handle).in(driver.context());
    return parameter(function.kernel.parameters(), index, offset, bytes);
  }

  /** Writes where a parameter lies; past the last there is none. */
  static int parameter(List<KernelParameter> all, long index, long offset, long bytes) {
    CallerMemory.requireNonNull(offset, "the place for an offset");
    if (index < 0 || index >= all.size()) {
      throw Status.INVALID_VALUE.because(
          "parameter " + index + " of a kernel that has " + all.size());
    }
    KernelParameter parameter = all.get((int) index);
    CallerMemory.putLong(offset, parameter.offset());
    CallerMemory.putLongIfWanted(bytes, parameter.bytes());
    return SUCCESS;
  }

  static int cuKernelGetAttribute(long value, int attribute, long handle, int device) {
    Driver driver = DeviceApi.driver(device);
    DeviceFunction function = kernel(driver, handle).in(driver.context());
    CallerMemory.putInt(value, FunctionApi.get(function, attribute));
    return SUCCESS;
  }

  static int cuKernelSetAttribute(int attribute, int value, long handle, int device) {
    Driver driver = DeviceApi.driver(device);
    FunctionApi.set(kernel(driver, handle).in(driver.context()), attribute, value);
    return SUCCESS;
  }

  static int cuKernelSetCacheConfig(long handle, int config, int device) {
    Driver driver = DeviceApi.driver(device);
    FunctionApi.checkCacheConfig(config);
    kernel(driver, handle).attributes.cacheConfig = config;
    return SUCCESS;
  }
}
