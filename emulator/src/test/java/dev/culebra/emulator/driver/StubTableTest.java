package dev.culebra.emulator.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.bindings.cuda.cuda_h;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StubTableTest {
  private static final StubTable.Guard GUARD = DriverStubs.TABLE.guard();
  private static final int NOT_SUPPORTED = 801;
  private static final int UNKNOWN = 999;

  @BeforeAll
  static void quiet() {
    NativeLibraries.choose("emulated");
    EmulatedDriver.reset(EmulatorOptions.defaults().quiet());
  }

  @Test
  void every_function_of_the_bindings_has_a_stub() {
    StubTable stubs = DriverStubs.TABLE;
    assertEquals(335, stubs.exported().size());
    for (String name : stubs.exported()) {
      assertTrue(stubs.find(name).orElseThrow().address() != 0, name);
    }
    assertTrue(stubs.find("cuNoSuchFunction").isEmpty());
    assertTrue(stubs.exported().containsAll(stubs.implemented().keySet()));
  }

  @Test
  void a_program_built_for_the_bindings_version_gets_their_interfaces() {
    StubTable stubs = DriverStubs.TABLE;
    for (String name : stubs.exported()) {
      String base = name.replaceFirst("_v\\d$", "");
      assertTrue(DriverSymbols.knows(base), name);
      if (!stubs.exported().contains(base + "_v2") || name.endsWith("_v2")) {
        assertEquals(stubs.find(name).orElseThrow(), DriverSymbols.find(stubs, base, 13000, false));
      }
    }
    MemorySegment older = DriverSymbols.find(stubs, "cuCtxCreate", 12000, false);
    assertEquals(NOT_SUPPORTED, call(downcall(older)));
    assertNotEquals(stubs.find("cuCtxCreate_v4").orElseThrow(), older);
  }

  @Test
  void implemented_functions_have_the_shape_that_the_bindings_call() throws Throwable {
    for (Map.Entry<String, MethodType> entry : DriverStubs.TABLE.implemented().entrySet()) {
      FunctionDescriptor wanted =
          (FunctionDescriptor)
              MethodHandles.publicLookup()
                  .findStatic(
                      cuda_h.class,
                      entry.getKey() + "$descriptor",
                      MethodType.methodType(FunctionDescriptor.class))
                  .invoke();
      List<Class<?>> types = new ArrayList<>();
      for (MemoryLayout layout : wanted.argumentLayouts()) {
        types.add(inRegister(layout));
      }
      assertEquals(MethodType.methodType(int.class, types), entry.getValue(), entry.getKey());
    }
  }

  /** Pointers, and structs of 8 bytes, travel as a long does. */
  private static Class<?> inRegister(MemoryLayout layout) {
    return switch (layout) {
      case ValueLayout value when value.carrier() != MemorySegment.class -> value.carrier();
      default -> {
        assertEquals(Long.BYTES, layout.byteSize());
        yield long.class;
      }
    };
  }

  @Test
  void functions_that_are_not_emulated_say_so_and_are_listed() {
    Set<String> names = EmulatedDriver.unsupportedFunctions();
    assertTrue(names.contains("cuIpcGetMemHandle"));
    assertTrue(names.contains("cuMulticastCreate"));
    assertTrue(!names.contains("cuMemAlloc_v2"));
    EmulatedDriver.reset(EmulatorOptions.defaults().quiet());
    for (String name : names) {
      assertEquals(NOT_SUPPORTED, callWithoutArguments(name), name);
    }
    assertEquals(names, EmulatedDriver.unsupported());
  }

  /** The stubs of what is not emulated look at no argument. */
  private static int callWithoutArguments(String name) {
    MemorySegment stub = DriverStubs.TABLE.find(name).orElseThrow();
    return call(downcall(stub));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle downcall(MemorySegment stub) {
    return Linker.nativeLinker().downcallHandle(stub, FunctionDescriptor.of(ValueLayout.JAVA_INT));
  }

  private static int call(MethodHandle handle) {
    try {
      return (int) handle.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Null pointers, null handles and zeros are the callers' most frequent mistakes. */
  @Test
  void nothing_but_zeros_as_arguments_is_refused_or_harmless() throws Throwable {
    for (boolean initialised : new boolean[] {false, true}) {
      ByteArrayOutputStream log = new ByteArrayOutputStream();
      EmulatorOptions options = EmulatorOptions.defaults();
      options =
          new EmulatorOptions(
              options.profile(),
              options.execution(),
              0,
              options.deviceOutput(),
              new PrintStream(log, true, StandardCharsets.UTF_8));
      EmulatedDriver.reset(options);
      StubTable stubs = DriverStubs.TABLE;
      if (initialised) {
        assertEquals(0, InitialisationApi.cuInit(0));
      }
      for (String name : stubs.implemented().keySet()) {
        if (initialised) {
          Driver driver = Driver.get();
          driver.thread().contexts.clear();
          driver.thread().contexts.push(driver.primaryContext.retain());
        } else {
          EmulatedDriver.reset(options);
        }
        MethodHandle guarded = GUARD.guard(name, stubs.method(name), false);
        Object[] zeros = guarded.type().parameterList().stream().map(StubTableTest::zero).toArray();
        int status = (int) guarded.invokeWithArguments(zeros);
        assertNotEquals(UNKNOWN, status, name + ": " + log.toString(StandardCharsets.UTF_8));
      }
    }
    EmulatedDriver.reset(EmulatorOptions.defaults().quiet());
  }

  private static Object zero(Class<?> type) {
    return type == long.class
        ? (Object) 0L
        : type == int.class ? (Object) 0 : type == short.class ? (Object) (short) 0 : (byte) 0;
  }

  @Test
  @SuppressWarnings("restricted")
  void whatever_an_upcall_throws_becomes_a_status() throws ReflectiveOperationException {
    for (String name : List.of("fails", "overflows", "refuses")) {
      MethodHandle method =
          MethodHandles.lookup()
              .findStatic(StubTableTest.class, name, MethodType.methodType(int.class));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment stub =
            Linker.nativeLinker()
                .upcallStub(
                    GUARD.guard(name, method, false),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT),
                    arena);
        int expected = name.equals("refuses") ? Status.INVALID_PC.code() : UNKNOWN;
        assertEquals(expected, call(downcall(stub)), name);
      }
      assertTrue(!Driver.LOCK.isHeldByCurrentThread());
    }
  }

  static int fails() {
    throw new IllegalStateException("on purpose, in a test");
  }

  static int overflows() {
    return 1 + overflows();
  }

  static int refuses() {
    throw Status.INVALID_PC.because("on purpose, in a test");
  }
}
