package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * {@code atom} and {@code red} (PTX ISA 9.7.13.6 and 7). Lanes go one after the other, the lowest
 * first. Memory that other workers see is changed atomically; a block's own needs no more than its
 * one thread.
 */
final class AtomicOperation extends MemoryOperation {
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
  }

  private static final VarHandle INTS = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();
  private static final int HALF_MASK = 0xffff;

  private final AtomicFunction function;
  private final AtomicFunction sharedFunction;
  private final Element element;
  private final int[] results;
  private final int[] operands;
  private final int[] swaps;
  private final boolean polls;

  /**
   * @param function in global memory
   * @param sharedFunction in shared memory
   * @param results slots, one an element; null where nobody asks for the old values
   * @param operands slots likewise
   * @param swaps slots of what {@code cas} writes, else the operands once more
   */
  AtomicOperation(
      AddressOperand address,
      AtomicFunction function,
      AtomicFunction sharedFunction,
      Element element,
      int[] results,
      int[] operands,
      int[] swaps,
      Site site) {
    super(address, Kind.ATOMIC, element.bytes * operands.length, site);
    this.function = function;
    this.sharedFunction = sharedFunction;
    this.element = element;
    this.results = results;
    this.operands = operands;
    this.swaps = swaps;
    polls = function == AtomicFunction.COMPARE_AND_SWAP || function == AtomicFunction.EXCHANGE;
  }

  @Override
  void execute(Warp warp, int active) {
    if (polls) {
      warp.polled();
    }
    resolve(warp, active);
    long sharedBase = warp.block.shared.base;
    long sharedLimit = warp.block.shared.limit;
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long place = warp.natives[lane];
      boolean own = place - sharedBase >= 0 && place - sharedBase < sharedLimit;
      for (int i = 0; i < operands.length; i++) {
        long at = place + (long) i * element.bytes;
        if (element == Element.LONG) {
          long old = changeLong(at, warp.longs[operands[i]][lane], warp.longs[swaps[i]][lane]);
          if (results != null) {
            warp.longs[results[i]][lane] = old;
          }
        } else {
          int old =
              change(
                  own ? sharedFunction : function,
                  at,
                  warp.words[operands[i]][lane],
                  warp.words[swaps[i]][lane]);
          if (results != null) {
            warp.words[results[i]][lane] = old;
          }
        }
      }
    }
  }

  private int change(AtomicFunction by, long at, int b, int c) {
    return switch (element) {
      case HALF -> changeHalf(by, at, b, c);
      case WORD -> {
        while (true) {
          int old = HostMemory.ALL.get(HostMemory.INT, at);
          if (INTS.compareAndSet(HostMemory.ALL, at, old, by.word(old, b, c))) {
            yield old;
          }
        }
      }
      case PAIR -> {
        while (true) {
          int old = HostMemory.ALL.get(HostMemory.INT, at);
          if (INTS.compareAndSet(HostMemory.ALL, at, old, by.pair(old, b))) {
            yield old;
          }
        }
      }
      case LONG -> throw new IllegalStateException("a long is no word");
    };
  }

  /** Changes half of the word that holds it. */
  private static int changeHalf(AtomicFunction by, long at, int b, int c) {
    long word = at & -Integer.BYTES;
    int shift = (int) (at - word) * Byte.SIZE;
    while (true) {
      int old = HostMemory.ALL.get(HostMemory.INT, word);
      int half = old >>> shift & HALF_MASK;
      int next = by.word(half, b & HALF_MASK, c & HALF_MASK) & HALF_MASK;
      if (INTS.compareAndSet(
          HostMemory.ALL, word, old, old & ~(HALF_MASK << shift) | next << shift)) {
        return half;
      }
    }
  }

  private long changeLong(long at, long b, long c) {
    while (true) {
      long old = HostMemory.ALL.get(HostMemory.LONG, at);
      if (LONGS.compareAndSet(HostMemory.ALL, at, old, function.wide(old, b, c))) {
        return old;
      }
    }
  }
}
