package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class MemoryContractTest {
  @Test
  void tensors_are_aligned_and_apart(Device device) {
    try (Arena arena = device.memory().arena("aligned", 4096)) {
      Tensor small = arena.allocate(DType.BF16, 3);
      Tensor next = arena.allocate(DType.F32, 65);
      Tensor last = arena.allocate(DType.I32, 1);
      assertEquals(0, small.address() % Allocator.ALIGNMENT);
      assertEquals(256, next.address() - small.address());
      assertEquals(512, last.address() - next.address());
      assertEquals(256 + 512 + 256, arena.used());
    }
  }

  @Test
  void a_new_arena_is_zero(Device device) {
    try (Arena arena = device.memory().arena("zero", 1 << 20)) {
      for (float value : device.readFloats(arena.allocate(DType.F32, 1 << 18))) {
        assertEquals(0f, value);
      }
    }
  }

  @Test
  void a_measured_plan_fills_its_arena_exactly(Device device) {
    long bytes = Allocator.measure(device, MemoryContractTest::plan);
    try (Arena arena = device.memory().arena("planned", bytes)) {
      plan(arena);
      assertEquals(bytes, arena.used());
      assertEquals(bytes, arena.size());
    }
  }

  private static void plan(Allocator allocator) {
    allocator.allocate(DType.F32, 7, 11);
    allocator.allocate(DType.BF16, 129);
    allocator.allocate(DType.I32, 0, 4);
  }

  @Test
  void a_full_arena_says_its_name_its_size_and_what_was_asked(Device device) {
    try (Arena arena = device.memory().arena("activations of a test", 1024)) {
      arena.allocate(DType.F32, 200);
      String message =
          assertThrows(IllegalStateException.class, () -> arena.allocate(DType.F32, 3, 50))
              .getMessage();
      assertTrue(message.contains("activations of a test"), message);
      assertTrue(message.contains("1024"), message);
      assertTrue(message.contains("F32[3, 50]"), message);
      assertThrows(
          IllegalStateException.class, () -> arena.allocate(DType.F32, 1), "1024 are used");
    }
  }

  @Test
  void a_closed_arena_hands_out_nothing(Device device) {
    Arena arena = device.memory().arena("short-lived", 1024);
    arena.close();
    arena.close();
    String message =
        assertThrows(IllegalStateException.class, () -> arena.allocate(DType.F32, 1)).getMessage();
    assertTrue(message.contains("short-lived") && message.contains("closed"), message);
  }

  @Test
  void running_out_says_for_what_and_who_holds_the_rest(Device device) {
    try (Arena holder = device.memory().arena("the other model", 3 << 20)) {
      String message =
          assertThrows(
                  OutOfDeviceMemoryException.class,
                  () -> device.memory().arena("a giant", 1L << 50))
              .getMessage();
      assertTrue(message.contains("a giant"), message);
      assertTrue(message.contains(holder.name()) && message.contains("3 MiB"), message);
    }
  }

  @Test
  void use_and_peak_follow_the_arenas_of_several_models(Device device) {
    Memory memory = device.memory();
    long before = memory.used();
    try (Arena draft = memory.arena("draft", 1 << 20)) {
      try (Arena main = memory.arena("main", 2 << 20)) {
        assertEquals(before + (3 << 20), memory.used());
        Tensor a = draft.allocate(DType.F32, 10);
        Tensor b = main.allocate(DType.F32, 10);
        device.ops().fill(a, 1);
        device.ops().fill(b, 2);
        assertEquals(1f, device.readFloats(a)[9]);
        assertEquals(2f, device.readFloats(b)[9]);
      }
      assertEquals(before + (1 << 20), memory.used());
    }
    assertEquals(before, memory.used());
    assertTrue(memory.peak() >= before + (3 << 20));
    assertTrue(memory.free() > 0);
  }

  @Test
  void events_order_the_host_and_the_stream(Device device) {
    try (Arena arena = device.memory().arena("events", 1 << 20)) {
      Tensor x = arena.allocate(DType.F32, 1000);
      device.ops().fill(x, 4);
      try (Event filled = device.stream().record();
          HostBuffer buffer = device.hostBuffer(x.bytes())) {
        device.stream().await(filled);
        device.copy(x, buffer);
        try (Event copied = device.stream().record()) {
          copied.synchronize();
          assertEquals(4f, buffer.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 999));
        }
      }
    }
  }
}
