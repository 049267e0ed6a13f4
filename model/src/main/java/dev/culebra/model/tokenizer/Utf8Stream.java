package dev.culebra.model.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * Turns bytes that come bit by bit, as tokens are generated, into text that never ends in half a
 * character. What can no longer become a character turns into U+FFFD, as in a whole-text decoding.
 */
public final class Utf8Stream {
  private final byte[] pending = new byte[4];
  private int count;

  /** The text that is complete with these bytes. */
  public String add(byte[] bytes) {
    byte[] all = new byte[count + bytes.length];
    System.arraycopy(pending, 0, all, 0, count);
    System.arraycopy(bytes, 0, all, count, bytes.length);
    int complete = all.length - unfinished(all);
    count = all.length - complete;
    System.arraycopy(all, complete, pending, 0, count);
    return new String(all, 0, complete, StandardCharsets.UTF_8);
  }

  /** What is left at the end: nothing, or U+FFFD for a character that was never finished. */
  public String finish() {
    String rest = new String(pending, 0, count, StandardCharsets.UTF_8);
    count = 0;
    return rest;
  }

  /** Bytes at the end that a longer text could still make a character of. */
  private static int unfinished(byte[] text) {
    for (int tail = 1; tail <= Math.min(3, text.length); tail++) {
      int first = text[text.length - tail] & 0xff;
      if ((first & 0xc0) == 0x80) {
        continue;
      }
      return Utf8.sequenceLength(first) > tail && canGoOn(text, text.length - tail) ? tail : 0;
    }
    return 0;
  }

  /**
   * Whether a lead byte and the first byte after it, if there is one, can begin a character. What
   * would become a surrogate is waited for, too, since Java replaces it as one.
   */
  private static boolean canGoOn(byte[] text, int lead) {
    if (lead + 1 == text.length) {
      return true;
    }
    int second = text[lead + 1] & 0xff;
    return switch (text[lead] & 0xff) {
      case 0xe0 -> second >= 0xa0;
      case 0xf0 -> second >= 0x90;
      case 0xf4 -> second < 0x90;
      default -> true;
    };
  }
}
