package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Which bytes of a stretch of memory one launch touched: a bit a byte, and a bit a page, so that
 * finding the few that it touched does not mean looking at all there are. Threads may mark at once.
 */
public final class TouchedBytes implements AutoCloseable {
  /** Called for each stretch, in order of addresses; stretches don't touch each other. */
  public interface Visitor {
    void stretch(long address, long bytes);
  }

  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();
  private static final int PAGE_SHIFT = 12;
  private static final int WORD_SHIFT = 6;
  private static final long WORD_MASK = 0xffffffffL;
  private static final int WORDS_OF_PAGE = 1 << PAGE_SHIFT - WORD_SHIFT;

  private final Arena arena = Arena.ofShared();
  private final long base;
  private final MemorySegment bytes;
  private final MemorySegment pages;

  /** Takes addresses for all of a device's memory; memory itself only for what is touched. */
  public TouchedBytes(DeviceMemory memory) {
    this(DeviceMemory.BASE, memory.span());
  }

  /**
   * The same for another stretch.
   *
   * @param base its first address
   * @param span its bytes
   */
  TouchedBytes(long base, long span) {
    this.base = base;
    bytes = AddressSpace.reserve((span >>> 3) + (1 << PAGE_SHIFT), arena);
    pages = AddressSpace.reserve((span >>> PAGE_SHIFT + 3) + Long.BYTES, arena);
    if (bytes == null || pages == null) {
      arena.close();
      throw new OutOfDeviceMemoryException(
          "the system refuses to reserve addresses to note accesses in (see ulimit -v)");
    }
  }

  /** Notes that bytes are touched; all of them have to lie in the stretch. */
  public void mark(long address, long count) {
    long at = address - base;
    long end = at + count;
    while (at < end) {
      long word = at >>> WORD_SHIFT;
      long next = Math.min(end, word + 1 << WORD_SHIFT);
      int low = (int) (at & Long.SIZE - 1);
      long length = next - at;
      long mask = (length == Long.SIZE ? -1L : (1L << length) - 1) << low;
      set(bytes, word, mask);
      long page = at >>> PAGE_SHIFT;
      set(pages, page >>> WORD_SHIFT, 1L << page);
      at = next;
    }
  }

  /**
   * Notes that bytes of one sector are touched.
   *
   * @param sector a multiple of 32
   * @param touched a bit for each of its 32 bytes
   */
  void markSector(long sector, int touched) {
    long at = sector - DeviceMemory.BASE;
    set(bytes, at >>> WORD_SHIFT, (touched & WORD_MASK) << (at & Integer.SIZE));
    long page = at >>> PAGE_SHIFT;
    set(pages, page >>> WORD_SHIFT, 1L << page);
  }

  /** Which bytes of a sector were marked, a bit each. */
  int sector(long sector) {
    long at = sector - DeviceMemory.BASE;
    long word = bytes.get(ValueLayout.JAVA_LONG, (at >>> WORD_SHIFT) * Long.BYTES);
    return (int) (word >>> (at & Integer.SIZE));
  }

  private static void set(MemorySegment bits, long word, long mask) {
    long at = word * Long.BYTES;
    if ((bits.get(ValueLayout.JAVA_LONG, at) & mask) != mask) {
      LONGS.getAndBitwiseOr(bits, at, mask);
    }
  }

  /** Tells of everything that was marked in an allocation, and forgets it. */
  public void drain(Allocation allocation, Visitor visitor) {
    long first = allocation.address() - base;
    long last = first + allocation.bytes() - 1;
    Joiner joiner = new Joiner(visitor);
    long firstPage = first >>> PAGE_SHIFT;
    long lastPage = last >>> PAGE_SHIFT;
    for (long word = firstPage >>> WORD_SHIFT; word <= lastPage >>> WORD_SHIFT; word++) {
      long touched = pages.get(ValueLayout.JAVA_LONG, word * Long.BYTES);
      for (long left = touched; left != 0; left &= left - 1) {
        long page = (word << WORD_SHIFT) + Long.numberOfTrailingZeros(left);
        if (page >= firstPage && page <= lastPage) {
          drainPage(page, joiner);
          long bit = 1L << page;
          pages.set(
              ValueLayout.JAVA_LONG,
              word * Long.BYTES,
              pages.get(ValueLayout.JAVA_LONG, word * Long.BYTES) & ~bit);
        }
      }
    }
    joiner.end();
  }

  private void drainPage(long page, Joiner joiner) {
    long firstWord = page << PAGE_SHIFT - WORD_SHIFT;
    for (long word = firstWord; word < firstWord + WORDS_OF_PAGE; word++) {
      long left = bytes.get(ValueLayout.JAVA_LONG, word * Long.BYTES);
      if (left == 0) {
        continue;
      }
      bytes.set(ValueLayout.JAVA_LONG, word * Long.BYTES, 0L);
      long wordAddress = base + (word << WORD_SHIFT);
      while (left != 0) {
        int start = Long.numberOfTrailingZeros(left);
        int length = Long.numberOfTrailingZeros(~(left >>> start));
        joiner.add(wordAddress + start, length);
        left = start + length >= Long.SIZE ? 0 : left & -1L << start + length;
      }
    }
  }

  /** Makes one stretch of those that follow each other. */
  private static final class Joiner {
    private final Visitor visitor;
    private long start;
    private long length;

    private Joiner(Visitor visitor) {
      this.visitor = visitor;
    }

    private void add(long address, long count) {
      if (length != 0 && start + length == address) {
        length += count;
        return;
      }
      end();
      start = address;
      length = count;
    }

    private void end() {
      if (length != 0) {
        visitor.stretch(start, length);
      }
      length = 0;
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
