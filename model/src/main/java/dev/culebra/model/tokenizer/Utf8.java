package dev.culebra.model.tokenizer;

/** UTF-8 as the Unicode Standard defines it (table 3-7): shortest forms only, no surrogates. */
final class Utf8 {
  private Utf8() {}

  /** The code point at {@code i < to}, or -1 where no valid sequence begins and ends before to. */
  static int codePoint(byte[] text, int i, int to) {
    int first = text[i] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = sequenceLength(first);
    if (length == 0 || to - i < length) {
      return -1;
    }
    int codePoint = first & 0x7f >> length;
    for (int k = 1; k < length; k++) {
      if ((text[i + k] & 0xc0) != 0x80) {
        return -1;
      }
      codePoint = codePoint << 6 | text[i + k] & 0x3f;
    }
    boolean shortest = length(codePoint) == length;
    boolean surrogate = codePoint >= 0xd800 && codePoint < 0xe000;
    return shortest && !surrogate && codePoint <= Character.MAX_CODE_POINT ? codePoint : -1;
  }

  /** Bytes of the sequence that a byte begins, or 0 if it begins none. */
  static int sequenceLength(int first) {
    if (first < 0x80) {
      return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
      return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  }

  /** Bytes that a code point takes. */
  static int length(int codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
}
