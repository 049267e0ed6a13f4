package dev.culebra.emulator.blas;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;

/** A factor of a product, known when it is enqueued or read when it runs. */
sealed interface Scalar {
  /**
   * Its value for a row of the result.
   *
   * @param memory of the device
   */
  double value(DeviceMemory memory, long row);

  /** A factor that the host gave. */
  record Value(double value) implements Scalar {
    @Override
    public double value(DeviceMemory memory, long row) {
      return value;
    }
  }

  /**
   * A factor in device memory.
   *
   * @param stride 0 for one factor of all rows, 1 for one of each
   */
  record OnDevice(long address, DataType type, int stride) implements Scalar {
    @Override
    public double value(DeviceMemory memory, long row) {
      long place = address + stride * row * type.bytes();
      return type.get(memory.segment(place, type.bytes()), 0);
    }
  }

  /** Reads a factor of the host. */
  static Scalar ofHost(long address, DataType type) {
    return new Value(type.get(HostMemory.ALL.asSlice(address, type.bytes()), 0));
  }

  /** Whether it is known to be zero, so that what it multiplies need not be there. */
  default boolean isZero() {
    return this instanceof Value known && known.value == 0;
  }
}
