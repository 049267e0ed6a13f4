package dev.culebra.emulator.driver;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What stands between native code and the methods that implement the driver: one call at a time,
 * and whatever is thrown becomes a status, since an exception that left an upcall would end the
 * JVM.
 */
final class Upcalls {
  private static final MethodHandle ENTER = own("enter", MethodType.methodType(void.class));
  private static final MethodHandle ENTER_PER_THREAD =
      own("enterPerThread", MethodType.methodType(void.class));
  private static final MethodHandle LEAVE =
      own("leave", MethodType.methodType(int.class, Throwable.class, int.class));
  private static final MethodHandle LEAVE_PER_THREAD =
      own("leavePerThread", MethodType.methodType(int.class, Throwable.class, int.class));
  private static final MethodHandle STATUS =
      own("status", MethodType.methodType(int.class, String.class, Throwable.class));
  private static final MethodHandle NOT_SUPPORTED =
      own("notSupported", MethodType.methodType(int.class, String.class));

  private Upcalls() {}

  private static MethodHandle own(String name, MethodType type) {
    try {
      return MethodHandles.lookup().findStatic(Upcalls.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * A handle of the same shape that never throws.
   *
   * @param perThread whether stream 0 is the calling thread's own
   */
  static MethodHandle guard(String name, MethodHandle method, boolean perThread) {
    MethodHandle caught =
        MethodHandles.catchException(
            method, Throwable.class, MethodHandles.insertArguments(STATUS, 0, name));
    MethodHandle left = MethodHandles.tryFinally(caught, perThread ? LEAVE_PER_THREAD : LEAVE);
    return MethodHandles.foldArguments(left, perThread ? ENTER_PER_THREAD : ENTER);
  }

  /**
   * Says that a function is not emulated. In C, whoever calls clears the arguments away, so that
   * one shape does for all.
   */
  static MethodHandle refusal(String name) {
    return guard(name, MethodHandles.insertArguments(NOT_SUPPORTED, 0, name), false);
  }

  private static int notSupported(String name) {
    Driver.get().noteUnsupported(name, "the CUDA driver function " + name + " is not emulated");
    return Status.NOT_SUPPORTED.code();
  }

  private static void enter() {
    Driver.LOCK.lock();
  }

  private static void enterPerThread() {
    Driver.LOCK.lock();
    Driver.get().thread().perThreadDefaultStream = true;
  }

  private static int leave(Throwable thrown, int status) {
    Driver.LOCK.unlock();
    return status;
  }

  private static int leavePerThread(Throwable thrown, int status) {
    Driver.get().thread().perThreadDefaultStream = false;
    return leave(thrown, status);
  }

  private static int status(String name, Throwable thrown) {
    if (thrown instanceof DriverException exception) {
      Driver.explain(name, exception);
      return exception.status().code();
    }
    try {
      Driver.log().println("the emulated CUDA driver failed in " + name);
      thrown.printStackTrace(Driver.log());
    } catch (Throwable again) {
      // Nothing more can be told; the status says that something went wrong.
    }
    return (thrown instanceof OutOfMemoryError ? Status.OUT_OF_MEMORY : Status.UNKNOWN).code();
  }
}
