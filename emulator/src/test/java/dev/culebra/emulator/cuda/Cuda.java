package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRelease_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxReset_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuEventCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuEventDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuGetErrorName;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAllocHost_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFreeHost;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyDtoH_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemcpyHtoD_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamDestroy_v2;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.driver.EmulatorOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A driver seen through the generated bindings alone: the emulated one, or a real one with {@code
 * -Dculebra.device=cuda}. The primary context is current; what is made through it is given back.
 */
final class Cuda implements AutoCloseable {
  static final boolean REAL = "cuda".equals(System.getProperty("culebra.device"));

  static {
    if (!REAL) {
      NativeLibraries.choose("emulated");
    }
  }

  final Arena arena = Arena.ofConfined();

  /** Room for a result. */
  final MemorySegment out = arena.allocate(256, 16);

  private final Deque<Runnable> cleanup = new ArrayDeque<>();
  private boolean examined;
  private MemorySegment module;

  private Cuda() {}

  static Cuda start(EmulatorOptions options) {
    if (!REAL) {
      EmulatedDriver.reset(options);
    }
    Cuda cuda = new Cuda();
    cuda.ok(cuInit(0));
    cuda.ok(cuDevicePrimaryCtxRetain(cuda.out, 0));
    cuda.ok(cuCtxSetCurrent(cuda.handle()));
    return cuda;
  }

  static EmulatorOptions options() {
    return EmulatorOptions.defaults().quiet();
  }

  /** Fails with the status's name and, where the emulator says why, the reason. */
  void ok(int status) {
    is("SUCCESS", status);
  }

  /** The status has to be that one; names without CUDA_ERROR_. */
  void is(String expected, int status) {
    String reason = REAL || status == 0 ? "" : EmulatedDriver.explanation();
    assertEquals(expected, name(status), reason);
  }

  static String name(int status) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment place = local.allocate(ValueLayout.ADDRESS);
      cuGetErrorName(status, place);
      String full = string(place.get(ValueLayout.ADDRESS, 0));
      return full.substring(full.startsWith("CUDA_ERROR_") ? 11 : 5);
    }
  }

  /** The handle or pointer that a call has just written. */
  MemorySegment handle() {
    return out.get(ValueLayout.ADDRESS, 0);
  }

  long number() {
    return out.get(ValueLayout.JAVA_LONG, 0);
  }

  int integer() {
    return out.get(ValueLayout.JAVA_INT, 0);
  }

  /** What a pointer points at. */
  @SuppressWarnings("restricted")
  static MemorySegment memory(MemorySegment pointer, long bytes) {
    return pointer.reinterpret(bytes);
  }

  /** The C string that a pointer points at. */
  static String string(MemorySegment pointer) {
    return memory(pointer, Long.MAX_VALUE).getString(0);
  }

  /** The C string whose address a call has just written. */
  String string() {
    return string(handle());
  }

  MemorySegment text(String text) {
    return arena.allocateFrom(text);
  }

  static MemorySegment handle(long value) {
    return MemorySegment.ofAddress(value);
  }

  /** Device memory, freed at the end. */
  long allocate(long bytes) {
    ok(cuMemAlloc_v2(out, bytes));
    long address = number();
    cleanup.push(() -> cuMemFree_v2(address));
    return address;
  }

  /** Pinned memory of the host, freed at the end. */
  MemorySegment pinned(long bytes) {
    ok(cuMemAllocHost_v2(out, bytes));
    MemorySegment memory = memory(handle(), bytes);
    cleanup.push(() -> cuMemFreeHost(memory));
    return memory;
  }

  /** A stream, destroyed at the end; flags 0 for a blocking one, 1 for one that is not. */
  MemorySegment stream(int flags) {
    ok(cuStreamCreate(out, flags));
    MemorySegment stream = handle();
    cleanup.push(() -> cuStreamDestroy_v2(stream));
    return stream;
  }

  MemorySegment event() {
    ok(cuEventCreate(out, 0));
    MemorySegment event = handle();
    cleanup.push(() -> cuEventDestroy_v2(event));
    return event;
  }

  /** Something to do before the context goes. */
  void atEnd(Runnable action) {
    cleanup.push(action);
  }

  /** A kernel of {@link Kernels}. */
  MemorySegment kernel(String name) {
    if (module == null) {
      ok(cuModuleLoadData(out, text(Kernels.PTX)));
      module = handle();
    }
    ok(cuModuleGetFunction(out, module, text(name)));
    return handle();
  }

  MemorySegment kernelModule() {
    kernel("fill");
    return module;
  }

  /** Launches with arguments that are Integer, Long or Float; the status. */
  int launch(
      MemorySegment function,
      int grid,
      int block,
      int shared,
      MemorySegment stream,
      Object... arguments) {
    return cuLaunchKernel(
        function, grid, 1, 1, block, 1, 1, shared, stream, parameters(arguments), handle(0));
  }

  /** An array of pointers to arguments. */
  MemorySegment parameters(Object... arguments) {
    MemorySegment array = arena.allocate(ValueLayout.ADDRESS, Math.max(1, arguments.length));
    for (int i = 0; i < arguments.length; i++) {
      MemorySegment value =
          switch (arguments[i]) {
            case Integer number -> arena.allocateFrom(ValueLayout.JAVA_INT, number);
            case Long number -> arena.allocateFrom(ValueLayout.JAVA_LONG, number);
            case Float number -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, number);
            default -> throw new IllegalArgumentException(arguments[i].toString());
          };
      array.setAtIndex(ValueLayout.ADDRESS, i, value);
    }
    return array;
  }

  void upload(long address, int... values) {
    MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_INT, values);
    ok(cuMemcpyHtoD_v2(address, bytes, bytes.byteSize()));
  }

  int[] download(long address, int count) {
    MemorySegment bytes = arena.allocate(ValueLayout.JAVA_INT, count);
    ok(cuMemcpyDtoH_v2(bytes, address, bytes.byteSize()));
    return bytes.toArray(ValueLayout.JAVA_INT);
  }

  /** What the checkers found; who asks takes them as expected. */
  List<Finding> findings() {
    examined = true;
    return EmulatedDriver.findings();
  }

  /** Findings are to be expected. */
  void misuses() {
    examined = true;
  }

  @Override
  public void close() {
    cleanup.forEach(Runnable::run);
    arena.close();
    if (REAL) {
      cuDevicePrimaryCtxReset_v2(0);
      cuDevicePrimaryCtxRelease_v2(0);
      return;
    }
    List<Finding> findings = EmulatedDriver.close();
    if (!examined) {
      assertEquals(List.of(), findings);
    }
  }
}
