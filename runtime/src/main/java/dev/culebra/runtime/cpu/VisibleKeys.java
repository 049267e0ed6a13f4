package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AttentionMask;

/**
 * Which keys each query sees, as two arrays of I32 in scratch memory: query i sees keys {@code
 * [first[i], end[i])}. Every mask of {@link AttentionMask} gives such a range, neither bound ever
 * decreases from a query to the next, and a query always sees itself. So the keys that a block of
 * queries sees are found by looking at its first and its last, and tiles that lie outside are never
 * touched.
 */
final class VisibleKeys {
  private VisibleKeys() {}

  /**
   * Fills the ranges of one sequence.
   *
   * @param length T
   * @param paddedLength entries to fill; those from T on get the empty range at T
   * @param documents address of the sequence's document numbers, I32 {@code [T]}; 0 for none
   */
  static void fill(
      long first,
      long end,
      int length,
      int paddedLength,
      boolean causal,
      int window,
      long documents) {
    int documentStart = 0;
    int documentEnd = documents == 0 ? length : 0;
    for (int i = 0; i < length; i++) {
      if (i == documentEnd) {
        documentStart = i;
        documentEnd = documentEnd(documents, i, length);
      }
      int from = window == 0 ? 0 : Math.max(0, i - window + 1);
      long to = causal ? i + 1L : window == 0 ? length : (long) i + window;
      Lanes.setInt(first + i * 4L, Math.max(from, documentStart));
      Lanes.setInt(end + i * 4L, (int) Math.min(to, documentEnd));
    }
    for (int i = length; i < paddedLength; i++) {
      Lanes.setInt(first + i * 4L, length);
      Lanes.setInt(end + i * 4L, length);
    }
  }

  private static int documentEnd(long documents, int start, int length) {
    int document = Lanes.getInt(documents + start * 4L);
    int end = start + 1;
    while (end < length && Lanes.getInt(documents + end * 4L) == document) {
      end++;
    }
    return end;
  }
}
