package dev.culebra.model.tokenizer;

/**
 * What a splitter wants to know of a character, for every Unicode code point, read straight from
 * UTF-8.
 */
final class CharacterClass {
  /** {@code \p{L}}. */
  static final int LETTER = 1;

  /** {@code \p{N}}. */
  static final int NUMBER = 1 << 1;

  /** {@code \s}: the Unicode property White_Space. */
  static final int SPACE = 1 << 2;

  /** {@code [\r\n]}. */
  static final int NEWLINE = 1 << 3;

  /** {@code [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]}: what may stand in the capital part of a word. */
  static final int UPPER = 1 << 4;

  /** {@code [\p{Ll}\p{Lm}\p{Lo}\p{M}]}: what may stand in the small part of a word. */
  static final int LOWER = 1 << 5;

  /** {@code [^\s\p{L}\p{N}]}. */
  static final int SYMBOL = 1 << 6;

  private static final byte[] CLASSES = new byte[Character.MAX_CODE_POINT + 1];

  static {
    for (int codePoint = 0; codePoint < CLASSES.length; codePoint++) {
      CLASSES[codePoint] = (byte) classify(codePoint);
    }
  }

  private CharacterClass() {}

  private static int classify(int codePoint) {
    if (codePoint == '\r' || codePoint == '\n') {
      return SPACE | NEWLINE;
    }
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> LETTER | UPPER;
      case Character.LOWERCASE_LETTER -> LETTER | LOWER;
      case Character.MODIFIER_LETTER, Character.OTHER_LETTER -> LETTER | UPPER | LOWER;
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          SYMBOL | UPPER | LOWER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          NUMBER;
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          SPACE;
      default -> (codePoint >= '\t' && codePoint <= '\r') || codePoint == 0x85 ? SPACE : SYMBOL;
    };
  }

  /**
   * The character at {@code i < to}.
   *
   * @return its length in bytes times 256, plus its classes
   */
  static int at(byte[] text, int i, int to) {
    byte first = text[i];
    return first >= 0 ? 1 << 8 | CLASSES[first] : wide(text, i, to);
  }

  private static int wide(byte[] text, int i, int to) {
    int codePoint = Utf8.codePoint(text, i, to);
    return codePoint < 0 ? 1 << 8 | SYMBOL : Utf8.length(codePoint) << 8 | CLASSES[codePoint];
  }

  /** Whether there is a character at {@code i}, and of one of the classes. */
  static boolean is(byte[] text, int i, int to, int classes) {
    return i < to && (at(text, i, to) & classes) != 0;
  }

  /** End of the run of characters of one of the classes that begins at {@code i}. */
  static int run(byte[] text, int i, int to, int classes) {
    while (i < to) {
      byte b = text[i];
      if (b >= 0) {
        if ((CLASSES[b] & classes) == 0) {
          return i;
        }
        i++;
      } else {
        int character = wide(text, i, to);
        if ((character & classes) == 0) {
          return i;
        }
        i += character >> 8;
      }
    }
    return i;
  }

  /**
   * End of what a white-space character at {@code from} begins, as all published rules that treat
   * line breaks alike end: {@code \s+(?!\S)|\s+}, which leaves the last space to a word after it.
   */
  static int spaces(byte[] text, int from, int to) {
    int last = from;
    int i = from;
    while (i < to) {
      int character = at(text, i, to);
      if ((character & SPACE) == 0) {
        return last > from ? last : i;
      }
      last = i;
      i += character >> 8;
    }
    return i;
  }

  /** End of {@code \s*[\r\n]+} at {@code from}, or {@code from} where that does not match. */
  static int lines(byte[] text, int from, int to) {
    int end = from;
    for (int i = from; i < to; ) {
      int character = at(text, i, to);
      if ((character & SPACE) == 0) {
        break;
      }
      i += character >> 8;
      if ((character & NEWLINE) != 0) {
        end = i;
      }
    }
    return end;
  }

  /**
   * End of {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)} at {@code from}, or {@code from} where that does
   * not match. The long s (U+017F) folds to s.
   */
  static int contraction(byte[] text, int from, int to) {
    if (to - from < 2 || text[from] != '\'') {
      return from;
    }
    int first = text[from + 1] | 0x20;
    switch (first) {
      case 's', 't', 'm', 'd' -> {
        return from + 2;
      }
      case 'r', 'v', 'l' -> {
        int second = first == 'l' ? 'l' : 'e';
        return to - from > 2 && (text[from + 2] | 0x20) == second ? from + 3 : from;
      }
      default -> {
        boolean longS =
            to - from > 2 && text[from + 1] == (byte) 0xC5 && text[from + 2] == (byte) 0xBF;
        return longS ? from + 3 : from;
      }
    }
  }
}
