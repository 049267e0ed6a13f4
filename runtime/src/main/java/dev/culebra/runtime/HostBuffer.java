package dev.culebra.runtime;

import java.lang.foreign.MemorySegment;

/** Host memory that a device copies to and from asynchronously (page-locked for a GPU). */
public interface HostBuffer extends AutoCloseable {
  MemorySegment segment();

  /** Waits for work enqueued before; no graph that uses it may be launched again. */
  @Override
  void close();
}
