package dev.culebra.emulator.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Which bytes of a region have a value: a bit a byte. Threads may mark at once. */
public final class WrittenBytes {
  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();
  private static final int BYTES_A_LONG = Long.SIZE;

  private final MemorySegment bits;

  /**
   * @param bits an eighth of the region's size, aligned to 8 bytes
   */
  public WrittenBytes(MemorySegment bits) {
    this.bits = bits;
  }

  /** Notes that bytes have a value. */
  public void mark(long offset, long bytes) {
    long end = offset + bytes;
    while (offset < end) {
      long mask = mask(offset, end);
      long at = offset / BYTES_A_LONG * Long.BYTES;
      if ((bits.get(ValueLayout.JAVA_LONG, at) & mask) != mask) {
        if (mask == -1) {
          bits.set(ValueLayout.JAVA_LONG, at, -1L);
        } else {
          LONGS.getAndBitwiseOr(bits, at, mask);
        }
      }
      offset = next(offset);
    }
  }

  /** Notes that bytes have no value. */
  public void clear(long offset, long bytes) {
    long end = offset + bytes;
    long first = (offset + BYTES_A_LONG - 1) / BYTES_A_LONG * BYTES_A_LONG;
    long last = end / BYTES_A_LONG * BYTES_A_LONG;
    if (first < last) {
      AddressSpace.discard(bits, first / Byte.SIZE, (last - first) / Byte.SIZE);
      clearSlowly(offset, first);
      clearSlowly(last, end);
    } else {
      clearSlowly(offset, end);
    }
  }

  private void clearSlowly(long offset, long end) {
    while (offset < end) {
      LONGS.getAndBitwiseAnd(bits, offset / BYTES_A_LONG * Long.BYTES, ~mask(offset, end));
      offset = next(offset);
    }
  }

  /** The first of these bytes that has no value; -1 where all have. */
  public long firstClear(long offset, long bytes) {
    long end = offset + bytes;
    while (offset < end) {
      long mask = mask(offset, end);
      long missing = ~bits.get(ValueLayout.JAVA_LONG, offset / BYTES_A_LONG * Long.BYTES) & mask;
      if (missing != 0) {
        return offset / BYTES_A_LONG * BYTES_A_LONG + Long.numberOfTrailingZeros(missing);
      }
      offset = next(offset);
    }
    return -1;
  }

  /** Copies what is known of {@code bytes}; the stretches may overlap. */
  void copy(long to, long from, long bytes) {
    if (to % BYTES_A_LONG == 0 && from % BYTES_A_LONG == 0 && bytes % BYTES_A_LONG == 0) {
      MemorySegment.copy(bits, from / Byte.SIZE, bits, to / Byte.SIZE, bytes / Byte.SIZE);
      return;
    }
    boolean backwards = from < to;
    for (long i = 0; i < bytes; i++) {
      long at = backwards ? bytes - 1 - i : i;
      if (firstClear(from + at, 1) < 0) {
        mark(to + at, 1);
      } else {
        clearSlowly(to + at, to + at + 1);
      }
    }
  }

  private static long mask(long offset, long end) {
    int low = (int) (offset % BYTES_A_LONG);
    long high = Math.min(BYTES_A_LONG, low + (end - offset));
    return (high == BYTES_A_LONG ? -1L : (1L << high) - 1) & (-1L << low);
  }

  private static long next(long offset) {
    return (offset / BYTES_A_LONG + 1) * BYTES_A_LONG;
  }
}
