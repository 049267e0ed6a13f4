package dev.culebra.emulator.count;

/**
 * The sectors that one access of a warp touches in global memory: stretches of 32 bytes, in which
 * caches and memory move data.
 */
public final class GlobalRequest {
  /** Bytes of a sector. */
  public static final int SECTOR_BYTES = 32;

  /** Sectors of a {@code wmma} matrix whose rows lie apart, each across the end of one. */
  private static final int MOST = 128;

  private static final int SECTOR_SHIFT = 5;

  private final long[] sectors = new long[MOST];
  private final int[] masks = new int[MOST];
  private int count;
  private int usedBytes;
  private int newest;

  /** Begins a request. */
  public void clear() {
    count = 0;
    usedBytes = 0;
  }

  /**
   * Adds what one lane asks for.
   *
   * @param bytes at most 32, inside one sector or two
   */
  public void add(long address, int bytes) {
    int low = (int) (address & SECTOR_BYTES - 1);
    int inFirst = Math.min(bytes, SECTOR_BYTES - low);
    addTo(address >>> SECTOR_SHIFT, mask(inFirst) << low);
    if (inFirst < bytes) {
      addTo((address >>> SECTOR_SHIFT) + 1, mask(bytes - inFirst));
    }
  }

  private static int mask(int bytes) {
    return bytes == SECTOR_BYTES ? -1 : (1 << bytes) - 1;
  }

  private void addTo(long sector, int mask) {
    int i = count - 1;
    while (i >= 0 && sectors[i] != sector) {
      i--;
    }
    if (i < 0) {
      i = count++;
      sectors[i] = sector;
      masks[i] = 0;
    }
    usedBytes += Integer.bitCount(mask & ~masks[i]);
    masks[i] |= mask;
    newest = i;
  }

  /** Sectors touched so far. */
  public int sectors() {
    return count;
  }

  /** Bytes of these that were asked for. */
  public int usedBytes() {
    return usedBytes;
  }

  /** Sectors beyond those that the same bytes would fill if they lay side by side. */
  public int excessSectors() {
    return count - (usedBytes + SECTOR_BYTES - 1) / SECTOR_BYTES;
  }

  /** The sector that was added to last. */
  public int newest() {
    return newest;
  }

  /** Where a sector begins. */
  public long address(int sector) {
    return sectors[sector] << SECTOR_SHIFT;
  }

  /** Bytes of a sector that were asked for, a bit each. */
  public int bytesOf(int sector) {
    return masks[sector];
  }
}
