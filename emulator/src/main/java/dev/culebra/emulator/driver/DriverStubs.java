package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.cuda_h;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** The driver's functions: a class for each of its rooms, and what guards them. */
final class DriverStubs implements StubTable.Guard {
  private static final List<Class<?>> ROOMS =
      List.of(
          InitialisationApi.class,
          DeviceApi.class,
          PrimaryContextApi.class,
          ContextApi.class,
          PeerApi.class,
          ModuleApi.class,
          LinkApi.class,
          LibraryApi.class,
          FunctionApi.class,
          OccupancyApi.class,
          MemoryApi.class,
          HostMemoryApi.class,
          MemoryPoolApi.class,
          MemoryHintApi.class,
          VirtualMemoryApi.class,
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

  private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
  private static final MethodHandle STATUS =
      own("status", MethodType.methodType(int.class, String.class, Throwable.class));
  private static final MethodHandle NOT_SUPPORTED =
      own("notSupported", MethodType.methodType(int.class, String.class));

  /** All of them. */
  static final StubTable TABLE =
      new StubTable(cuda_h.class, "cu", LOOKUP, ROOMS, new DriverStubs());

  private DriverStubs() {}

  private static MethodHandle own(String name, MethodType type) {
    try {
      return LOOKUP.findStatic(DriverStubs.class, name, type);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public MethodHandle guard(String name, MethodHandle method, boolean perThread) {
    MethodHandle caught =
        MethodHandles.catchException(
            method, Throwable.class, MethodHandles.insertArguments(STATUS, 0, name));
    return perThread ? Upcalls.alonePerThread(caught) : Upcalls.alone(caught);
  }

  @Override
  public MethodHandle refusal(String name) {
    return guard(name, MethodHandles.insertArguments(NOT_SUPPORTED, 0, name), false);
  }

  private static int notSupported(String name) {
    Driver.get().noteUnsupported(name, "the CUDA driver function " + name + " is not emulated");
    return Status.NOT_SUPPORTED.code();
  }

  private static int status(String name, Throwable thrown) {
    if (thrown instanceof DriverException exception) {
      Driver.explain(name, exception.getMessage());
      return exception.status().code();
    }
    Upcalls.tell(name, thrown);
    return (thrown instanceof OutOfMemoryError ? Status.OUT_OF_MEMORY : Status.UNKNOWN).code();
  }
}
