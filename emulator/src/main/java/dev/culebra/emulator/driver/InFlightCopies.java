package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Finds buffers that the program changes while a copy out of them waits to be done: by a checksum
 * when it is enqueued and another when it starts. Only of pinned memory, since the driver stages
 * what is pageable before it returns.
 */
final class InFlightCopies {
  private static final long CHUNK = 1 << 30;

  private final Driver driver;
  private final Map<Work, List<Source>> waiting = new IdentityHashMap<>();

  /** Bytes of the host that are to be read, and what they hold. */
  private record Source(MemoryAccess bytes, long checksum) {}

  InFlightCopies(Driver driver) {
    this.driver = driver;
  }

  void enqueued(Work work) {
    List<Source> sources = new ArrayList<>();
    work.command()
        .accesses(
            work.stream.context,
            access -> {
              if (!access.write() && driver.hostBlocks.holding(access.address()) != null) {
                sources.add(new Source(access, checksum(access)));
              }
            });
    if (!sources.isEmpty()) {
      waiting.put(work, sources);
    }
  }

  void starting(Work work) {
    List<Source> sources = waiting.remove(work);
    if (sources == null) {
      return;
    }
    for (Source source : sources) {
      HostBlocks.Block block = driver.hostBlocks.holding(source.bytes.address());
      if (block == null) {
        continue;
      }
      if (checksum(source.bytes) != source.checksum) {
        driver.report(
            Driver.hostFinding(
                "host buffer changed while a copy from it was in flight: "
                    + source.bytes.bytes()
                    + " bytes at 0x"
                    + Long.toHexString(source.bytes.address())
                    + " in "
                    + block.label()
                    + "; the copy was enqueued by "
                    + work.site
                    + ", and should have been waited for first"));
      }
    }
  }

  /** What work that ran before has written is no change by the program. */
  void finished(Command command, Context context) {
    if (waiting.isEmpty()) {
      return;
    }
    if (command.mayWriteHostMemory(context)) {
      waiting.replaceAll((work, sources) -> sources.stream().map(InFlightCopies::again).toList());
      return;
    }
    List<MemoryAccess> writes = new ArrayList<>();
    command.accesses(
        context,
        access -> {
          if (access.write() && driver.hostBlocks.holding(access.address()) != null) {
            writes.add(access);
          }
        });
    written(writes);
  }

  /** As {@link #finished}: what work has written in memory of the host. */
  void written(List<MemoryAccess> writes) {
    if (!writes.isEmpty()) {
      waiting.replaceAll((work, sources) -> againWhere(sources, writes));
    }
  }

  /** Whether any copy out of pinned memory waits to be done. */
  boolean waits() {
    return !waiting.isEmpty();
  }

  private static List<Source> againWhere(List<Source> sources, List<MemoryAccess> writes) {
    return sources.stream()
        .map(source -> writes.stream().anyMatch(source.bytes::overlaps) ? again(source) : source)
        .toList();
  }

  private static Source again(Source source) {
    return new Source(source.bytes, checksum(source.bytes));
  }

  private static long checksum(MemoryAccess access) {
    CRC32C checksum = new CRC32C();
    MemorySegment bytes = HostMemory.ALL.asSlice(access.address(), access.bytes());
    for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
      long length = Math.min(CHUNK, bytes.byteSize() - at);
      checksum.update(bytes.asSlice(at, length).asByteBuffer());
    }
    return checksum.getValue();
  }
}
