package dev.culebra.emulator.exec;

import java.util.Arrays;

/**
 * The last accesses of each word of a stretch of memory: who wrote it last, and two who read it
 * since. Where somebody accessed less than a word, of each byte.
 *
 * <p>An access is one number: block, thread, clock, and whether it was strong; 0 for none.
 */
final class AccessHistory {
  static final int WORD_SHIFT = 2;
  private static final int CLOCK_SHIFT = 1;
  private static final int CLOCK_BITS = 21;
  static final int THREAD_SHIFT = CLOCK_SHIFT + CLOCK_BITS;
  private static final int THREAD_BITS = 10;
  private static final int BLOCK_SHIFT = THREAD_SHIFT + THREAD_BITS;
  private static final int WARPS = (1 << THREAD_BITS) / Operation.LANES;

  /** Clocks go up to this; of accesses after so many releases of a thread nothing is known. */
  static final int LAST_CLOCK = (1 << CLOCK_BITS) - 1;

  private final int bytes;
  private int shift = WORD_SHIFT;
  private boolean empty = true;
  private long firstBlock;

  /** Of each word or byte. */
  long[] writes;

  /** Likewise. */
  long[] reads;

  /** Another reader's. */
  long[] otherReads;

  /** Reads by other warps beyond those two, by word or byte and warp; null where there are none. */
  private long[][] moreReads;

  /** Which instruction wrote. */
  MemoryOperation[] writers;

  /** What it wrote: {@link MemoryOperation#value}. */
  long[] values;

  /** Which instruction read. */
  MemoryOperation[] readers;

  AccessHistory(int bytes) {
    this.bytes = bytes;
    allocate();
  }

  private void allocate() {
    int entries = (bytes >> shift) + 1;
    writes = new long[entries];
    reads = new long[entries];
    otherReads = new long[entries];
    writers = new MemoryOperation[entries];
    values = new long[entries];
    readers = new MemoryOperation[entries];
  }

  /** Forgets all accesses. */
  void clear() {
    if (!empty) {
      Arrays.fill(writes, 0);
      Arrays.fill(reads, 0);
      Arrays.fill(otherReads, 0);
      moreReads = null;
      empty = true;
    }
  }

  /**
   * Makes entries fine enough for an access.
   *
   * @return how many bits of an address an entry spans
   */
  int shiftFor(int address, int length) {
    empty = false;
    if (shift != 0 && ((address | length) & (1 << WORD_SHIFT) - 1) != 0) {
      refine();
    }
    return shift;
  }

  /** Keeps a read that there is no room for beside two others; of each warp the last. */
  void keepRead(int entry, long read) {
    if (moreReads == null) {
      moreReads = new long[writes.length][];
    }
    if (moreReads[entry] == null) {
      moreReads[entry] = new long[WARPS];
    }
    moreReads[entry][thread(read) / Operation.LANES] = read;
  }

  /** Reads that were kept, 0 where there is none of a warp; null where there are none. */
  long[] keptReads(int entry) {
    return moreReads == null ? null : moreReads[entry];
  }

  /** Forgets them. */
  void dropReads(int entry) {
    if (moreReads != null) {
      moreReads[entry] = null;
    }
  }

  /**
   * The launch goes on whose first block this is: where it has not come here before, entries are of
   * words again.
   */
  synchronized void begin(long block) {
    if (firstBlock != block && shift == 0) {
      shift = WORD_SHIFT;
      allocate();
    }
    firstBlock = block;
  }

  /** The least access of a block of that number or a later one. */
  static long firstOf(long block) {
    return block + 1 << BLOCK_SHIFT;
  }

  private void refine() {
    long[] wordWrites = writes;
    long[] wordReads = reads;
    long[] wordOthers = otherReads;
    MemoryOperation[] wordWriters = writers;
    MemoryOperation[] wordReaders = readers;
    long[] wordValues = values;
    long[][] wordMore = moreReads;
    shift = 0;
    allocate();
    moreReads = wordMore == null ? null : new long[writes.length][];
    for (int i = 0; i < bytes; i++) {
      int word = i >> WORD_SHIFT;
      writes[i] = wordWrites[word];
      reads[i] = wordReads[word];
      otherReads[i] = wordOthers[word];
      writers[i] = wordWriters[word];
      values[i] = wordValues[word];
      readers[i] = wordReaders[word];
      if (wordMore != null && wordMore[word] != null) {
        moreReads[i] = wordMore[word].clone();
      }
    }
  }

  static long access(long block, int thread, int clock, boolean strong) {
    return block + 1 << BLOCK_SHIFT
        | (long) thread << THREAD_SHIFT
        | (long) Math.min(clock, LAST_CLOCK) << CLOCK_SHIFT
        | (strong ? 1 : 0);
  }

  static long block(long access) {
    return (access >>> BLOCK_SHIFT) - 1;
  }

  static int thread(long access) {
    return (int) (access >>> THREAD_SHIFT) & (1 << THREAD_BITS) - 1;
  }

  static int clock(long access) {
    return (int) (access >>> CLOCK_SHIFT) & LAST_CLOCK;
  }

  static boolean strong(long access) {
    return (access & 1) != 0;
  }

  /** Whether two accesses are of one warp's threads. */
  static boolean sameWarp(long one, long other) {
    int shift = THREAD_SHIFT + Integer.numberOfTrailingZeros(Operation.LANES);
    return one >>> shift == other >>> shift;
  }

  /** Whether two accesses are one thread's. */
  static boolean sameThread(long one, long other) {
    return one >>> THREAD_SHIFT == other >>> THREAD_SHIFT;
  }
}
