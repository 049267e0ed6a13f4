package dev.culebra.model.tokenizer;

import java.util.Arrays;

/**
 * GPT-2's one-to-one map of bytes to printable characters, in which tokens are written in
 * vocabulary files: printable Latin-1 stands for itself, the rest for U+0100 and on.
 */
final class ByteLevel {
  private static final char[] CHARACTERS = new char[256];
  private static final short[] BYTES = new short[324];

  /** The bytes in the order of their characters, which is the order of GPT-2's first 256 ids. */
  static final byte[] ALPHABET = new byte[256];

  static {
    Arrays.fill(BYTES, (short) -1);
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b > ' ' && b <= '~') || (b >= 0xa1 && b != 0xad);
      CHARACTERS[b] = printable ? (char) b : next++;
      BYTES[CHARACTERS[b]] = (short) b;
    }
    int count = 0;
    for (short b : BYTES) {
      if (b >= 0) {
        ALPHABET[count++] = (byte) b;
      }
    }
  }

  private ByteLevel() {}

  static String write(byte[] token) {
    char[] characters = new char[token.length];
    for (int i = 0; i < token.length; i++) {
      characters[i] = CHARACTERS[token[i] & 0xff];
    }
    return new String(characters);
  }

  /** The bytes of a token, or null where a character stands for no byte. */
  static byte[] read(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = token.charAt(i);
      if (c >= BYTES.length || BYTES[c] < 0) {
        return null;
      }
      bytes[i] = (byte) BYTES[c];
    }
    return bytes;
  }
}
