package dev.culebra.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Any other rule, by java.util.regex: its matches and what lies between them are the pieces. */
final class RegexSplitter implements Splitter {
  /** Invalid byte b stands as this plus b, an unpaired surrogate, which valid text never has. */
  private static final int INVALID = 0xdc00;

  private final Pattern pattern;

  RegexSplitter(String pattern) {
    this.pattern = Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS);
  }

  @Override
  public String pattern() {
    return pattern.pattern();
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces pieces) {
    String characters = decode(text, from, to);
    Matcher matcher = pattern.matcher(characters);
    int at = from;
    int done = 0;
    while (matcher.find()) {
      if (matcher.end() == matcher.start()) {
        continue;
      }
      if (matcher.start() > done) {
        at = emit(text, at, characters, done, matcher.start(), pieces);
      }
      at = emit(text, at, characters, matcher.start(), matcher.end(), pieces);
      done = matcher.end();
    }
    if (done < characters.length()) {
      emit(text, at, characters, done, characters.length(), pieces);
    }
  }

  private static int emit(byte[] text, int at, String characters, int from, int to, Pieces pieces) {
    int end = at;
    for (int i = from; i < to; ) {
      int codePoint = characters.codePointAt(i);
      i += Character.charCount(codePoint);
      end += codePoint >= INVALID && codePoint < INVALID + 256 ? 1 : Utf8.length(codePoint);
    }
    pieces.piece(text, at, end);
    return end;
  }

  private static String decode(byte[] text, int from, int to) {
    String whole = new String(text, from, to - from, StandardCharsets.UTF_8);
    if (whole.indexOf('\ufffd') < 0) {
      return whole;
    }
    StringBuilder characters = new StringBuilder(to - from);
    for (int i = from; i < to; ) {
      int codePoint = Utf8.codePoint(text, i, to);
      characters.appendCodePoint(codePoint < 0 ? INVALID + (text[i] & 0xff) : codePoint);
      i += codePoint < 0 ? 1 : Utf8.length(codePoint);
    }
    return characters.toString();
  }
}
