package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** Changes elements in memory that other workers see, atomically. */
record AtomicChange(AtomicFunction function, Element element) {
  /** What an element is. */
  enum Element {
    HALF(2),
    /** Two halves, changed each on its own. */
    PAIR(4),
    WORD(4),
    LONG(8);

    private final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }
  }

  private static final VarHandle INTS = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();
  private static final int HALF_MASK = 0xffff;

  /**
   * Changes an element of up to 32 bits.
   *
   * @param at where it really is
   * @param c what {@code cas} writes
   * @return the old value
   */
  int word(long at, int b, int c) {
    return switch (element) {
      case HALF -> half(at, b, c);
      case WORD -> {
        while (true) {
          int old = HostMemory.ALL.get(HostMemory.INT, at);
          if (INTS.compareAndSet(HostMemory.ALL, at, old, function.word(old, b, c))) {
            yield old;
          }
        }
      }
      case PAIR -> {
        while (true) {
          int old = HostMemory.ALL.get(HostMemory.INT, at);
          if (INTS.compareAndSet(HostMemory.ALL, at, old, function.pair(old, b))) {
            yield old;
          }
        }
      }
      case LONG -> throw new IllegalStateException("a long is no word");
    };
  }

  /** Changes half of the word that holds it. */
  private int half(long at, int b, int c) {
    long word = at & -Integer.BYTES;
    int shift = (int) (at - word) * Byte.SIZE;
    while (true) {
      int old = HostMemory.ALL.get(HostMemory.INT, word);
      int half = old >>> shift & HALF_MASK;
      int next = function.word(half, b & HALF_MASK, c & HALF_MASK) & HALF_MASK;
      if (INTS.compareAndSet(
          HostMemory.ALL, word, old, old & ~(HALF_MASK << shift) | next << shift)) {
        return half;
      }
    }
  }

  /** As {@link #word}, of 64 bits. */
  long wide(long at, long b, long c) {
    while (true) {
      long old = HostMemory.ALL.get(HostMemory.LONG, at);
      if (LONGS.compareAndSet(HostMemory.ALL, at, old, function.wide(old, b, c))) {
        return old;
      }
    }
  }

  /** Changes a row of elements by another. */
  void all(long source, long target, int bytes) {
    for (int i = 0; i < bytes; i += element.bytes) {
      if (element == Element.LONG) {
        wide(target + i, HostMemory.ALL.get(HostMemory.LONG, source + i), 0);
      } else if (element == Element.HALF) {
        half(target + i, HostMemory.ALL.get(HostMemory.SHORT, source + i), 0);
      } else {
        word(target + i, HostMemory.ALL.get(HostMemory.INT, source + i), 0);
      }
    }
  }
}
