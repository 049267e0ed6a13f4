package dev.culebra.emulator.driver;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What every call from native code has around it: one at a time. An exception that left an upcall
 * would end the JVM, so the methods are to throw nothing.
 */
final class Upcalls {
  private static final MethodHandle ENTER = own("enter", MethodType.methodType(void.class));
  private static final MethodHandle ENTER_PER_THREAD =
      own("enterPerThread", MethodType.methodType(void.class));

  private Upcalls() {}

  private static MethodHandle own(String name, MethodType type) {
    try {
      return MethodHandles.lookup().findStatic(Upcalls.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** A handle of the same shape that runs while no other does. */
  static MethodHandle alone(MethodHandle method) {
    return around(ENTER, method, "leave");
  }

  /** As {@link #alone}; stream 0 is the calling thread's own meanwhile. */
  static MethodHandle alonePerThread(MethodHandle method) {
    return around(ENTER_PER_THREAD, method, "leavePerThread");
  }

  private static MethodHandle around(MethodHandle enter, MethodHandle method, String leave) {
    Class<?> result = method.type().returnType();
    MethodHandle left = own(leave, MethodType.methodType(result, Throwable.class, result));
    return MethodHandles.foldArguments(MethodHandles.tryFinally(method, left), enter);
  }

  private static void enter() {
    Driver.LOCK.lock();
    Driver.noteCall();
  }

  private static void enterPerThread() {
    enter();
    Driver.get().thread().perThreadDefaultStream = true;
  }

  private static int leave(Throwable thrown, int result) {
    Driver.LOCK.unlock();
    return result;
  }

  private static long leave(Throwable thrown, long result) {
    Driver.LOCK.unlock();
    return result;
  }

  private static int leavePerThread(Throwable thrown, int result) {
    Driver.get().thread().perThreadDefaultStream = false;
    return leave(thrown, result);
  }

  /** Says that the emulator itself has failed. */
  static void tell(String name, Throwable thrown) {
    try {
      Driver.log().println("the emulated CUDA device failed in " + name);
      thrown.printStackTrace(Driver.log());
    } catch (Throwable again) {
      // Nothing more can be told; the status says that something went wrong.
    }
  }
}
