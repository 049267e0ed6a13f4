package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.cuda_h;
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
 * The driver's functions as native code can call them. A function is a static method of its C name
 * in one of the {@link #ROOMS}, pointers and handles being {@code long}; its stub is made when it
 * is first looked up and lasts as long as the JVM. Functions that the bindings know but no room has
 * get a stub that says so.
 */
final class StubTable {
  private static final List<Class<?>> ROOMS =
      List.of(
          InitialisationApi.class,
          DeviceApi.class,
          PrimaryContextApi.class,
          ContextApi.class,
          ModuleApi.class,
          LibraryApi.class,
          FunctionApi.class,
          OccupancyApi.class,
          MemoryApi.class,
          HostMemoryApi.class,
          MemoryPoolApi.class,
          MemoryHintApi.class,
          PointerApi.class,
          MemsetApi.class,
          CopyApi.class,
          BoxCopyApi.class,
          BatchCopyApi.class,
          StreamApi.class,
          StreamValueApi.class,
          CaptureApi.class,
          EventApi.class,
          LaunchApi.class,
          GraphApi.class,
          GraphNodeApi.class,
          GraphParameterApi.class,
          ExecutableGraphApi.class,
          UserObjectApi.class);

  /** Endings of functions whose stream 0 is the calling thread's own. */
  private static final List<String> PER_THREAD = List.of("_ptsz", "_ptds");

  private static final String DESCRIPTOR = "$descriptor";

  private final Map<String, MethodHandle> implemented = new HashMap<>();
  private final Set<String> exported = new TreeSet<>();
  private final Map<String, MemorySegment> stubs = new HashMap<>();

  StubTable() {
    for (Method method : cuda_h.class.getMethods()) {
      if (method.getName().endsWith(DESCRIPTOR)) {
        exported.add(
            method.getName().substring(0, method.getName().length() - DESCRIPTOR.length()));
      }
    }
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    for (Class<?> room : ROOMS) {
      for (Method method : room.getDeclaredMethods()) {
        if (Modifier.isStatic(method.getModifiers()) && method.getName().startsWith("cu")) {
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

  /** What a function does; null for one that no room has. */
  MethodHandle method(String name) {
    return implemented.get(name);
  }

  /** The stub of a function; empty for a name that is none of the driver's. */
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

  private MemorySegment make(String name) {
    String plain = name;
    for (String ending : PER_THREAD) {
      if (name.endsWith(ending)) {
        plain = name.substring(0, name.length() - ending.length());
      }
    }
    MethodHandle method = implemented.get(plain);
    if (method != null) {
      return stub(Upcalls.guard(plain, method, !plain.equals(name)));
    }
    return exported.contains(plain) ? stub(Upcalls.refusal(plain)) : null;
  }

  @SuppressWarnings("restricted")
  private static MemorySegment stub(MethodHandle method) {
    MemoryLayout[] parameters =
        method.type().parameterList().stream().map(StubTable::layout).toArray(MemoryLayout[]::new);
    return Linker.nativeLinker()
        .upcallStub(
            method, FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters), Arena.global());
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
