package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.IllegalDeviceAddressException;
import java.util.function.Consumer;

/**
 * Sets memory to one value, in rows.
 *
 * @param pitch bytes from one row to the next
 * @param elementBytes 1, 2 or 4
 * @param width elements of a row
 * @param height rows
 */
record FillCommand(long address, long pitch, int value, int elementBytes, long width, long height)
    implements Command {

  /** Refuses what the device has not got. */
  void check(Context context) {
    if (address % elementBytes != 0 || height > 1 && pitch % elementBytes != 0) {
      throw Status.INVALID_VALUE.because(
          "a memset of " + elementBytes + "-byte values needs address and pitch aligned to them");
    }
    if (height > 1 && pitch < rowBytes()) {
      throw Status.INVALID_VALUE.because("rows of " + rowBytes() + " bytes, a pitch of " + pitch);
    }
    if (!empty()) {
      DeviceRange.require(context, address, span(), "memset");
    }
  }

  boolean empty() {
    return width == 0 || height == 0;
  }

  private long rowBytes() {
    return width * elementBytes;
  }

  private long span() {
    return (height - 1) * pitch + rowBytes();
  }

  @Override
  public void run(Context context) {
    DeviceMemory memory = context.driver.memory();
    try {
      for (long row = 0; row < height; row++) {
        memory.fill(address + row * pitch, value, elementBytes, width);
      }
    } catch (IllegalDeviceAddressException e) {
      throw new DeviceFault(Status.ILLEGAL_ADDRESS, "memset: " + e.getMessage());
    }
  }

  @Override
  public NodeType nodeType() {
    return NodeType.MEMSET;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    if (pitch == rowBytes()) {
      sink.accept(new MemoryAccess(address, span(), true));
      return;
    }
    for (long row = 0; row < height; row++) {
      sink.accept(new MemoryAccess(address + row * pitch, rowBytes(), true));
    }
  }
}
