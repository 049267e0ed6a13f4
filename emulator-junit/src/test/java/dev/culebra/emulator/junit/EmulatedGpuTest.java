package dev.culebra.emulator.junit;

import static dev.culebra.bindings.cuda.cuda_h.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuDeviceGetAttribute;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRelease_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuMemAlloc_v2;
import static dev.culebra.bindings.cuda.cuda_h.cuMemFree_v2;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

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
  void each_test_has_a_fresh_device_of_the_profile_nearest_to_it() {
    passes(named("on_an_a100"));
    passes(named("on_an_rtx4090"));
  }
}
