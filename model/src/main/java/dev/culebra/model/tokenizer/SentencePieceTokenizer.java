package dev.culebra.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * SentencePiece's byte-pair encoding (Kudo and Richardson 2018), as Llama 2 and llama2.c use it: a
 * text gets a space in front, begins as its characters, those that are no tokens as bytes, and
 * neighbours are merged by rank without regard to words. Safe for several threads.
 *
 * <p>A token's leading space is left out when it is decoded as the first of a text or after what a
 * prompt begins with; {@link #decode} looks at the id before {@code from} to know.
 */
public final class SentencePieceTokenizer implements Tokenizer {
  /** Where a space is put in front of text. */
  enum Prefix {
    /** At the beginning and behind special tokens. */
    ALWAYS,
    /** There, but not where there is a space already: " a" and "a" become the same. */
    UNLESS_SPACE,
    /** Likewise, at the beginning and behind what a prompt begins with only. */
    FIRST_UNLESS_SPACE
  }

  final Vocabulary vocabulary;
  final MergeTable merges;
  final SpecialTokens specials;
  final PromptTemplate template;

  /** Id of the token of each byte, -1 where it has none. */
  final int[] byteIds;

  final Prefix prefix;
  private final int endOfText;
  private final BytesTable pieces = new BytesTable();
  private final int[] pieceIds;

  /**
   * @param tokens the bytes of each token, by id; those of byte tokens are one byte, special ones
   *     are not looked at
   */
  SentencePieceTokenizer(
      byte[][] tokens,
      int[] byteIds,
      MergeTable merges,
      Map<String, Integer> specials,
      PromptTemplate template,
      Prefix prefix,
      int endOfText) {
    this.vocabulary = Vocabulary.of(tokens, specials);
    this.byteIds = byteIds;
    this.merges = merges;
    this.specials = new SpecialTokens(specials);
    this.template = template;
    this.prefix = prefix;
    this.endOfText = endOfText;
    pieceIds = new int[tokens.length];
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] != null && !specials.containsValue(id) && !isByteToken(id)) {
        int number = pieces.add(tokens[id], 0, tokens[id].length);
        pieceIds[number] = id;
      }
    }
  }

  boolean isByteToken(int id) {
    for (int byteId : byteIds) {
      if (byteId == id) {
        return true;
      }
    }
    return false;
  }

  SentencePieceTokenizer withEndOfText(int id) {
    byte[][] tokens = new byte[vocabulary.size()][];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = vocabulary.has(i) ? vocabulary.bytes(i) : null;
    }
    return new SentencePieceTokenizer(
        tokens, byteIds, merges, specials.ids(), template, prefix, id);
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8), specials, true);
  }

  @Override
  public int[] encodeContinuation(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8), specials, false);
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8), null, true);
  }

  private int[] encode(byte[] text, SpecialTokens recognised, boolean begins) {
    int[] ids = new int[text.length + 8];
    int count = 0;
    int from = 0;
    int before = -1;
    PairMerger merger = new PairMerger(merges);
    while (from < text.length) {
      SpecialTokens.Match match =
          recognised == null ? null : recognised.find(text, from, text.length);
      int to = match == null ? text.length : match.from();
      if (to > from) {
        int[] section = section(text, from, to, takesPrefix(begins && from == 0, before), merger);
        ids = room(ids, count + section.length + 1);
        System.arraycopy(section, 0, ids, count, section.length);
        count += section.length;
      }
      if (match != null) {
        ids = room(ids, count + 1);
        before = match.id();
        ids[count++] = before;
        to = match.to();
      }
      from = to;
    }
    return Arrays.copyOf(ids, count);
  }

  private static int[] room(int[] ids, int count) {
    return count <= ids.length ? ids : Arrays.copyOf(ids, 2 * count);
  }

  /** Whether text behind this token, or at the beginning, has a space put in front. */
  private boolean takesPrefix(boolean first, int before) {
    if (first) {
      return true;
    }
    if (prefix != Prefix.FIRST_UNLESS_SPACE && specials.ids().containsValue(before)) {
      return true;
    }
    int[] opening = template.before();
    return opening.length > 0 && before == opening[opening.length - 1];
  }

  private int[] section(byte[] text, int from, int to, boolean first, PairMerger merger) {
    boolean spaced = text[from] == ' ' && prefix != Prefix.ALWAYS;
    int[] symbols = merger.symbols(to - from + 1);
    int count = first && !spaced ? symbols(new byte[] {' '}, 0, 1, symbols, 0) : 0;
    for (int i = from; i < to; ) {
      int codePoint = Utf8.codePoint(text, i, to);
      int end = i + (codePoint < 0 ? 1 : Utf8.length(codePoint));
      count = symbols(text, i, end, symbols, count);
      i = end;
    }
    return Arrays.copyOf(symbols, merger.merge(count));
  }

  /** Appends a character's token, or its bytes'. */
  private int symbols(byte[] text, int from, int to, int[] symbols, int count) {
    int number = pieces.find(text, from, to);
    if (number >= 0) {
      symbols[count++] = pieceIds[number];
      return count;
    }
    for (int i = from; i < to; i++) {
      int id = byteIds[text[i] & 0xff];
      if (id < 0) {
        throw new IllegalArgumentException(
            String.format("the vocabulary has no token for the byte 0x%02x", text[i]));
      }
      symbols[count++] = id;
    }
    return count;
  }

  @Override
  public int[] encodePrompt(String text) {
    return template.prompt(encode(text));
  }

  @Override
  public byte[] decode(int[] ids, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4 * (to - from));
    for (int i = from; i < to; i++) {
      byte[] bytes = vocabulary.bytes(ids[i]);
      boolean prefixed =
          bytes.length > 0 && bytes[0] == ' ' && takesPrefix(i == 0, i == 0 ? -1 : ids[i - 1]);
      out.write(bytes, prefixed ? 1 : 0, bytes.length - (prefixed ? 1 : 0));
    }
    return out.toByteArray();
  }

  @Override
  public Map<String, Integer> specialTokens() {
    return specials.ids();
  }

  @Override
  public int endOfText() {
    return endOfText;
  }

  @Override
  public long fingerprint() {
    String kind = "sentencepiece" + prefix + endOfText + Arrays.toString(byteIds);
    return vocabulary.fingerprint(merges, specials.ids(), kind) | 1;
  }
}
