package dev.culebra.model.tokenizer;

import java.util.Arrays;

/**
 * Applies merges to a piece of text: always the one of lowest rank, the leftmost of equals, until
 * none is left. Working memory is kept from piece to piece.
 */
final class PairMerger {
  /** Above this many symbols a heap beats looking through all pairs for each merge. */
  private static final int LONG_PIECE = 128;

  private final MergeTable table;
  private int[] symbols = new int[LONG_PIECE];

  /** The merge of each symbol with the one after it. */
  private long[] merges = new long[LONG_PIECE];

  private int[] previous = {};
  private int[] next = {};

  /** Rank and place of merges to do, lowest first; those that are overtaken stay in it. */
  private long[] heap = {};

  private int heapSize;

  PairMerger(MergeTable table) {
    this.table = table;
  }

  /** Room for the symbols of a piece: to be filled, and where {@link #merge} leaves its result. */
  int[] symbols(int count) {
    if (symbols.length < count) {
      symbols = new int[Math.max(count, 2 * symbols.length)];
      merges = new long[symbols.length];
    }
    return symbols;
  }

  /** Merges the first {@code count} symbols in place and returns how many are left. */
  int merge(int count) {
    return count <= LONG_PIECE ? mergeShort(count) : mergeLong(count);
  }

  private int mergeShort(int count) {
    int[] symbols = this.symbols;
    long[] merges = this.merges;
    for (int i = 0; i + 1 < count; i++) {
      merges[i] = table.get(symbols[i], symbols[i + 1]);
    }
    while (count > 1) {
      int best = 0;
      int bestRank = MergeTable.rank(merges[0]);
      for (int i = 1; i < count - 1; i++) {
        int rank = MergeTable.rank(merges[i]);
        if (rank < bestRank) {
          best = i;
          bestRank = rank;
        }
      }
      if (merges[best] == MergeTable.NONE) {
        break;
      }
      symbols[best] = MergeTable.token(merges[best]);
      count--;
      for (int i = best + 1; i < count; i++) {
        symbols[i] = symbols[i + 1];
        merges[i] = merges[i + 1];
      }
      if (best + 1 < count) {
        merges[best] = table.get(symbols[best], symbols[best + 1]);
      }
      if (best > 0) {
        merges[best - 1] = table.get(symbols[best - 1], symbols[best]);
      }
    }
    return count;
  }

  private int mergeLong(int count) {
    if (next.length < count) {
      previous = new int[symbols.length];
      next = new int[symbols.length];
    }
    heapSize = 0;
    for (int i = 0; i < count; i++) {
      previous[i] = i - 1;
      next[i] = i + 1;
      merges[i] = MergeTable.NONE;
    }
    for (int i = 0; i + 1 < count; i++) {
      offer(i, count);
    }
    while (heapSize > 0) {
      long entry = poll();
      int i = (int) entry;
      if (merges[i] == MergeTable.NONE || MergeTable.rank(merges[i]) != (int) (entry >>> 32)) {
        continue;
      }
      int gone = next[i];
      symbols[i] = MergeTable.token(merges[i]);
      merges[gone] = MergeTable.NONE;
      next[i] = next[gone];
      if (next[i] < count) {
        previous[next[i]] = i;
      }
      offer(i, count);
      if (previous[i] >= 0) {
        offer(previous[i], count);
      }
    }
    int left = 0;
    for (int i = 0; i < count; i = next[i]) {
      symbols[left++] = symbols[i];
    }
    return left;
  }

  private void offer(int i, int count) {
    merges[i] = next[i] < count ? table.get(symbols[i], symbols[next[i]]) : MergeTable.NONE;
    if (merges[i] == MergeTable.NONE) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(1024, 2 * heapSize));
    }
    long entry = (long) MergeTable.rank(merges[i]) << 32 | i;
    int at = heapSize++;
    while (at > 0 && heap[at - 1 >> 1] > entry) {
      heap[at] = heap[at - 1 >> 1];
      at = at - 1 >> 1;
    }
    heap[at] = entry;
  }

  private long poll() {
    long top = heap[0];
    long last = heap[--heapSize];
    int at = 0;
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
