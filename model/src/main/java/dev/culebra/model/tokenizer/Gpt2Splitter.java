package dev.culebra.model.tokenizer;

import static dev.culebra.model.tokenizer.CharacterClass.LETTER;
import static dev.culebra.model.tokenizer.CharacterClass.NUMBER;
import static dev.culebra.model.tokenizer.CharacterClass.SPACE;
import static dev.culebra.model.tokenizer.CharacterClass.SYMBOL;

/** GPT-2's rule, scanned by hand. */
final class Gpt2Splitter implements Splitter {
  @Override
  public String pattern() {
    return "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
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
    int contraction = text[from] == '\'' ? contraction(text, from, to) : from;
    if (contraction > from) {
      return contraction;
    }
    int start = text[from] == ' ' && from + 1 < to ? from + 1 : from;
    int character = CharacterClass.at(text, start, to);
    if ((character & SPACE) != 0) {
      return CharacterClass.spaces(text, from, to);
    }
    // Exactly one of the three holds for what is no white space.
    return CharacterClass.run(
        text, start + (character >> 8), to, character & (LETTER | NUMBER | SYMBOL));
  }

  private static int contraction(byte[] text, int from, int to) {
    if (to - from < 2) {
      return from;
    }
    byte first = text[from + 1];
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return from + 2;
    }
    if (to - from > 2 && (first == 'r' || first == 'v' || first == 'l')) {
      return text[from + 2] == (first == 'l' ? 'l' : 'e') ? from + 3 : from;
    }
    return from;
  }
}
