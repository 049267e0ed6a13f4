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
 * A library's functions as native code can call them. A function is a static method of its C name
 * in one of some classes, the rooms; pointers and handles are {@code long}. Its stub is made when
 * it is first looked up and lasts as long as the JVM. Functions that the bindings know but no room
 * has get a stub that says so.
 */
final class StubTable {
  /** Endings of functions whose stream 0 is the calling thread's own. */
  private static final List<String> PER_THREAD = List.of("_ptsz", "_ptds");

  private static final String DESCRIPTOR = "$descriptor";

  private final Guard guard;
  private final Map<String, MethodHandle> implemented = new HashMap<>();
  private final Set<String> exported = new TreeSet<>();
  private final Map<String, MemorySegment> stubs = new HashMap<>();

  /** What stands between native code and a method, so that nothing is ever thrown at it. */
  interface Guard {
    /**
     * A handle of the same shape that never throws.
     *
     * @param perThread whether stream 0 is the calling thread's own
     */
    MethodHandle guard(String name, MethodHandle method, boolean perThread);

    /**
     * Says that a function is not emulated. In C, whoever calls clears the arguments away, so that
     * a handle without any does for all functions.
     */
    MethodHandle refusal(String name);
  }

  /**
   * @param bindings the generated class that names all functions
   * @param prefix what the names of functions begin with
   * @param lookup that sees the rooms
   */
  StubTable(
      Class<?> bindings,
      String prefix,
      MethodHandles.Lookup lookup,
      List<Class<?>> rooms,
      Guard guard) {
    this.guard = guard;
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
    widen(bindings);
  }

  /**
   * Lets a function with numbers of 64 bits stand for the one of 32, whose name has no ending, too.
   */
  private void widen(Class<?> bindings) {
    for (Method method : bindings.getMethods()) {
      String name = method.getName();
      MethodHandle wide = implemented.get(name + "_64");
      if (wide != null && exported.contains(name) && !implemented.containsKey(name)) {
        implemented.put(name, MethodHandles.explicitCastArguments(wide, type(method)));
      }
    }
  }

  /** A function's type, with addresses as numbers. */
  private static MethodType type(Method function) {
    MethodType type = MethodType.methodType(function.getReturnType(), function.getParameterTypes());
    for (int i = 0; i < type.parameterCount(); i++) {
      if (type.parameterType(i) == MemorySegment.class) {
        type = type.changeParameterType(i, long.class);
      }
    }
    return type;
  }

  private static MethodHandle unreflect(MethodHandles.Lookup lookup, Method method) {
    try {
      return lookup.unreflect(method);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  Guard guard() {
    return guard;
  }

  /** Names of all functions that the bindings have. */
  Set<String> exported() {
    return exported;
  }

  /** Names of the functions that do something, and their shapes. */
  Map<String, MethodType> implemented() {
    Map<String, MethodType> shapes = new HashMap<>();
    implemented.forEach((name, handle) -> shapes.put(name, handle.type()));
    return shapes;
  }

  /** Names of the functions that only say that they are not emulated. */
  Set<String> unsupported() {
    Set<String> names = new TreeSet<>(exported);
    names.removeAll(implemented.keySet());
    return names;
  }

  /** What a function does; null for one that no room has. */
  MethodHandle method(String name) {
    return implemented.get(name);
  }

  /** The stub of a function; empty for a name that is none of the library's. */
  synchronized Optional<MemorySegment> find(String name) {
    MemorySegment stub = stubs.get(name);
    if (stub == null) {
      stub = make(name);
      if (stub != null) {
        stubs.put(name, stub);
      }
    }
    return Optional.ofNullable(stub);
  }

  /** A stub that says that the function is not emulated, whatever it may be. */
  synchronized MemorySegment refusal(String name) {
    return stubs.computeIfAbsent(name, key -> stub(guard.refusal(key)));
  }

  private MemorySegment make(String name) {
    String plain = name;
    for (String ending : PER_THREAD) {
      if (name.endsWith(ending)) {
        plain = name.substring(0, name.length() - ending.length());
      }
    }
    MethodHandle method = implemented.get(plain);
    if (method != null) {
      return stub(guard.guard(plain, method, !plain.equals(name)));
    }
    return exported.contains(plain) ? stub(guard.refusal(plain)) : null;
  }

  @SuppressWarnings("restricted")
  private static MemorySegment stub(MethodHandle method) {
    MemoryLayout[] parameters =
        method.type().parameterList().stream().map(StubTable::layout).toArray(MemoryLayout[]::new);
    FunctionDescriptor shape =
        FunctionDescriptor.of(layout(method.type().returnType()), parameters);
    return Linker.nativeLinker().upcallStub(method, shape, Arena.global());
  }

  private static MemoryLayout layout(Class<?> type) {
    if (type == long.class) {
      return ValueLayout.JAVA_LONG;
    }
    if (type == int.class) {
      return ValueLayout.JAVA_INT;
    }
    if (type == short.class) {
      return ValueLayout.JAVA_SHORT;
    }
    if (type == byte.class) {
      return ValueLayout.JAVA_BYTE;
    }
    throw new IllegalArgumentException("no C type for " + type);
  }
}
