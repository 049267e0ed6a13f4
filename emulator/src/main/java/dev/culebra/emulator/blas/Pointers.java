package dev.culebra.emulator.blas;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** Memory of the host that callers point at. */
final class Pointers {
  private static final Map<String, MemorySegment> TEXTS = new HashMap<>();

  private Pointers() {}

  static void require(long address, String what) {
    BlasStatus.INVALID_VALUE.unless(address != 0, what + " is a null pointer");
  }

  static void putInt(long address, int value) {
    require(address, "the place for a result");
    HostMemory.ALL.set(HostMemory.INT, address, value);
  }

  static void putLong(long address, long value) {
    require(address, "the place for a result");
    HostMemory.ALL.set(HostMemory.LONG, address, value);
  }

  static int getInt(long address) {
    require(address, "a pointer to an int");
    return HostMemory.ALL.get(HostMemory.INT, address);
  }

  static MemorySegment memory(long address, long bytes) {
    require(address, "a buffer");
    return HostMemory.ALL.asSlice(address, bytes);
  }

  /** The address of a C string that stays. */
  static synchronized long text(String text) {
    return TEXTS.computeIfAbsent(text, Arena.global()::allocateFrom).address();
  }
}
