package dev.culebra.emulator.driver;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Calls functions of the program, of which the driver has only the addresses. */
final class HostFunctions {
  private static final MethodHandle HOST_FUNCTION =
      handle(FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
  private static final MethodHandle CALLBACK =
      handle(
          FunctionDescriptor.ofVoid(
              ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
  private static final MethodHandle BLOCK_TO_SHARED_BYTES =
      handle(FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

  private HostFunctions() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(descriptor);
  }

  /** {@code void fn(void *userData)}, during which the driver can't be called. */
  static void call(Driver driver, long function, long userData) {
    inside(
        driver,
        () -> {
          HOST_FUNCTION.invokeExact(MemorySegment.ofAddress(function), userData);
        });
  }

  /** {@code void fn(CUstream stream, CUresult status, void *userData)}. */
  static void callback(Driver driver, long function, long stream, Status status, long data) {
    inside(
        driver,
        () -> {
          CALLBACK.invokeExact(MemorySegment.ofAddress(function), stream, status.code(), data);
        });
  }

  /** {@code size_t fn(int blockSize)}. */
  static long sharedBytes(long function, int blockSize) {
    try {
      return (long) BLOCK_TO_SHARED_BYTES.invokeExact(MemorySegment.ofAddress(function), blockSize);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Call {
    void run() throws Throwable;
  }

  /** Other threads may use the driver meanwhile: the function may wait for them. */
  private static void inside(Driver driver, Call call) {
    ThreadState thread = driver.thread();
    boolean nested = thread.insideHostFunction;
    int held = Driver.unlock();
    thread.insideHostFunction = true;
    try {
      call.run();
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      thread.insideHostFunction = nested;
      Driver.lock(held);
    }
  }
}
