package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_FLAGS_MASK;
import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_MAP_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_SCHED_MASK;

import dev.culebra.bindings.cuda.CUctxCreateParams;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Contexts, and which of them is current for a thread. */
final class ContextApi {
  private static final int SUCCESS = 0;

  /** The version of the interface that contexts say they have. */
  private static final int API_VERSION = 3020;

  private static final int LOWEST_PRIORITY = 0;
  static final int HIGHEST_PRIORITY = -5;

  private ContextApi() {}

  static int cuCtxCreate_v4(long context, long parameters, int flags, int device) {
    Driver driver = DeviceApi.driver(device);
    CallerMemory.requireNonNull(context, "the place for a context");
    checkFlags(flags);
    if (parameters != 0) {
      MemorySegment struct = CallerMemory.struct(parameters, CUctxCreateParams.layout());
      if (CUctxCreateParams.numExecAffinityParams(struct) != 0
          || CUctxCreateParams.cigParams(struct).address() != 0) {
        throw Status.NOT_SUPPORTED.because(
            "contexts with a share of the device or for graphics are not emulated");
      }
    }
    Context made = new Context(driver, false, flags);
    driver.thread().contexts.push(made);
    CallerMemory.putLong(context, made.handle);
    return SUCCESS;
  }

  static void checkFlags(int flags) {
    int policy = flags & CU_CTX_SCHED_MASK();
    if ((flags & ~CU_CTX_FLAGS_MASK()) != 0 || Integer.bitCount(policy) > 1) {
      throw Status.INVALID_VALUE.because("flags of a context: 0x" + Integer.toHexString(flags));
    }
  }

  private static Context find(Driver driver, long handle) {
    CallerMemory.requireNonNull(handle, "a context");
    Context context = driver.handles.find(handle, Context.class);
    if (context == null) {
      throw driver.misuse(
          Status.INVALID_CONTEXT, "expected a context, got " + driver.handles.describe(handle));
    }
    return context;
  }

  static int cuCtxDestroy_v2(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    Context context = find(driver, handle);
    if (context.primary) {
      throw driver.misuse(Status.INVALID_CONTEXT, "the primary context is released, not destroyed");
    }
    ArrayDeque<Context> stack = driver.thread().contexts;
    if (stack.peek() == context) {
      stack.pop();
    }
    context.destroy();
    return SUCCESS;
  }

  static int cuCtxPushCurrent_v2(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    driver.thread().contexts.push(find(driver, handle));
    return SUCCESS;
  }

  static int cuCtxPopCurrent_v2(long context) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    ArrayDeque<Context> stack = driver.thread().contexts;
    if (stack.isEmpty()) {
      throw Status.INVALID_CONTEXT.because("no context is current for this thread");
    }
    Context popped = stack.pop();
    CallerMemory.putLongIfWanted(context, popped.handle);
    return SUCCESS;
  }

  /** Replaces the top of the stack; 0 takes it away. */
  static int cuCtxSetCurrent(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    Context context = handle == 0 ? null : find(driver, handle);
    ArrayDeque<Context> stack = driver.thread().contexts;
    if (!stack.isEmpty()) {
      stack.pop();
    }
    if (context != null) {
      stack.push(context);
    }
    return SUCCESS;
  }

  static int cuCtxGetCurrent(long context) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    Context current = driver.thread().contexts.peek();
    CallerMemory.putLong(context, current == null ? 0 : current.handle);
    return SUCCESS;
  }

  static int cuCtxGetDevice(long device) {
    Driver.get().currentContext();
    CallerMemory.putInt(device, 0);
    return SUCCESS;
  }

  static int cuCtxGetDevice_v2(long device, long handle) {
    ofHandle(handle);
    CallerMemory.putInt(device, 0);
    return SUCCESS;
  }

  /** The context of a handle, or the current one for 0; failed or not. */
  private static Context ofHandle(long handle) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    return handle == 0 ? driver.currentContext() : find(driver, handle);
  }

  /** Memory of the host can be mapped whether that was asked for or not. */
  static int cuCtxGetFlags(long flags) {
    CallerMemory.putInt(flags, Driver.get().currentContext().flags | CU_CTX_MAP_HOST());
    return SUCCESS;
  }

  static int cuCtxSetFlags(int flags) {
    Context context = Driver.get().context();
    checkFlags(flags);
    context.flags = flags;
    return SUCCESS;
  }

  static int cuCtxGetId(long handle, long id) {
    CallerMemory.putLong(id, ofHandle(handle).id);
    return SUCCESS;
  }

  static int cuCtxGetApiVersion(long handle, long version) {
    ofHandle(handle);
    CallerMemory.putInt(version, API_VERSION);
    return SUCCESS;
  }

  static int cuCtxSynchronize() {
    return synchronize(Driver.get().context());
  }

  static int cuCtxSynchronize_v2(long handle) {
    return synchronize(ofHandle(handle));
  }

  private static int synchronize(Context context) {
    context.requireUsable();
    Driver driver = context.driver;
    driver.captures.refuseContextWide(context, "cuCtxSynchronize");
    driver.captures.refuseUnsafe(driver, "cuCtxSynchronize");
    driver.timeline.finishAll(context);
    return SUCCESS;
  }

  static int cuCtxGetLimit(long value, int limit) {
    Context context = Driver.get().context();
    CallerMemory.putLong(value, context.limits.get(limit));
    return SUCCESS;
  }

  static int cuCtxSetLimit(int limit, long value) {
    Driver.get().context().limits.set(limit, value);
    return SUCCESS;
  }

  static int cuCtxGetCacheConfig(long config) {
    CallerMemory.putInt(config, Driver.get().context().cacheConfig);
    return SUCCESS;
  }

  static int cuCtxSetCacheConfig(int config) {
    Context context = Driver.get().context();
    FunctionApi.checkCacheConfig(config);
    context.cacheConfig = config;
    return SUCCESS;
  }

  static int cuCtxResetPersistingL2Cache() {
    Driver.get().context();
    return SUCCESS;
  }

  static int cuCtxGetStreamPriorityRange(long least, long greatest) {
    Driver.get().context();
    CallerMemory.putIntIfWanted(least, LOWEST_PRIORITY);
    CallerMemory.putIntIfWanted(greatest, HIGHEST_PRIORITY);
    return SUCCESS;
  }
}
