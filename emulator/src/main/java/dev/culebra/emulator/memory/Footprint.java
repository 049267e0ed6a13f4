package dev.culebra.emulator.memory;

/**
 * Which bytes of the device's own memory a launch needs from before it began, and which it leaves
 * changed: what has to be moved to and from memory at least once, caches or not. Threads may use it
 * at once.
 */
public final class Footprint implements AutoCloseable {
  private static final int SECTOR_BYTES = 32;

  /**
   * @param readBytes that were read before the launch wrote them
   * @param writtenBytes that were written
   * @param touchedBytes that were either, or both
   * @param readSectors stretches of 32 bytes that hold any of the first
   * @param writtenSectors that hold any of the second
   */
  public record Size(
      long readBytes, long writtenBytes, long touchedBytes, long readSectors, long writtenSectors) {

    /** Bytes that memory moves at least: it moves whole sectors. */
    public long leastMovedBytes() {
      return SECTOR_BYTES * (readSectors + writtenSectors);
    }
  }

  private final DeviceMemory memory;
  private final TouchedBytes read;
  private final TouchedBytes written;

  public Footprint(DeviceMemory memory) {
    this.memory = memory;
    read = new TouchedBytes(memory);
    written = new TouchedBytes(memory);
  }

  /**
   * Notes an access of bytes of one sector; what is not the device's own is left out.
   *
   * @param sector a multiple of 32
   * @param bytes a bit for each of its 32 bytes
   */
  public void touch(long sector, int bytes, boolean reads, boolean writes) {
    if (!memory.isDevice(sector)) {
      return;
    }
    if (reads) {
      int needed = bytes & ~written.sector(sector);
      if (needed != 0) {
        read.markSector(sector, needed);
      }
    }
    if (writes) {
      written.markSector(sector, bytes);
    }
  }

  /** Counts what was noted, and forgets it. */
  public Size drain() {
    Count needed = new Count();
    Count left = new Count();
    long[] both = new long[1];
    for (Allocation allocation : memory.allocations()) {
      read.drain(
          allocation,
          (address, bytes) -> {
            needed.stretch(address, bytes);
            both[0] += writtenOf(address, bytes);
          });
      written.drain(allocation, left);
    }
    return new Size(
        needed.bytes,
        left.bytes,
        needed.bytes + left.bytes - both[0],
        needed.sectors,
        left.sectors);
  }

  /** How many bytes of a stretch were written. */
  private long writtenOf(long address, long bytes) {
    long count = 0;
    long end = address + bytes;
    for (long at = address; at < end; ) {
      long sector = at / SECTOR_BYTES * SECTOR_BYTES;
      long next = Math.min(end, sector + SECTOR_BYTES);
      long mask = (1L << next - sector) - (1L << at - sector);
      count += Integer.bitCount((int) mask & written.sector(sector));
      at = next;
    }
    return count;
  }

  /** Adds up stretches, in order of addresses. */
  private static final class Count implements TouchedBytes.Visitor {
    private long bytes;
    private long sectors;
    private long lastSector = -1;

    @Override
    public void stretch(long address, long length) {
      bytes += length;
      long last = (address + length - 1) / SECTOR_BYTES;
      sectors += last - Math.max(lastSector, address / SECTOR_BYTES - 1);
      lastSector = last;
    }
  }

  @Override
  public void close() {
    read.close();
    written.close();
  }
}
