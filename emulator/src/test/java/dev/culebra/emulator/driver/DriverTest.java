package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.cuCtxSetCurrent;
import static dev.culebra.bindings.cuda.cuda_h.cuDevicePrimaryCtxRetain;
import static dev.culebra.bindings.cuda.cuda_h.cuInit;
import static dev.culebra.bindings.cuda.cuda_h.cuLaunchHostFunc;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.culebra.bindings.NativeLibraries;
import dev.culebra.bindings.cuda.CUhostFn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DriverTest {
  @Test
  void work_that_a_device_waits_for_at_its_end_still_belongs_to_it() {
    NativeLibraries.choose("emulated");
    EmulatedDriver.reset(EmulatorOptions.defaults().quiet());
    Driver ended = Driver.currentOrNull();
    AtomicReference<Driver> seen = new AtomicReference<>();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment context = arena.allocate(ValueLayout.ADDRESS);
      assertEquals(0, cuInit(0));
      assertEquals(0, cuDevicePrimaryCtxRetain(context, 0));
      assertEquals(0, cuCtxSetCurrent(context.get(ValueLayout.ADDRESS, 0)));
      MemorySegment function = CUhostFn.allocate(data -> seen.set(Driver.currentOrNull()), arena);
      assertEquals(0, cuLaunchHostFunc(MemorySegment.NULL, function, MemorySegment.NULL));
      EmulatedDriver.close();
    }
    assertSame(ended, seen.get());
    assertNull(Driver.currentOrNull());
  }
}
