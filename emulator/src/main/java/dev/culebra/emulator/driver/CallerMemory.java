package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Memory that callers of the driver's functions point at. A null pointer is {@link
 * Status#INVALID_VALUE}; any other is believed, as the real driver does.
 */
final class CallerMemory {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private CallerMemory() {}

  static void requireNonNull(long address, String what) {
    if (address == 0) {
      throw Status.INVALID_VALUE.because(what + " is a null pointer");
    }
  }

  static int getInt(long address) {
    requireNonNull(address, "a pointer to an int");
    return HostMemory.ALL.get(HostMemory.INT, address);
  }

  static long getLong(long address) {
    requireNonNull(address, "a pointer to 8 bytes");
    return HostMemory.ALL.get(HostMemory.LONG, address);
  }

  /** Element {@code index} of an array of handles or addresses. */
  static long getLong(long array, long index) {
    return getLong(array == 0 ? 0 : array + index * Long.BYTES);
  }

  static void putInt(long address, int value) {
    requireNonNull(address, "the place for a result");
    HostMemory.ALL.set(HostMemory.INT, address, value);
  }

  static void putLong(long address, long value) {
    requireNonNull(address, "the place for a result");
    HostMemory.ALL.set(HostMemory.LONG, address, value);
  }

  static void putFloat(long address, float value) {
    requireNonNull(address, "the place for a result");
    HostMemory.ALL.set(FLOAT, address, value);
  }

  static void putByte(long address, int value) {
    requireNonNull(address, "the place for a result");
    HostMemory.ALL.set(HostMemory.BYTE, address, (byte) value);
  }

  /** As {@link #putInt}, where the caller may not want the result. */
  static void putIntIfWanted(long address, int value) {
    if (address != 0) {
      putInt(address, value);
    }
  }

  /** As {@link #putLong}, where the caller may not want the result. */
  static void putLongIfWanted(long address, long value) {
    if (address != 0) {
      putLong(address, value);
    }
  }

  static String string(long address) {
    requireNonNull(address, "a string");
    return HostMemory.ALL.getString(address);
  }

  /** Writes as much of a text as fits, always ending it. */
  static void putString(long address, long capacity, String text) {
    requireNonNull(address, "the place for a text");
    if (capacity <= 0) {
      throw Status.INVALID_VALUE.because("a place of " + capacity + " bytes for a text");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = (int) Math.min(bytes.length, capacity - 1);
    MemorySegment.copy(bytes, 0, HostMemory.ALL, HostMemory.BYTE, address, length);
    putByte(address + length, 0);
  }

  static byte[] bytes(long address, long count) {
    requireNonNull(address, "a buffer");
    return HostMemory.ALL.asSlice(address, count).toArray(HostMemory.BYTE);
  }

  /** A C struct at an address. */
  static MemorySegment struct(long address, MemoryLayout layout) {
    requireNonNull(address, "a pointer to a struct");
    return HostMemory.ALL.asSlice(address, layout.byteSize());
  }
}
