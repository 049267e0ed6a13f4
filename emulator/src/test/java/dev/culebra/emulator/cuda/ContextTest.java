package dev.culebra.emulator.cuda;

import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_MAP_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_SCHED_MASK;
import static dev.culebra.bindings.cuda.cuda_h.CU_CTX_SCHED_SPIN;
import static dev.culebra.bindings.cuda.cuda_h.CU_FUNC_CACHE_PREFER_L1;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_MALLOC_HEAP_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_LIMIT_STACK_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxCreate_v4;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxDisablePeerAccess;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxEnablePeerAccess;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetDevice;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetFlags;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetId;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetLimit;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxGetStreamPriorityRange;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxPopCurrent_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxPushCurrent_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCacheConfig;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetLimit;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxGetState;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRelease_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxReset_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuEventCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuEventDestroy_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuEventQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuEventRecord;
import static dev.culebra.bindings.cuda.cuda_h.cuEventSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemGetInfo_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static dev.culebra.bindings.cuda.cuda_h.cuPointerGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamCreate;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamQuery;
import static dev.culebra.bindings.cuda.cuda_h.cuStreamSynchronize;
import static dev.culebra.emulator.cuda.Cuda.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CudaExtension.class)
class ContextTest {
  private static MemorySegment current(Cuda cuda) {
    cuda.ok(cuCtxGetCurrent(cuda.out));
    return cuda.handle();
  }

  @Test
  void contexts_are_a_stack(Cuda cuda) {
    MemorySegment primary = current(cuda);
    cuda.ok(cuCtxCreate_v4(cuda.out, handle(0), 0, 0));
    MemorySegment made = cuda.handle();
    assertEquals(made, current(cuda));
    cuda.ok(cuCtxPushCurrent_v2(primary));
    assertEquals(primary, current(cuda));
    cuda.ok(cuCtxPopCurrent_v2(cuda.out));
    assertEquals(primary, cuda.handle());
    assertEquals(made, current(cuda));
    cuda.ok(cuCtxPopCurrent_v2(cuda.out));
    assertEquals(primary, current(cuda));
    cuda.ok(cuCtxDestroy_v2(made));
  }

  @Test
  void destroying_the_current_context_takes_it_off_the_stack(Cuda cuda) {
    MemorySegment primary = current(cuda);
    cuda.ok(cuCtxCreate_v4(cuda.out, handle(0), 0, 0));
    cuda.ok(cuCtxDestroy_v2(cuda.handle()));
    assertEquals(primary, current(cuda));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void without_a_current_context_calls_are_refused_but_waits(Cuda cuda) {
    MemorySegment primary = current(cuda);
    MemorySegment stream = cuda.stream(1);
    cuda.ok(cuEventCreate(cuda.out, 0));
    MemorySegment event = cuda.handle();
    cuda.ok(cuEventRecord(event, stream));
    long block = cuda.allocate(16);
    cuda.ok(cuCtxSetCurrent(handle(0)));
    assertEquals(0, current(cuda).address());
    cuda.is("INVALID_CONTEXT", cuMemAlloc_v2(cuda.out, 16));
    cuda.is("INVALID_CONTEXT", cuStreamCreate(cuda.out, 0));
    cuda.is("INVALID_CONTEXT", cuCtxSynchronize());
    cuda.is("INVALID_CONTEXT", cuCtxGetDevice(cuda.out));
    cuda.is("INVALID_CONTEXT", cuCtxPopCurrent_v2(cuda.out));
    cuda.is("INVALID_CONTEXT", cuModuleLoadData(cuda.out, cuda.text(Kernels.PTX)));
    cuda.is("INVALID_CONTEXT", cuStreamSynchronize(handle(0)));
    cuda.is("INVALID_VALUE", cuCtxPushCurrent_v2(handle(0)));
    cuda.is("INVALID_VALUE", cuCtxDestroy_v2(handle(0)));
    cuda.ok(cuStreamSynchronize(stream));
    cuda.ok(cuStreamQuery(stream));
    cuda.ok(cuEventSynchronize(event));
    cuda.ok(cuEventQuery(event));
    cuda.ok(cuPointerGetAttribute(cuda.out, CU_POINTER_ATTRIBUTE_MEMORY_TYPE(), block));
    cuda.ok(cuMemFree_v2(0));
    cuda.ok(cuCtxSetCurrent(primary));
    cuda.ok(cuEventDestroy_v2(event));
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void a_context_is_current_for_one_thread_alone(Cuda cuda) throws Exception {
    MemorySegment primary = current(cuda);
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (var arena = Arena.ofConfined()) {
                    MemorySegment out = arena.allocate(8);
                    cuda.is("INVALID_CONTEXT", cuMemAlloc_v2(out, 16));
                    cuda.ok(cuCtxSetCurrent(primary));
                    cuda.ok(cuMemAlloc_v2(out, 16));
                    cuda.ok(cuMemFree_v2(out.get(ValueLayout.JAVA_LONG, 0)));
                  }
                });
    thread.join();
    cuda.ok(cuCtxSynchronize());
  }

