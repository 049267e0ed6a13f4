package dev.culebra.model.tokenizer;

import static dev.culebra.model.tokenizer.CharacterClass.LETTER;
import static dev.culebra.model.tokenizer.CharacterClass.LOWER;
import static dev.culebra.model.tokenizer.CharacterClass.NEWLINE;
import static dev.culebra.model.tokenizer.CharacterClass.NUMBER;
import static dev.culebra.model.tokenizer.CharacterClass.SYMBOL;
import static dev.culebra.model.tokenizer.CharacterClass.UPPER;

/** GPT-4o's rule, scanned by hand: words end where small letters are followed by capitals. */
final class O200kSplitter implements Splitter {
  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

  @Override
  public String pattern() {
    String upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
    String lower = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
    return "[^\\r\\n\\p{L}\\p{N}]?"
        + upper
        + "*"
        + lower
        + "+"
        + CONTRACTION
        + "|[^\\r\\n\\p{L}\\p{N}]?"
        + upper
        + "+"
        + lower
        + "*"
        + CONTRACTION
        + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces pieces) {
    for (int i = from; i < to; ) {
      int end = end(text, i, to);
      pieces.piece(text, i, end);
      i = end;
    }
  }

  private static int end(byte[] text, int from, int to) {
    int character = CharacterClass.at(text, from, to);
    int next = from + (character >> 8);
    if ((character & NUMBER) != 0) {
      return numbers(text, next, to);
    }
    int word = word(text, from, next, to, character);
    if (word > from) {
      return CharacterClass.contraction(text, word, to);
    }
    int start = text[from] == ' ' ? from + 1 : from;
    int symbols = CharacterClass.run(text, start, to, SYMBOL);
    if (symbols > start) {
      while (symbols < to
          && (text[symbols] == '/' || text[symbols] == '\r' || text[symbols] == '\n')) {
        symbols++;
      }
      return symbols;
    }
    int lines = CharacterClass.lines(text, from, to);
    return lines > from ? lines : CharacterClass.spaces(text, from, to);
  }

  /**
   * The first two alternatives without the contraction, tried in a backtracking matcher's order.
   */
  private static int word(byte[] text, int from, int next, int to, int character) {
    if ((character & LETTER) != 0) {
      int capital = capitalThenSmall(text, from, to);
      return capital > from ? capital : CharacterClass.run(text, from, to, UPPER);
    }
    if ((character & NEWLINE) != 0) {
      return from;
    }
    int prefixed = capitalThenSmall(text, next, to);
    if (prefixed > next) {
      return prefixed;
    }
    if ((character & LOWER) != 0) {
      // A mark that could be no prefix of a word is one itself.
      return capitalThenSmall(text, from, to);
    }
    int capitals = CharacterClass.run(text, next, to, UPPER);
    return capitals > next ? capitals : from;
  }

  /** End of {@code UPPER*LOWER+}, or {@code from} where that does not match. */
  private static int capitalThenSmall(byte[] text, int from, int to) {
    int lastBoth = from;
    for (int i = from; i < to; ) {
      int character = CharacterClass.at(text, i, to);
      if ((character & UPPER) == 0) {
        return (character & LOWER) != 0 ? CharacterClass.run(text, i, to, LOWER) : lastBoth;
      }
      i += character >> 8;
      if ((character & LOWER) != 0) {
        lastBoth = i;
      }
    }
    return lastBoth;
  }

  private static int numbers(byte[] text, int i, int to) {
    for (int count = 1; count < 3 && CharacterClass.is(text, i, to, NUMBER); count++) {
      i += CharacterClass.at(text, i, to) >> 8;
    }
    return i;
  }
}
