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
  private boolean claimed;

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

  /**
   * Makes an executable graph the one that allocates it.
   *
   * @throws DriverException where there is one already
   */
  void claim() {
    if (claimed && !empty()) {
      throw Status.NOT_SUPPORTED.because(
          "a graph that allocates memory is executable once at a time");
    }
    claimed = true;
  }

  void unclaim() {
    claimed = false;
  }

  /** Notes what a launch allocates and does not free. */
  void launch(GraphPlan plan, boolean freeBefore) {
    if (empty()) {
      return;
    }
    Map<Long, GraphMemory> unfreed = driver.pools.unfreed;
    if (freeBefore) {
      unfreed.values().removeIf(this::equals);
    }
    if (unfreed.containsValue(this)) {
      throw driver.misuse(
          Status.INVALID_VALUE, "a launch of a graph whose memory of the one before is not freed");
    }
    for (Command command : plan.commands()) {
      switch (command) {
        case AllocateCommand allocate -> unfreed.put(allocate.address(), this);
        case FreeCommand free -> unfreed.remove(free.address());
        default -> {}
      }
    }
  }

  void retain() {
    users++;
  }

  void release() {
    users--;
    if (users == 0) {
      driver.pools.unfreed.values().removeIf(this::equals);
      bytes.keySet().forEach(driver.memory()::free);
      bytes.values().forEach(driver.pools.ofGraphs()::freed);
      bytes.clear();
    }
  }
}
