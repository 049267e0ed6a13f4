package dev.culebra.model.tokenizer;

import java.util.Arrays;

/** What two neighbouring tokens become, and how early: a hash table of pairs, without boxing. */
final class MergeTable {
  /** The merge of a pair that does not merge: its rank is behind all others. */
  static final long NONE = Long.MAX_VALUE;

  private static final long EMPTY = -1;

  /** Pairs and merges in turn, at most half full. */
  private long[] slots;

  private int size;

  MergeTable(int expected) {
    slots = empty(expected);
  }

  private static long[] empty(int expected) {
    int capacity = Integer.highestOneBit(Math.max(expected, 8)) << 2;
    long[] slots = new long[2 * capacity];
    Arrays.fill(slots, EMPTY);
    return slots;
  }

  int size() {
    return size;
  }

  static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }

  /** Rank of a merge; the lowest in a piece is done first. */
  static int rank(long merge) {
    return (int) (merge >>> 32);
  }

  /** The token that a merge makes. */
  static int token(long merge) {
    return (int) merge;
  }

  /** Adds a merge unless the pair has one. */
  boolean add(int left, int right, int rank, int token) {
    if (4 * size >= slots.length) {
      grow();
    }
    long pair = pair(left, right);
    int slot = slot(slots, pair);
    if (slots[slot] == pair) {
      return false;
    }
    slots[slot] = pair;
    slots[slot + 1] = (long) rank << 32 | token;
    size++;
    return true;
  }

  long get(int left, int right) {
    long[] slots = this.slots;
    long pair = pair(left, right);
    int slot = slot(slots, pair);
    return slots[slot] == pair ? slots[slot + 1] : NONE;
  }

  private static int slot(long[] slots, long pair) {
    int mask = slots.length - 2;
    long mixed = pair * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 32 ^ mixed >>> 45) << 1 & mask;
    while (slots[slot] != pair && slots[slot] != EMPTY) {
      slot = slot + 2 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] old = slots;
    slots = empty(2 * size);
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != EMPTY) {
        int slot = slot(slots, old[i]);
        slots[slot] = old[i];
        slots[slot + 1] = old[i + 1];
      }
    }
  }

  /** All merges as {@code {rank, left, right, token}}, by rank, then by the pair. */
  int[][] sorted() {
    int[][] merges = new int[size][];
    int count = 0;
    for (int i = 0; i < slots.length; i += 2) {
      if (slots[i] != EMPTY) {
        merges[count++] =
            new int[] {rank(slots[i + 1]), left(slots[i]), right(slots[i]), token(slots[i + 1])};
      }
    }
    Arrays.sort(merges, Arrays::compare);
    return merges;
  }
}