  @Test
  void a_virtual_thread_that_moves_to_another_carrier_leaves_its_context_behind(Cuda cuda)
      throws ExecutionException, InterruptedException {
    assumeFalse(Cuda.REAL, "where a virtual thread runs is not ours to say");
    MemorySegment primary = current(cuda);
    // The carrier has to be another thread than this one, and nothing is current there.
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      executor
          .submit(
              () -> {
                try (var arena = Arena.ofConfined()) {
                  MemorySegment out = arena.allocate(8);
                  cuda.ok(cuCtxSetCurrent(handle(0)));
                  cuda.is("INVALID_CONTEXT", cuMemAlloc_v2(out, 16));
                  cuda.ok(cuCtxSetCurrent(primary));
                  cuda.ok(cuCtxSynchronize());
                }
                return null;
              })
          .get();
    }
  }

  @Test
  void the_primary_context_lives_while_it_is_retained(Cuda cuda) {
    MemorySegment flags = cuda.arena.allocate(4);
    MemorySegment active = cuda.arena.allocate(4);
    MemorySegment primary = current(cuda);
    cuda.ok(cuDevicePrimaryCtxRetain(cuda.out, 0));
    assertEquals(primary, cuda.handle());
    cuda.ok(cuDevicePrimaryCtxGetState(0, flags, active));
    assertEquals(1, active.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuDevicePrimaryCtxRelease_v2(0));
    cuda.ok(cuDevicePrimaryCtxGetState(0, flags, active));
    assertEquals(1, active.get(ValueLayout.JAVA_INT, 0));
    cuda.ok(cuDevicePrimaryCtxRelease_v2(0));
    cuda.ok(cuDevicePrimaryCtxGetState(0, flags, active));
    assertEquals(0, active.get(ValueLayout.JAVA_INT, 0));
    cuda.is("INVALID_CONTEXT", cuDevicePrimaryCtxRelease_v2(0));
    cuda.ok(cuDevicePrimaryCtxRetain(cuda.out, 0));
  }

  @Test
  void a_reset_takes_everything_of_the_primary_context_away(Cuda cuda) {
    cuda.misuses();
    cuda.ok(cuMemGetInfo_v2(cuda.out, handle(0)));
    long free = cuda.number();
    cuda.ok(cuMemAlloc_v2(cuda.out, 64 << 20));
    cuda.ok(cuDevicePrimaryCtxReset_v2(0));
    cuda.is("CONTEXT_IS_DESTROYED", cuCtxSynchronize());
    cuda.ok(cuDevicePrimaryCtxRetain(cuda.out, 0));
    cuda.ok(cuCtxSetCurrent(cuda.handle()));
    cuda.ok(cuMemGetInfo_v2(cuda.out, handle(0)));
    if (!Cuda.REAL) {
      assertEquals(free, cuda.number());
    }
    cuda.ok(cuDevicePrimaryCtxRelease_v2(0));
  }

  @Test
  void flags_limits_and_cache_settings_are_kept(Cuda cuda) {
    cuda.ok(cuCtxGetLimit(cuda.out, CU_LIMIT_STACK_SIZE()));
    assertEquals(1024, cuda.number());
    cuda.ok(cuCtxSetLimit(CU_LIMIT_STACK_SIZE(), 4096));
    cuda.ok(cuCtxGetLimit(cuda.out, CU_LIMIT_STACK_SIZE()));
    assertEquals(4096, cuda.number());
    cuda.ok(cuCtxSetLimit(CU_LIMIT_STACK_SIZE(), 1001));
    cuda.ok(cuCtxGetLimit(cuda.out, CU_LIMIT_STACK_SIZE()));
    assertEquals(1008, cuda.number());
    cuda.is("INVALID_VALUE", cuCtxSetLimit(CU_LIMIT_STACK_SIZE(), 1 << 20));
    cuda.ok(cuCtxGetFlags(cuda.out));
    assertEquals(CU_CTX_MAP_HOST(), cuda.integer() & CU_CTX_MAP_HOST());
    cuda.is("PEER_ACCESS_UNSUPPORTED", cuCtxEnablePeerAccess(current(cuda), 0));
    cuda.is("PEER_ACCESS_NOT_ENABLED", cuCtxDisablePeerAccess(current(cuda)));
    cuda.ok(cuCtxGetLimit(cuda.out, CU_LIMIT_MALLOC_HEAP_SIZE()));
    assertEquals(8 << 20, cuda.number());
    cuda.is("INVALID_VALUE", cuCtxGetLimit(cuda.out, 77));
    cuda.ok(cuCtxSetCacheConfig(CU_FUNC_CACHE_PREFER_L1()));
    cuda.is("INVALID_VALUE", cuCtxSetCacheConfig(9));
    cuda.ok(cuCtxGetDevice(cuda.out));
    assertEquals(0, cuda.integer());
    cuda.ok(cuCtxGetStreamPriorityRange(cuda.out, cuda.out.asSlice(4)));
    assertEquals(0, cuda.integer());
    assertEquals(-5, cuda.out.get(ValueLayout.JAVA_INT, 4));
    cuda.is("INVALID_VALUE", cuCtxCreate_v4(cuda.out, handle(0), 3, 0));
  }

  @Test
  void contexts_have_ids_of_their_own(Cuda cuda) {
    cuda.ok(cuCtxGetId(handle(0), cuda.out));
    long primary = cuda.number();
    cuda.ok(cuCtxCreate_v4(cuda.out, handle(0), CU_CTX_SCHED_SPIN(), 0));
    MemorySegment made = cuda.handle();
    cuda.ok(cuCtxGetFlags(cuda.out));
    assertEquals(CU_CTX_SCHED_SPIN(), cuda.integer() & CU_CTX_SCHED_MASK());
    cuda.ok(cuCtxGetId(made, cuda.out));
    assertNotEquals(primary, cuda.number());
    cuda.ok(cuCtxDestroy_v2(made));
  }
}
