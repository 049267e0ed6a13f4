package dev.culebra.emulator.count;

import java.util.Arrays;

/**
 * How the banks of shared memory serve one access of a warp (CUDA C++ Programming Guide, shared
 * memory): word {@code i} of 4 bytes lies in bank {@code i % 32}, and a bank gives one word at a
 * time, to all lanes that want it. Accesses of 8 bytes a lane are served a half of the warp at a
 * time, those of 16 a quarter.
 */
public final class SharedRequest {
  private static final int LANES = 32;
  private static final int BANKS = 32;
  private static final int WORD_BYTES = 4;
  private static final int ALL_BANKS = BANKS * WORD_BYTES;

  /** Words that 32 lanes may ask for: 16 bytes each, or 32. */
  private static final int MOST_WORDS = LANES * 8;

  private final int[] words = new int[MOST_WORDS];
  private final int[] next = new int[MOST_WORDS];
  private final int[] newest = new int[BANKS];
  private final int[] wordsOfBank = new int[BANKS];
  private int count;
  private int askedBytes;
  private int wavefronts;
  private int conflicts;
  private int leastWavefronts;

  /**
   * Serves a request.
   *
   * @param addresses of the lanes; bits beyond the low 32 don't matter
   * @param lanes that ask, a bit each
   * @param bytes that each asks for
   */
  public void serve(long[] addresses, int lanes, int bytes) {
    int steps = 0;
    int served = 0;
    int lanesOfPhase = LANES * WORD_BYTES / Math.max(WORD_BYTES, bytes);
    int phaseMask = lanesOfPhase == LANES ? -1 : (1 << lanesOfPhase) - 1;
    for (int first = 0; first < LANES; first += lanesOfPhase) {
      int ofPhase = lanes & phaseMask << first;
      if (ofPhase != 0) {
        served++;
        clear();
        add(addresses, ofPhase, bytes);
        steps += leastWavefronts;
      }
    }
    if (served > 1) {
      clear();
      add(addresses, lanes, bytes);
    }
    wavefronts = steps;
    conflicts = steps - served;
  }

  /** Begins a request whose parts banks may serve in any order. */
  public void clear() {
    count = 0;
    askedBytes = 0;
    wavefronts = 0;
    conflicts = 0;
    leastWavefronts = 0;
    Arrays.fill(newest, -1);
    Arrays.fill(wordsOfBank, 0);
  }

  /** Adds a part to such a request. */
  public void add(long[] addresses, int lanes, int bytes) {
    for (int left = lanes; left != 0; left &= left - 1) {
      int at = (int) addresses[Integer.numberOfTrailingZeros(left)];
      int last = at + bytes - 1 >>> 2;
      for (int word = at >>> 2; word <= last; word++) {
        leastWavefronts = Math.max(leastWavefronts, add(word));
      }
    }
    askedBytes += bytes * Integer.bitCount(lanes);
    wavefronts = leastWavefronts;
    conflicts = Math.max(0, wavefronts - (askedBytes + ALL_BANKS - 1) / ALL_BANKS);
  }

  /** Words of a word's bank, itself included. */
  private int add(int word) {
    int bank = word & BANKS - 1;
    for (int i = newest[bank]; i >= 0; i = next[i]) {
      if (words[i] == word) {
        return wordsOfBank[bank];
      }
    }
    words[count] = word;
    next[count] = newest[bank];
    newest[bank] = count++;
    return ++wordsOfBank[bank];
  }

  /** Steps that the request takes. */
  public int wavefronts() {
    return wavefronts;
  }

  /** Steps that it takes beyond those that it would take if no two words shared a bank. */
  public int conflicts() {
    return conflicts;
  }

  /** Steps that no way of dividing the warp can do without. */
  public int leastWavefronts() {
    return leastWavefronts;
  }
}
