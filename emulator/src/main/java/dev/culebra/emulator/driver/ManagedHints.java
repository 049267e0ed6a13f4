package dev.culebra.emulator.driver;

/** What a program has said about each page of managed memory. It is kept, and changes nothing. */
final class ManagedHints {
  private static final long PAGE = 4096;

  /** One thing to say of a page: some bits of its byte. */
  enum Hint {
    READ_MOSTLY(0, 1),
    ACCESSED_BY_DEVICE(1, 1),
    ACCESSED_BY_HOST(2, 1),
    /** A {@link Place}. */
    PREFERRED(3, 3),
    /** A {@link Place}. */
    PREFETCHED(5, 3);

    private final int shift;
    private final int mask;

    Hint(int shift, int mask) {
      this.shift = shift;
      this.mask = mask;
    }
  }

  /** Where pages are to be. */
  enum Place {
    NOWHERE,
    DEVICE,
    HOST
  }

  private final long start;
  private final byte[] pages;

  /** Of memory about which nothing was said. */
  ManagedHints(long start, long bytes) {
    this.start = start;
    pages = new byte[Math.toIntExact((bytes + PAGE - 1) / PAGE)];
  }

  private int page(long address) {
    return (int) ((address - start) / PAGE);
  }

  /** Says something of all pages that hold some of the bytes. */
  void say(long address, long bytes, Hint hint, int value) {
    for (int page = page(address); page <= page(address + bytes - 1); page++) {
      pages[page] = (byte) (pages[page] & ~(hint.mask << hint.shift) | value << hint.shift);
    }
  }

  /** What was said of all pages that hold some of the bytes; 0 where not the same of all. */
  int said(long address, long bytes, Hint hint) {
    int first = pages[page(address)] >> hint.shift & hint.mask;
    for (int page = page(address); page <= page(address + bytes - 1); page++) {
      if ((pages[page] >> hint.shift & hint.mask) != first) {
        return 0;
      }
    }
    return first;
  }
}
