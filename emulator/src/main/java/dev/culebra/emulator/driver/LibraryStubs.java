package dev.culebra.emulator.driver;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The functions of a library that stands on the driver, as native code can call them. A function is
 * a static method of its C name in one of the library's rooms, pointers and handles being {@code
 * long}; its stub is made when it is first looked up and lasts as long as the JVM.
 */
public final class LibraryStubs {
  private static final String DESCRIPTOR = "$descriptor";
  private static final MethodHandle ENTER = own("enter", MethodType.methodType(void.class));

  private final String library;
  private final int notSupported;
  private final int internalError;
  private final Map<String, MethodHandle> implemented = new HashMap<>();
  private final Set<String> exported = new TreeSet<>();
  private final Map<String, MemorySegment> stubs = new HashMap<>();

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
    this.library = library;
    this.notSupported = notSupported;
    this.internalError = internalError;
    for (Method method : bindings.getMethods()) {
      String name = method.getName();
      if (name.startsWith(prefix) && name.endsWith(DESCRIPTOR)) {
        exported.add(name.substring(0, name.length() - DESCRIPTOR.length()));
      }
    }
    for (Class<?> room : rooms) {
      for (Method method : room.getDeclaredMethods()) {
        if (Modifier.isStatic(method.getModifiers()) && exported.contains(method.getName())) {
          implemented.put(method.getName(), unreflect(lookup, method));
        }
      }
    }
  }

  private static MethodHandle unreflect(MethodHandles.Lookup lookup, Method method) {
    try {
      return lookup.unreflect(method);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Names of the functions that only say that they are not supported. */
  public Set<String> unsupported() {
    Set<String> names = new TreeSet<>(exported);
    names.removeAll(implemented.keySet());
    return names;
  }

  /** The stub of a function; empty for a name that is none of the library's. */
  public synchronized Optional<MemorySegment> find(String name) {
    if (!exported.contains(name)) {
      return Optional.empty();
    }
    return Optional.of(stubs.computeIfAbsent(name, this::make));
  }

  @SuppressWarnings("restricted")
  private MemorySegment make(String name) {
    MethodHandle method = implemented.get(name);
    if (method == null) {
      method =
          MethodHandles.insertArguments(
              own("refuse", MethodType.methodType(int.class, LibraryStubs.class, String.class)),
              0,
              this,
              name);
    }
    MethodHandle guarded = guard(name, method);
    MemoryLayout[] parameters =
        guarded.type().parameterList().stream()
            .map(LibraryStubs::layout)
            .toArray(MemoryLayout[]::new);
    return Linker.nativeLinker()
        .upcallStub(
            guarded,
            FunctionDescriptor.of(layout(guarded.type().returnType()), parameters),
            Arena.global());
  }

  private MethodHandle guard(String name, MethodHandle method) {
    boolean status = method.type().returnType() == int.class;
    MethodType shape =
        MethodType.methodType(
            status ? int.class : long.class, LibraryStubs.class, String.class, Throwable.class);
    MethodHandle failed =
        MethodHandles.insertArguments(own(status ? "status" : "nothing", shape), 0, this, name);
    MethodHandle caught = MethodHandles.catchException(method, Throwable.class, failed);
    MethodHandle leave =
        own(
            "leave",
            MethodType.methodType(
                method.type().returnType(), Throwable.class, method.type().returnType()));
    return MethodHandles.foldArguments(MethodHandles.tryFinally(caught, leave), ENTER);
  }

  private static MethodHandle own(String name, MethodType type) {
    try {
      return MethodHandles.lookup().findStatic(LibraryStubs.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static int refuse(LibraryStubs stubs, String name) {
    Driver.get().noteUnsupported(name, stubs.library + "'s " + name + " is not emulated");
    return stubs.notSupported;
  }

  private static void enter() {
    Driver.LOCK.lock();
  }

  private static int leave(Throwable thrown, int result) {
    Driver.LOCK.unlock();
    return result;
  }

  private static long leave(Throwable thrown, long result) {
    Driver.LOCK.unlock();
    return result;
  }

  private static int status(LibraryStubs stubs, String name, Throwable thrown) {
    if (thrown instanceof Refusal refusal) {
      LibraryWork.explain(name, refusal.getMessage());
      return refusal.status();
    }
    tell(name, thrown);
    return stubs.internalError;
  }

  private static long nothing(LibraryStubs stubs, String name, Throwable thrown) {
    tell(name, thrown);
    return 0;
  }

  private static void tell(String name, Throwable thrown) {
    try {
      System.err.println("the emulated CUDA libraries failed in " + name);
      thrown.printStackTrace();
    } catch (Throwable again) {
      // Nothing more can be told; the status says that something went wrong.
    }
  }

  private static MemoryLayout layout(Class<?> type) {
    if (type == long.class) {
      return ValueLayout.JAVA_LONG;
    }
    if (type == int.class) {
      return ValueLayout.JAVA_INT;
    }
    throw new IllegalArgumentException("no C type for " + type);
  }
}
