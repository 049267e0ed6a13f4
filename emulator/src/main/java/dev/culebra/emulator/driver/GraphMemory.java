package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Memory that nodes of a graph allocate. Its addresses are fixed when the node is made; here it is
 * there from then on, for as long as a graph, a clone or an executable graph needs it.
 */
final class GraphMemory {
  private final Driver driver;
  private final Map<Long, Long> bytes = new LinkedHashMap<>();
  private int users;

  GraphMemory(Driver driver) {
    this.driver = driver;
  }

  long allocate(long size) {
    long address;
    try {
      address = driver.memory().allocate(size, "a graph's node of " + CallSite.current());
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
    bytes.put(address, size);
    driver.pools.ofGraphs().allocated(size);
    return address;
  }

  /** Bytes allocated at an address; 0 where none are. */
  long bytesAt(long address) {
    return bytes.getOrDefault(address, 0L);
  }

  boolean empty() {
    return bytes.isEmpty();
  }

  void retain() {
    users++;
  }

  void release() {
    users--;
    if (users == 0) {
      bytes.keySet().forEach(driver.memory()::free);
      bytes.values().forEach(driver.pools.ofGraphs()::freed);
      bytes.clear();
    }
  }
}
