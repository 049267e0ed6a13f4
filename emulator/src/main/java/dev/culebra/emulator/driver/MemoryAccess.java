package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.TouchedMemory.Touch;

/** Bytes that a command touches. */
record MemoryAccess(long address, long bytes, Touch touch) {
  MemoryAccess(long address, long bytes, boolean write) {
    this(address, bytes, write ? Touch.WRITE : Touch.READ);
  }

  boolean write() {
    return touch != Touch.READ;
  }

  boolean overlaps(MemoryAccess other) {
    return address < other.address + other.bytes && other.address < address + bytes;
  }
}
