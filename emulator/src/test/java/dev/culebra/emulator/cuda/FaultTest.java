package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxCreate_v4;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetDevice;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetId;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetLimit;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetCount;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxReset_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuGraphDestroy;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32Async;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuPointerGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.driver.EmulatedDriver;
import dev.culebra.emulator.exec.ExecutionOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class FaultTest {
  @BeforeEach
  void only_the_emulator_lets_a_process_begin_again() {
    assumeFalse(Cuda.REAL, "a real device is lost to the process, and so to all other tests");
  }

  /** A fault is told by the call that waits, and by all after it. */
  private static void sticks(
      Cuda cuda, String expected, MemorySegment kernel, Object... arguments) {
    cuda.misuses();
    cuda.ok(cuda.launch(kernel, 1, 1, 0, handle(0), arguments));
    cuda.is(expected, cuCtxSynchronize());
    cuda.is(expected, cuMemAlloc_v2(cuda.out, 16));
    cuda.is(expected, cuStreamCreate(cuda.out, 0));
    cuda.is(expected, cuCtxSynchronize());
    cuda.ok(cuDeviceGetCount(cuda.out));
    cuda.ok(cuCtxGetCurrent(cuda.out));
  }

  @Test
  void an_illegal_address_sticks_even_when_the_context_is_reset(Cuda cuda) {
    sticks(cuda, "ILLEGAL_ADDRESS", cuda.kernel("store"), 8L << 40);
    cuda.ok(cuDevicePrimaryCtxReset_v2(0));
    cuda.is("CONTEXT_IS_DESTROYED", cuMemAlloc_v2(cuda.out, 16));
    cuda.is("ILLEGAL_ADDRESS", cuDevicePrimaryCtxRetain(cuda.out, 0));
    cuda.is("ILLEGAL_ADDRESS", cuCtxCreate_v4(cuda.out, handle(0), 0, 0));
  }

  @Test
  void what_needs_no_device_still_works_after_a_fault(Cuda cuda) {
    long block = cuda.allocate(16);
    cuda.ok(cuCtxGetCurrent(cuda.out));
    MemorySegment context = cuda.handle();
    cuda.ok(cuGraphCreate(cuda.out, 0));
    MemorySegment graph = cuda.handle();
    sticks(cuda, "LAUNCH_FAILED", cuda.kernel("stop"));
    cuda.ok(cuCtxGetDevice(cuda.out));
    cuda.ok(cuCtxGetFlags(cuda.out));
    cuda.ok(cuCtxGetId(context, cuda.out));
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), block));
    cuda.ok(cuGraphDestroy(graph));
    cuda.is("LAUNCH_FAILED", cuCtxGetLimit(cuda.out, 0));
  }

  @Test
  void a_misaligned_address_sticks(Cuda cuda) {
    sticks(cuda, "MISALIGNED_ADDRESS", cuda.kernel("store"), cuda.allocate(16) + 2);
  }

  @Test
  void a_trap_sticks(Cuda cuda) {
    sticks(cuda, "LAUNCH_FAILED", cuda.kernel("stop"));
  }

  @Test
  void what_was_queued_behind_a_fault_never_runs(Cuda cuda) {
    cuda.misuses();
    MemorySegment stream = cuda.stream(1);
    MemorySegment pinned = cuda.pinned(4);
    cuda.ok(cuda.launch(cuda.kernel("stop"), 1, 1, 0, stream));
    cuda.ok(cuMemsetD32Async(pinned.address(), 1, 1, stream));
    cuda.is("LAUNCH_FAILED", cuStreamSynchronize(stream));
    assertEquals(0, pinned.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void a_fault_ends_all_contexts_of_the_process(Cuda cuda) {
    cuda.misuses();
    cuda.ok(cuCtxCreate_v4(cuda.out, handle(0), 0, 0));
    MemorySegment made = cuda.handle();
    cuda.ok(cuModuleLoadData(cuda.out, cuda.text(Kernels.PTX)));
    cuda.ok(cuModuleGetFunction(cuda.out, cuda.handle(), cuda.text("stop")));
    cuda.ok(cuda.launch(cuda.handle(), 1, 1, 0, handle(0)));
    cuda.is("LAUNCH_FAILED", cuCtxSynchronize());
    cuCtxDestroy_v2(made);
    cuda.is("LAUNCH_FAILED", cuCtxSynchronize());
    cuda.is("LAUNCH_FAILED", cuMemAlloc_v2(cuda.out, 16));
  }

  @Test
  void memory_of_a_destroyed_allocation_is_out_of_reach_for_kernels() {
    ExecutionOptions memory = ExecutionOptions.checked().with(Set.of(Checker.MEMORY));
    try (Cuda cuda = Cuda.start(Cuda.options().with(memory))) {
      cuda.misuses();
      cuda.ok(cuMemAlloc_v2(cuda.out, 16));
      long freed = cuda.number();
      cuda.ok(cuMemFree_v2(freed));
      cuda.ok(cuda.launch(cuda.kernel("store"), 1, 1, 0, handle(0), freed));
      cuda.is("ILLEGAL_ADDRESS", cuCtxSynchronize());
      assertEquals(Checker.MEMORY, EmulatedDriver.findings().getFirst().checker());
    }
  }
}
