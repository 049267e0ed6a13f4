package dev.culebra.emulator.memory;

/**
 * Memory without an address, which can be mapped to one or several: a file that no directory has.
 * (memfd_create(2), mmap(2).)
 */
public final class PhysicalMemory {
  private final DeviceMemory memory;
  private final long bytes;
  private final int file;
  private int mappings;

  /** Whether it was ever mapped, so that it may hold values. */
  private boolean used;

  PhysicalMemory(DeviceMemory memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
    file = AddressSpace.file(bytes);
    if (file < 0) {
      throw new OutOfDeviceMemoryException("the system has no " + bytes + " bytes to be mapped");
    }
  }

  public long bytes() {
    return bytes;
  }

  /** Whether it is mapped somewhere. */
  public boolean mapped() {
    return mappings > 0;
  }

  /**
   * Makes device addresses mean this memory from its first byte on; they are to be reserved, whole
   * pages, and mapped to nothing yet. Nobody may use them before {@link DeviceMemory#open}.
   */
  public void map(long address, long length) {
    if (!AddressSpace.mapFile(memory.nativeAddress(address), length, file)) {
      throw new OutOfDeviceMemoryException("the system refuses to map " + length + " bytes");
    }
    mappings++;
    if (used) {
      memory.markWritten(address, length);
    } else {
      memory.markUnwritten(address, length);
    }
    used = true;
  }

  /** Ends what {@link #map} began; the memory keeps its bytes. */
  public void unmap(long address, long length) {
    AddressSpace.mapNothing(memory.nativeAddress(address), length);
    mappings--;
  }

  /** Gives the memory back; it is to be mapped nowhere. */
  public void close() {
    AddressSpace.close(file);
    memory.returned(bytes);
  }
}
