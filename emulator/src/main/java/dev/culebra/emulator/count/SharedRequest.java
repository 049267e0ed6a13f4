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

  /** Words that 32 lanes may ask for: 16 bytes each, or 32. */
  private static final int MOST_WORDS = LANES * 8;

  private final int[] words = new int[MOST_WORDS];
  private final int[] next = new int[MOST_WORDS];
  private final int[] newest = new int[BANKS];
  private final int[] wordsOfBank = new int[BANKS];
  private int count;
  private int wavefronts;
  private int phases;
  private int leastWavefronts;

  /**
   * Serves a request.
   *
   * @param addresses of the lanes; bits beyond the low 32 don't matter
   * @param lanes that ask, a bit each
   * @param bytes that each asks for
   */
  public void serve(long[] addresses, int lanes, int bytes) {
    wavefronts = 0;
    phases = 0;
    int lanesOfPhase = LANES * WORD_BYTES / Math.max(WORD_BYTES, bytes);
    int phaseMask = lanesOfPhase == LANES ? -1 : (1 << lanesOfPhase) - 1;
    for (int first = 0; first < LANES; first += lanesOfPhase) {
      int served = lanes & phaseMask << first;
      if (served != 0) {
        phases++;
        wavefronts += steps(addresses, served, bytes);
      }
    }
    leastWavefronts = phases > 1 ? steps(addresses, lanes, bytes) : wavefronts;
  }

  /** Words of the bank that has most of what some lanes ask for. */
  private int steps(long[] addresses, int lanes, int bytes) {
    count = 0;
    Arrays.fill(newest, -1);
    Arrays.fill(wordsOfBank, 0);
    int most = 0;
    for (int left = lanes; left != 0; left &= left - 1) {
      int at = (int) addresses[Integer.numberOfTrailingZeros(left)];
      int last = at + bytes - 1 >>> 2;
      for (int word = at >>> 2; word <= last; word++) {
        most = Math.max(most, add(word));
      }
    }
    return most;
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

  /** Steps that it takes beyond one for each part of the warp that is served on its own. */
  public int conflicts() {
    return wavefronts - phases;
  }

  /** Steps that no way of dividing the warp can do without. */
  public int leastWavefronts() {
    return leastWavefronts;
  }
}
