package dev.culebra.runtime;

import java.lang.foreign.MemorySegment;

/** Host memory that a device copies to and from asynchronously (page-locked for a GPU). */
public interface HostBuffer extends AutoCloseable {
  MemorySegment segment();

  @Override
  void close();
}
