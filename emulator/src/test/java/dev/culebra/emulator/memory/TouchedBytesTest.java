package dev.culebra.emulator.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TouchedBytesTest {
  @Test
  void what_was_marked_is_told_once_in_stretches_that_do_not_touch() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (DeviceMemory memory = new DeviceMemory(1 << 30);
        TouchedBytes touched = new TouchedBytes(memory)) {
      for (int round = 0; round < 200; round++) {
        int size = 1 + random.nextInt(40_000);
        Allocation allocation = memory.find(memory.allocate(size, "test"));
        BitSet expected = new BitSet();
        for (int i = random.nextInt(50); i > 0; i--) {
          int start = random.nextInt(size);
          int count = 1 + random.nextInt(Math.min(300, size - start));
          touched.mark(allocation.address() + start, count);
          expected.set(start, start + count);
        }
        List<String> found = new ArrayList<>();
        touched.drain(
            allocation,
            (address, bytes) -> found.add(address - allocation.address() + "+" + bytes));
        List<String> wanted = new ArrayList<>();
        for (int at = expected.nextSetBit(0); at >= 0; ) {
          int end = expected.nextClearBit(at);
          wanted.add(at + "+" + (end - at));
          at = expected.nextSetBit(end);
        }
        assertEquals(wanted, found);
        found.clear();
        touched.drain(allocation, (address, bytes) -> found.add("again"));
        assertEquals(List.of(), found);
        if (random.nextBoolean()) {
          memory.free(allocation.address());
        }
      }
    }
  }

  @Test
  void threads_mark_at_once() throws InterruptedException {
    try (DeviceMemory memory = new DeviceMemory(1 << 24);
        TouchedBytes touched = new TouchedBytes(memory)) {
      int size = 100_000;
      Allocation allocation = memory.find(memory.allocate(size, "test"));
      List<Thread> threads = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int first = thread;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int at = first; at < size; at += 4) {
                        touched.mark(allocation.address() + at, 1);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      List<Long> found = new ArrayList<>();
      touched.drain(allocation, (address, bytes) -> found.add(bytes));
      assertEquals(List.of((long) size), found);
    }
  }
}
