package dev.culebra.emulator.driver;

import java.util.HashMap;
import java.util.Map;

/** The device's own pool, and which one is current. */
final class MemoryPools {
  private final Driver driver;
  private MemoryPool own;
  private MemoryPool ofGraphs;
  private MemoryPool current;

  /** By address, what launches of graphs allocated and nobody has freed. */
  final Map<Long, GraphMemory> unfreed = new HashMap<>();

  MemoryPools(Driver driver) {
    this.driver = driver;
  }

  /** The one that every device has. */
  MemoryPool own() {
    if (own == null) {
      own = new MemoryPool(driver, 0);
    }
    return own;
  }

  /** What counts the memory of graphs' nodes. */
  MemoryPool ofGraphs() {
    if (ofGraphs == null) {
      ofGraphs = new MemoryPool(driver, 0);
    }
    return ofGraphs;
  }

  /** The one that allocations come from which name none. */
  MemoryPool current() {
    return current == null ? own() : current;
  }

  void use(MemoryPool pool) {
    current = pool;
  }

  /** Falls back to the device's own where a destroyed pool was current. */
  void destroyed(MemoryPool pool) {
    if (current == pool) {
      current = null;
    }
  }
}
