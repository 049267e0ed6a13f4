package dev.culebra.emulator.junit;

import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSynchronize;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRelease_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchKernel;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemsetD32_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleGetFunction;
import static dev.culebra.bindings.cuda.cuda_h.cuModuleLoadData;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.culebra.emulator.count.LaunchCounters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

class EmulatedGpuTest {
  /** Tests that are run by the tests below. */
  @EmulatedGpu(profile = "a100")
  static class Sample {
    @Test
    void tidy() {
      try (Arena arena = Arena.ofConfined()) {
        long block = allocate(arena);
        assertEquals(0, cuMemFree_v2(block));
        leave();
      }
    }

    @Test
    void leaking() {
      try (Arena arena = Arena.ofConfined()) {
        allocate(arena);
      }
    }

    @Test
    void expecting(EmulatedDevice device) {
      try (Arena arena = Arena.ofConfined()) {
        long block = allocate(arena);
        assertEquals(0, cuMemFree_v2(block));
        assertEquals(1, cuMemFree_v2(block), "CUDA_ERROR_INVALID_VALUE");
        assertEquals(1, device.takeFindings().size());
        assertEquals(List.of(), device.findings());
        leave();
      }
    }

    @Test
    void on_an_a100() {
      assertEquals(0, minor());
    }

    @Test
    @EmulatedGpu(profile = "rtx4090")
    void on_an_rtx4090() {
      assertEquals(9, minor());
    }

    @Test
    @EmulatedGpu(counters = true)
    void counting(EmulatedDevice device) {
      try (Arena arena = Arena.ofConfined()) {
        long block = allocate(arena);
        launch(arena, block);
        assertEquals(List.of(), device.counters(), "what nobody waited for has not run");
        assertThrows(IllegalStateException.class, () -> device.counters("count"));
        assertEquals(0, cuCtxSynchronize());
        LaunchCounters counters = device.counters("count");
        assertEquals(List.of(counters), device.counters());
        assertEquals(64, counters.globalAtomics().operations());
        assertEquals(62, counters.globalAtomics().collisions());
        assertEquals(List.of(2, 1, 1), counters.launch().grid());
        assertTrue(counters.toString().contains("Atomics"), counters.toString());
        assertEquals(0, cuMemFree_v2(block));
        leave();
      }
    }

    @Test
    void counting_nothing(EmulatedDevice device) {
      assertThrows(IllegalStateException.class, device::counters);
    }

    /** Two blocks of a warp that count into the first word. */
    private static void launch(Arena arena, long block) {
      String ptx =
          """
          .version 7.0
          .target sm_80
          .address_size 64
          .visible .entry count(.param .u64 p)
          {
            .reg .b64 %d;
            ld.param.u64 %d, [p];
            red.global.add.u32 [%d], 1;
            ret;
          }
          """;
      MemorySegment handle = arena.allocate(ADDRESS);
      assertEquals(0, cuMemsetD32_v2(block, 0, 250));
      assertEquals(0, cuModuleLoadData(handle, arena.allocateFrom(ptx)));
      MemorySegment module = handle.get(ADDRESS, 0);
      assertEquals(0, cuModuleGetFunction(handle, module, arena.allocateFrom("count")));
      MemorySegment parameters = arena.allocateFrom(ADDRESS, arena.allocateFrom(JAVA_LONG, block));
      MemorySegment none = MemorySegment.NULL;
      assertEquals(
          0, cuLaunchKernel(handle.get(ADDRESS, 0), 2, 1, 1, 32, 1, 1, 0, none, parameters, none));
    }

    private static int minor() {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment value = arena.allocate(JAVA_INT);
        assertEquals(0, cuInit(0));
        assertEquals(
            0, cuDeviceGetAttribute(value, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR(), 0));
        return value.get(JAVA_INT, 0);
      }
    }

    private static long allocate(Arena arena) {
      MemorySegment context = arena.allocate(ADDRESS);
      MemorySegment block = arena.allocate(JAVA_LONG);
      assertEquals(0, cuInit(0));
      assertEquals(0, cuDevicePrimaryCtxRetain(context, 0));
      assertEquals(0, cuCtxSetCurrent(context.get(ADDRESS, 0)));
      assertEquals(0, cuMemAlloc_v2(block, 1000));
      return block.get(JAVA_LONG, 0);
    }

    private static void leave() {
      assertEquals(0, cuDevicePrimaryCtxRelease_v2(0));
    }
  }

  private static Events run(Method method) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectMethod(Sample.class, method))
        .execute()
        .testEvents();
  }

  private static void passes(Method method) {
    Events events = run(method);
    assertEquals(1, events.succeeded().count(), () -> events.failed().list().toString());
  }

  private static Method named(String name) {
    try {
      return Sample.class.getDeclaredMethod(name);
    } catch (NoSuchMethodException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_test_that_leaves_nothing_behind_passes() {
    passes(named("tidy"));
  }

  @Test
  void a_test_that_leaks_fails_and_names_where_the_memory_was_allocated() {
    List<Event> failed = run(named("leaking")).failed().list();
    assertEquals(1, failed.size());
    String told = failed.getFirst().toString();
    assertTrue(told.contains("host-api: "), told);
    assertTrue(told.contains("Sample.allocate"), told);
  }

  @Test
  void a_test_that_takes_what_it_expects_to_be_found_passes() throws ReflectiveOperationException {
    passes(Sample.class.getDeclaredMethod("expecting", EmulatedDevice.class));
  }

  @Test
  void a_test_can_ask_for_what_kernels_did() throws ReflectiveOperationException {
    passes(Sample.class.getDeclaredMethod("counting", EmulatedDevice.class));
    passes(Sample.class.getDeclaredMethod("counting_nothing", EmulatedDevice.class));
  }

  @Test
  void each_test_has_a_fresh_device_of_the_profile_nearest_to_it() {
    passes(named("on_an_a100"));
    passes(named("on_an_rtx4090"));
  }
}
