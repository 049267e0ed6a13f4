package dev.culebra.emulator.driver;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the driver keeps for one thread of the operating system: its stack of contexts above all. A
 * virtual thread that moves to another carrier leaves them behind, as it would with the real
 * driver.
 */
final class ThreadState {
  /** How unsafe calls are met while streams are captured ({@code CUstreamCaptureMode}). */
  enum CaptureMode {
    GLOBAL,
    THREAD_LOCAL,
    RELAXED
  }

  private static final ThreadLocal<ThreadState> PLATFORM = new ThreadLocal<>();
  private static final Map<Integer, ThreadState> CARRIERS = new ConcurrentHashMap<>();
  private static final MethodHandle GETTID = getTid();

  /** The innermost is the current one. */
  final ArrayDeque<Context> contexts = new ArrayDeque<>();

  CaptureMode captureMode = CaptureMode.GLOBAL;

  /** Whether the stream 0 of the call that runs is the thread's own ({@code _ptsz} functions). */
  boolean perThreadDefaultStream;

  /** Whether a function that a stream called runs on this thread. */
  boolean insideHostFunction;

  /** Why the last call that failed did. */
  String explanation = "";

  private final Driver driver;

  private ThreadState(Driver driver) {
    this.driver = driver;
  }

  /** Of the thread that calls. */
  static ThreadState of(Driver driver) {
    Thread thread = Thread.currentThread();
    ThreadState known = thread.isVirtual() ? CARRIERS.get(carrier()) : PLATFORM.get();
    if (known != null && known.driver == driver) {
      return known;
    }
    ThreadState fresh = new ThreadState(driver);
    if (thread.isVirtual()) {
      CARRIERS.put(carrier(), fresh);
    } else {
      PLATFORM.set(fresh);
    }
    return fresh;
  }

  private static int carrier() {
    try {
      return (int) GETTID.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle getTid() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("gettid"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
  }
}
