package dev.culebra.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The few functions of the C library that loading another library takes. */
final class Libc {
  private static final int RTLD_LAZY = 1;

  private static final MethodHandle SETENV =
      function("setenv", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle GETENV =
      function("getenv", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle DLOPEN =
      function("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle DLERROR = function("dlerror", FunctionDescriptor.of(ADDRESS));

  private Libc() {}

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  /**
   * Sets a variable in the process's own environment, which native libraries read; {@link
   * System#getenv} goes on showing what the process was started with.
   */
  static void setEnvironment(String name, String value) {
    try (Arena arena = Arena.ofConfined()) {
      int status =
          (int) SETENV.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      if (status != 0) {
        throw new IllegalStateException("setenv(" + name + ") failed");
      }
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  /** A variable of the process's own environment, null when it is not set. */
  static String environment(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return string((MemorySegment) GETENV.invokeExact(arena.allocateFrom(name)));
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  /** What the dynamic linker has to say about a library that would not load; null for nothing. */
  static String linkError(Path library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle =
          (MemorySegment) DLOPEN.invokeExact(arena.allocateFrom(library.toString()), RTLD_LAZY);
      return handle.address() != 0 ? null : string((MemorySegment) DLERROR.invokeExact());
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  @SuppressWarnings("restricted")
  private static String string(MemorySegment address) {
    return address.address() == 0 ? null : address.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private static RuntimeException unexpected(Throwable failure) {
    return failure instanceof RuntimeException exception
        ? exception
        : new IllegalStateException(failure);
  }
}
