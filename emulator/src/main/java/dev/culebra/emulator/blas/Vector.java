package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;
import java.lang.foreign.MemorySegment;

/**
 * A vector in device memory.
 *
 * @param address of what lies first in memory, which is the last element where the increment is
 *     negative
 * @param count of elements, 0 or more
 * @param increment elements from one to the next
 */
record Vector(long address, DataType type, long count, long increment) {
  static Vector of(long address, DataType type, long count, long increment, String name) {
    if (count > 0) {
      Pointers.require(address, name);
    }
    return new Vector(address, type, Math.max(0, count), increment);
  }

  private long index(long element) {
    return increment >= 0 ? element * increment : (element - count + 1) * increment;
  }

  private MemorySegment segment(DeviceMemory memory) {
    return memory.segment(address, span());
  }

  private long span() {
    return ((count - 1) * Math.abs(increment) + 1) * type.bytes();
  }

  double[] read(DeviceMemory memory) {
    double[] values = new double[Math.toIntExact(count)];
    if (count > 0) {
      MemorySegment segment = segment(memory);
      for (int i = 0; i < values.length; i++) {
        values[i] = type.get(segment, index(i));
      }
    }
    return values;
  }

  void write(DeviceMemory memory, double[] values) {
    if (count == 0) {
      return;
    }
    MemorySegment segment = segment(memory);
    for (int i = 0; i < values.length; i++) {
      long index = index(i);
      type.set(segment, index, values[i]);
      memory.markWritten(address + index * type.bytes(), type.bytes());
    }
  }

  /** Tells of the bytes that its elements have. */
  void stretches(LibraryWork.Stretches sink) {
    if (count > 0 && Math.abs(increment) <= 1) {
      sink.stretch(address, span());
      return;
    }
    for (long i = 0; i < count; i++) {
      sink.stretch(address + index(i) * type.bytes(), type.bytes());
    }
  }
}
