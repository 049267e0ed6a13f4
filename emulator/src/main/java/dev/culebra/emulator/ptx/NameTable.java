package dev.culebra.emulator.ptx;

/** Strings of the names in a text, each made once. */
final class NameTable {
  private static final int START_CAPACITY = 1 << 10;
  private static final int HASH_FACTOR = 0x9e37_79b1;

  private final char[] text;
  private String[] names = new String[START_CAPACITY];

  /** Where each name was first seen, and its hash. */
  private int[] starts = new int[START_CAPACITY];

  private int[] hashes = new int[START_CAPACITY];
  private int size;

  NameTable(char[] text) {
    this.text = text;
  }

  /** The characters from {@code start} to before {@code end} as a string. */
  String name(int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = (hash ^ text[i]) * HASH_FACTOR;
    }
    int slot = slot(hash);
    while (names[slot] != null) {
      if (hashes[slot] == hash
          && names[slot].length() == end - start
          && matches(starts[slot], start, end)) {
        return names[slot];
      }
      slot = slot + 1 & names.length - 1;
    }
    String name = new String(text, start, end - start);
    put(slot, name, start, hash);
    if (++size > names.length / 2) {
      grow();
    }
    return name;
  }

  private int slot(int hash) {
    return (hash ^ hash >>> 15) & names.length - 1;
  }

  private boolean matches(int known, int start, int end) {
    for (int i = start; i < end; i++) {
      if (text[known + i - start] != text[i]) {
        return false;
      }
    }
    return true;
  }

  private void put(int slot, String name, int start, int hash) {
    names[slot] = name;
    starts[slot] = start;
    hashes[slot] = hash;
  }

  private void grow() {
    String[] oldNames = names;
    int[] oldStarts = starts;
    int[] oldHashes = hashes;
    names = new String[2 * oldNames.length];
    starts = new int[names.length];
    hashes = new int[names.length];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != null) {
        int slot = slot(oldHashes[i]);
        while (names[slot] != null) {
          slot = slot + 1 & names.length - 1;
        }
        put(slot, oldNames[i], oldStarts[i], oldHashes[i]);
      }
    }
  }
}
