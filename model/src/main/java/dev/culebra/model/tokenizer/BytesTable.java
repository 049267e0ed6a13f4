package dev.culebra.model.tokenizer;

import java.util.Arrays;

/** Numbers byte strings in the order they came: an open-addressing table without boxing. */
final class BytesTable {
  private static final int[] FEW_STARTS = new int[17];

  /** Number plus one of the string in each slot, 0 for none. */
  private int[] slots = new int[32];

  private byte[] bytes = new byte[256];

  /** String k is {@code bytes[starts[k], starts[k + 1])}. */
  private int[] starts = FEW_STARTS.clone();

  private int[] hashes = new int[16];
  private int size;

  int size() {
    return size;
  }

  byte[] get(int number) {
    return Arrays.copyOfRange(bytes, starts[number], starts[number + 1]);
  }

  int length(int number) {
    return starts[number + 1] - starts[number];
  }

  /** Number of a string, or -1. */
  int find(byte[] text, int from, int to) {
    return slots[slot(text, from, to, hash(text, from, to))] - 1;
  }

  /** Number of a string, which is new exactly if it equals {@link #size} before the call. */
  int add(byte[] text, int from, int to) {
    int hash = hash(text, from, to);
    int slot = slot(text, from, to, hash);
    if (slots[slot] != 0) {
      return slots[slot] - 1;
    }
    int length = to - from;
    int end = Math.addExact(starts[size], length);
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(end, 2L * end)));
    }
    System.arraycopy(text, from, bytes, starts[size], length);
    if (size == hashes.length) {
      hashes = Arrays.copyOf(hashes, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size + 1);
    }
    hashes[size] = hash;
    starts[++size] = end;
    slots[slot] = size;
    if (2 * size > slots.length) {
      rehash();
    }
    return size - 1;
  }

  private void rehash() {
    int[] larger = new int[4 * slots.length];
    int mask = larger.length - 1;
    for (int number = 0; number < size; number++) {
      int slot = hashes[number] & mask;
      while (larger[slot] != 0) {
        slot = slot + 1 & mask;
      }
      larger[slot] = number + 1;
    }
    slots = larger;
  }

  private int slot(byte[] text, int from, int to, int hash) {
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (slots[slot] != 0) {
      int number = slots[slot] - 1;
      if (hashes[number] == hash
          && Arrays.equals(bytes, starts[number], starts[number + 1], text, from, to)) {
        return slot;
      }
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static int hash(byte[] text, int from, int to) {
    long hash = to - from;
    for (int i = from; i < to; i++) {
      hash = (hash ^ text[i]) * 0x9E3779B97F4A7C15L;
      hash ^= hash >>> 29;
    }
    return (int) (hash ^ hash >>> 32);
  }
}
