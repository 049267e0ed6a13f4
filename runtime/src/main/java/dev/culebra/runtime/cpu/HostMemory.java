package dev.culebra.runtime.cpu;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** The host's memory, addressed as a device's is: by plain addresses. */
final class HostMemory {
  /**
   * All of the address space as one segment, so that kernels load and store by address with no
   * per-tensor object; being a constant, its bounds checks fold away. What it is indexed with was
   * checked when the operation was enqueued.
   */
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final Path MEMINFO = Path.of("/proc/meminfo");

  private HostMemory() {}

  /** Bytes that the system could still give, or a very large number where it does not say. */
  static long available() {
    try {
      for (String line : Files.readAllLines(MEMINFO)) {
        if (line.startsWith("MemAvailable:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux: let the allocation itself find out.
    }
    return Long.MAX_VALUE;
  }
}
