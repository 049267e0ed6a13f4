package dev.culebra.model.training;

import dev.culebra.model.ParameterLayout;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Reads F32 tensors from a device one by one, through one buffer of the largest's size. */
final class DeviceReader implements AutoCloseable {
  private final Device device;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer;

  DeviceReader(Device device, List<ParameterLayout.Entry> entries) {
    this.device = device;
    long largest = entries.stream().mapToLong(ParameterLayout.Entry::elements).max().orElse(1);
    buffer = arena.allocate(largest * Float.BYTES, Float.BYTES);
  }

  /** The values, until the next call. */
  MemorySegment read(Tensor tensor) {
    MemorySegment part = buffer.asSlice(0, tensor.bytes());
    device.read(tensor, part);
    return part;
  }

  @Override
  public void close() {
    arena.close();
  }
}
