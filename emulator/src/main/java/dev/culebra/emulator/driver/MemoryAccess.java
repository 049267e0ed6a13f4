package dev.culebra.emulator.driver;

/** Bytes that a command touches. */
record MemoryAccess(long address, long bytes, boolean write) {
  boolean conflicts(MemoryAccess other) {
    return (write || other.write)
        && address < other.address + other.bytes
        && other.address < address + bytes;
  }
}
