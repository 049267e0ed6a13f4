package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_BINARY_VERSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_CACHE_MODE_CA;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_NUM_REGS;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_PTX_VERSION;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_CACHE_PREFER_EQUAL;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_CACHE_PREFER_NONE;

import dev.culebra.emulator.driver.Library.LibraryKernel;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.ptx.StateSpace;
import dev.culebra.emulator.ptx.Variable;

/** What a function is and what launches of it may ask for. */
final class FunctionApi {
  private static final int SUCCESS = 0;
  private static final int LOADED = 1;
  private static final int LARGEST_PERCENTAGE = 100;

  private FunctionApi() {}

  /** The function of a handle: a kernel of a library stands for its function, as in the driver. */
  static DeviceFunction function(Driver driver, long handle) {
    LibraryKernel kernel = driver.handles.find(handle, LibraryKernel.class);
    return kernel == null
        ? driver.resource(handle, DeviceFunction.class, "function")
        : kernel.in(driver.context());
  }

  static int cuFuncGetAttribute(long value, int attribute, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.putInt(value, get(function(driver, handle), attribute));
    return SUCCESS;
  }

  static int cuFuncSetAttribute(long handle, int attribute, int value) {
    Driver driver = Driver.get();
    driver.context();
    set(function(driver, handle), attribute, value);
    return SUCCESS;
  }

  /** The bound of .reqntid is not told as one of .maxntid is. */
  static int get(DeviceFunction function, int attribute) {
    Kernel kernel = function.kernel;
    DeviceProfile profile = function.module.context.driver.options.profile();
    FunctionAttributes set = function.attributes;
    if (attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK()) {
      return kernel.requiredBlock() == null
          ? kernel.maxThreadsPerBlock()
          : DeviceProfile.MAX_THREADS_PER_BLOCK;
    }
    if (attribute == CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES()) {
      return kernel.staticSharedBytes();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES()) {
      return constantBytes(function.module);
    }
    if (attribute == CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES()) {
      return kernel.localBytes();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_NUM_REGS()) {
      return kernel.registers();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_PTX_VERSION()) {
      return function.module.program.module().targetArchitecture();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_BINARY_VERSION()) {
      return profile.architecture();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_CACHE_MODE_CA()) {
      return 0;
    }
    if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES()) {
      return function.maxDynamicSharedBytes();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT()) {
      return set.carveout;
    }
    return cluster(kernel.requiredCluster(), set, attribute);
  }

  private static int constantBytes(Module module) {
    long bytes = 0;
    for (Variable variable : module.program.module().variables()) {
      if (variable.space() == StateSpace.CONST) {
        bytes += variable.size();
      }
    }
    return (int) bytes;
  }

  private static int cluster(Dim3 required, FunctionAttributes set, int attribute) {
    if (attribute == CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET()) {
      return 0;
    }
    if (attribute == CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH()) {
      return required == null ? 0 : required.x();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT()) {
      return required == null ? 0 : required.y();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH()) {
      return required == null ? 0 : required.z();
    }
    if (attribute == CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED()) {
      return set.nonPortableClusters;
    }
    if (attribute == CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE()) {
      return set.clusterPolicy;
    }
    throw Status.INVALID_VALUE.because("no attribute of a function has number " + attribute);
  }

  static void set(DeviceFunction function, int attribute, int value) {
    FunctionAttributes set = function.attributes;
    if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES()) {
      allowDynamicShared(function, value);
    } else if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT()) {
      if (value < -1 || value > LARGEST_PERCENTAGE) {
        throw Status.INVALID_VALUE.because("a carveout of " + value + " per cent");
      }
      set.carveout = value;
    } else if (attribute == CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED()) {
      set.nonPortableClusters = value;
    } else if (attribute == CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE()) {
      set.clusterPolicy = value;
    } else {
      throw Status.INVALID_VALUE.because("attribute " + attribute + " can't be set");
    }
  }

  private static void allowDynamicShared(DeviceFunction function, int bytes) {
    Driver driver = function.module.context.driver;
    int most = driver.options.profile().multiprocessor().sharedBytesPerBlockOptIn();
    int fixed = function.kernel.staticSharedBytes();
    if (bytes < 0 || bytes > most - fixed) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          bytes
              + " bytes of dynamic shared memory for "
              + function.kernel.name()
              + "; a block can have "
              + most
              + ", of which "
              + fixed
              + " are static");
    }
    function.attributes.allowDynamicSharedBytes(bytes);
  }

  static void checkCacheConfig(int config) {
    if (config < CU_FUNC_CACHE_PREFER_NONE() || config > CU_FUNC_CACHE_PREFER_EQUAL()) {
      throw Status.INVALID_VALUE.because("no cache configuration has number " + config);
    }
  }

  static int cuFuncSetCacheConfig(long handle, int config) {
    Driver driver = Driver.get();
    driver.context();
    checkCacheConfig(config);
    function(driver, handle).attributes.cacheConfig = config;
    return SUCCESS;
  }

  static int cuFuncGetModule(long place, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.putLong(place, function(driver, handle).module.handle);
    return SUCCESS;
  }

  static int cuFuncGetName(long place, long handle) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.requireNonNull(handle, "the function");
    CallerMemory.putLong(place, function(driver, handle).nameAddress());
    return SUCCESS;
  }

  static int cuFuncGetParamInfo(long handle, long index, long offset, long bytes) {
    Driver driver = Driver.get();
    driver.context();
    return LibraryApi.parameter(function(driver, handle).kernel.parameters(), index, offset, bytes);
  }

  static int cuFuncIsLoaded(long state, long handle) {
    Driver driver = Driver.get();
    driver.context();
    function(driver, handle);
    CallerMemory.putInt(state, LOADED);
    return SUCCESS;
  }

  static int cuFuncLoad(long handle) {
    Driver driver = Driver.get();
    driver.context();
    function(driver, handle);
    return SUCCESS;
  }
}
