package dev.culebra.emulator.ptx;

/** Strings of the names in a text, each made once. */
final class NameTable {
  private static final int START_CAPACITY = 1 << 10;
  private static final int HASH_FACTOR = 31;

  private String[] names = new String[START_CAPACITY];
  private int[] hashes = new int[START_CAPACITY];
  private int size;

  /** The characters from {@code start} to before {@code end} as a string. */
  String name(char[] text, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = hash * HASH_FACTOR + text[i];
    }
    int slot = slot(hash);
    while (names[slot] != null) {
      if (hashes[slot] == hash && matches(names[slot], text, start, end)) {
        return names[slot];
      }
      slot = slot + 1 & names.length - 1;
    }
    String name = new String(text, start, end - start);
    names[slot] = name;
    hashes[slot] = hash;
    if (++size > names.length / 2) {
      grow();
    }
    return name;
  }

  private int slot(int hash) {
    return (hash ^ hash >>> 15) & names.length - 1;
  }

  private static boolean matches(String name, char[] text, int start, int end) {
    if (name.length() != end - start) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (name.charAt(i - start) != text[i]) {
        return false;
      }
    }
    return true;
  }

  private void grow() {
    String[] oldNames = names;
    int[] oldHashes = hashes;
    names = new String[2 * oldNames.length];
    hashes = new int[2 * oldNames.length];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != null) {
        int slot = slot(oldHashes[i]);
        while (names[slot] != null) {
          slot = slot + 1 & names.length - 1;
        }
        names[slot] = oldNames[i];
        hashes[slot] = oldHashes[i];
      }
    }
  }
}
