package dev.culebra.model.tokenizer;

import static dev.culebra.model.tokenizer.CharacterClass.LETTER;
import static dev.culebra.model.tokenizer.CharacterClass.NEWLINE;
import static dev.culebra.model.tokenizer.CharacterClass.NUMBER;
import static dev.culebra.model.tokenizer.CharacterClass.SPACE;
import static dev.culebra.model.tokenizer.CharacterClass.SYMBOL;

/**
 * The rule of GPT-4 and Llama 3 (numbers of up to three digits), and of Qwen 2 (single digits),
 * scanned by hand.
 */
final class Cl100kSplitter implements Splitter {
  private final int digits;

  Cl100kSplitter(int digits) {
    this.digits = digits;
  }

  @Override
  public String pattern() {
    return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
        + (digits == 1 ? "" : "{1," + digits + "}")
        + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces pieces) {
    for (int i = from; i < to; ) {
      int end = end(text, i, to);
      pieces.piece(text, i, end);
      i = end;
    }
  }

  private int end(byte[] text, int from, int to) {
    int character = CharacterClass.at(text, from, to);
    int next = from + (character >> 8);
    if ((character & LETTER) != 0) {
      return CharacterClass.run(text, next, to, LETTER);
    }
    if ((character & NUMBER) != 0) {
      return numbers(text, next, to);
    }
    if (text[from] == '\'') {
      int contraction = CharacterClass.contraction(text, from, to);
      if (contraction > from) {
        return contraction;
      }
    }
    if ((character & NEWLINE) == 0) {
      int word = CharacterClass.run(text, next, to, LETTER);
      if (word > next) {
        return word;
      }
    }
    return symbolsOrSpaces(text, from, to, character);
  }

  private int numbers(byte[] text, int i, int to) {
    for (int count = 1; count < digits && i < to; count++) {
      int character = CharacterClass.at(text, i, to);
      if ((character & NUMBER) == 0) {
        break;
      }
      i += character >> 8;
    }
    return i;
  }

  private static int symbolsOrSpaces(byte[] text, int from, int to, int character) {
    int start = text[from] == ' ' ? from + 1 : from;
    int symbols = CharacterClass.run(text, start, to, SYMBOL);
    if (symbols > start) {
      return CharacterClass.run(text, symbols, to, NEWLINE);
    }
    assert (character & SPACE) != 0;
    int lines = CharacterClass.lines(text, from, to);
    return lines > from ? lines : CharacterClass.spaces(text, from, to);
  }
}
