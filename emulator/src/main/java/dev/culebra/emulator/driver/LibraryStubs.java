package dev.culebra.emulator.driver;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The functions of a library that stands on the driver, as native code can call them. */
public final class LibraryStubs {
  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

  private final StubTable table;

  /** Ends a library's function with one of its statuses. */
  public static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * @param reason what is wrong with the call, for people
     */
    public Refusal(int status, String reason) {
      super(reason, null, false, false);
      this.status = status;
    }

    public int status() {
      return status;
    }
  }

  /**
   * @param library for reports
   * @param prefix what the names of its functions begin with
   * @param bindings the generated class that names all of them
   * @param lookup that sees the rooms
   * @param rooms classes with a static method of its C name for each function
   * @param notSupported the status of a function that no room has
   * @param internalError the status of one that failed over a fault of the emulator
   */
  public LibraryStubs(
      String library,
      String prefix,
      Class<?> bindings,
      MethodHandles.Lookup lookup,
      List<Class<?>> rooms,
      int notSupported,
      int internalError) {
    table =
        new StubTable(
            bindings, prefix, lookup, rooms, new Guard(library, notSupported, internalError));
  }

  /** Names of the functions that only say that they are not supported. */
  public Set<String> unsupported() {
    return table.unsupported();
  }

  /** The stub of a function; empty for a name that is none of the library's. */
  public Optional<MemorySegment> find(String name) {
    return table.find(name);
  }

  private record Guard(String library, int notSupported, int internalError)
      implements StubTable.Guard {
    private static final MethodHandle STATUS = failure("status", int.class);
    private static final MethodHandle NOTHING = failure("nothing", long.class);

    private static MethodHandle failure(String name, Class<?> result) {
      return own(name, MethodType.methodType(result, Guard.class, String.class, Throwable.class));
    }

    private static MethodHandle own(String name, MethodType type) {
      try {
        return LOOKUP.findStatic(Guard.class, name, type);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public MethodHandle guard(String name, MethodHandle method, boolean perThread) {
      MethodHandle failed = method.type().returnType() == int.class ? STATUS : NOTHING;
      return Upcalls.alone(
          MethodHandles.catchException(
              method, Throwable.class, MethodHandles.insertArguments(failed, 0, this, name)));
    }

    @Override
    public MethodHandle refusal(String name) {
      MethodType type = MethodType.methodType(int.class, Guard.class, String.class);
      MethodHandle refuse = MethodHandles.insertArguments(own("refuse", type), 0, this, name);
      return guard(name, refuse, false);
    }

    private static int refuse(Guard guard, String name) {
      Driver.get().noteUnsupported(name, guard.library + "'s " + name + " is not emulated");
      return guard.notSupported;
    }

    private static int status(Guard guard, String name, Throwable thrown) {
      if (thrown instanceof Refusal refusal) {
        Driver.explain(name, refusal.getMessage());
        return refusal.status();
      }
      Upcalls.tell(name, thrown);
      return guard.internalError;
    }

    private static long nothing(Guard guard, String name, Throwable thrown) {
      Upcalls.tell(name, thrown);
      return 0;
    }
  }
}
