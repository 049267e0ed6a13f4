package dev.culebra.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Byte-level byte-pair encoding, as GPT-2, GPT-4 and Llama 3 use it (Sennrich et al. 2016; Radford
 * et al. 2019): text is cut into pieces by a rule, a piece begins as its bytes, and neighbours are
 * merged by rank. Any bytes can be encoded, and decode to themselves. Safe for several threads.
 */
public final class ByteLevelTokenizer implements Tokenizer {
  /**
   * How text becomes pieces and pieces tokens.
   *
   * @param splitter the rule that cuts text
   * @param prefixSpace whether a space is put before a text, or a part of it after a special token,
   *     that does not begin with one; it stays when decoded
   * @param wholePieces whether a piece that is a token becomes it, whatever the merges say
   */
  record Settings(Splitter splitter, boolean prefixSpace, boolean wholePieces) {}

  final Settings settings;
  final Vocabulary vocabulary;
  final MergeTable merges;
  final SpecialTokens specials;
  final PromptTemplate template;
  private final int endOfText;
  private final int[] byteIds = new int[256];

  /** Ordinary tokens by their bytes; null unless whole pieces are looked up. */
  private final BytesTable pieces;

  private int[] pieceIds = {};
  private final ConcurrentLinkedQueue<Encoding> idle = new ConcurrentLinkedQueue<>();
  private volatile long fingerprint;

  /**
   * @param tokens ordinary tokens by id; null where an id is none
   * @param merges of them
   */
  ByteLevelTokenizer(
      Settings settings,
      byte[][] tokens,
      MergeTable merges,
      Map<String, Integer> specials,
      PromptTemplate template) {
    this(
        settings,
        Vocabulary.of(tokens, specials),
        merges,
        new SpecialTokens(specials),
        template,
        new SpecialTokens(specials).endOfText(),
        ordinary(tokens, specials));
  }

  private ByteLevelTokenizer(
      Settings settings,
      Vocabulary vocabulary,
      MergeTable merges,
      SpecialTokens specials,
      PromptTemplate template,
      int endOfText,
      byte[][] ordinary) {
    this.settings = settings;
    this.vocabulary = vocabulary;
    this.merges = merges;
    this.specials = specials;
    this.template = template;
    this.endOfText = endOfText;
    Arrays.fill(byteIds, -1);
    pieces = settings.wholePieces ? new BytesTable() : null;
    for (int id = 0; id < ordinary.length; id++) {
      byte[] token = ordinary[id];
      if (token == null) {
        continue;
      }
      if (token.length == 1) {
        byteIds[token[0] & 0xff] = id;
      }
      if (pieces != null) {
        int number = pieces.add(token, 0, token.length);
        if (number == pieceIds.length) {
          pieceIds = Arrays.copyOf(pieceIds, Math.max(ordinary.length, number + 1));
        }
        pieceIds[number] = id;
      }
    }
  }

  private static byte[][] ordinary(byte[][] tokens, Map<String, Integer> specials) {
    byte[][] ordinary = tokens.clone();
    for (int id : specials.values()) {
      if (id < ordinary.length) {
        ordinary[id] = null;
      }
    }
    return ordinary;
  }

  /** The same tokenizer with another special token at the end of documents. */
  public ByteLevelTokenizer withEndOfText(int id) {
    if (!specials.ids().containsValue(id)) {
      throw new IllegalArgumentException("id " + id + " is no special token");
    }
    byte[][] tokens = new byte[vocabulary.size()][];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = vocabulary.has(i) ? vocabulary.bytes(i) : null;
    }
    return new ByteLevelTokenizer(
        settings, vocabulary, merges, specials, template, id, ordinary(tokens, specials.ids()));
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  /**
   * {@inheritDoc}
   *
   * <p>An unpaired surrogate, which is no character, becomes a question mark.
   */
  @Override
  public int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Token ids of any bytes, UTF-8 or not; special tokens in them are recognised. */
  public int[] encode(byte[] text) {
    return encode(text, specials, true);
  }

  @Override
  public int[] encodeContinuation(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8), specials, false);
  }

  @Override
  public int[] encodeOrdinary(String text) {
    return encodeOrdinary(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Token ids of any bytes, UTF-8 or not, taken literally. */
  public int[] encodeOrdinary(byte[] text) {
    return encode(text, null, true);
  }

  private int[] encode(byte[] text, SpecialTokens recognised, boolean begins) {
    Encoding encoding = idle.poll();
    if (encoding == null) {
      encoding = new Encoding();
    }
    try {
      return encoding.encode(text, recognised, begins);
    } finally {
      idle.add(encoding);
    }
  }

  @Override
  public int[] encodePrompt(String text) {
    return template.prompt(encode(text));
  }

  @Override
  public byte[] decode(int[] ids, int from, int to) {
    return vocabulary.decode(ids, from, to);
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
    if (fingerprint == 0) {
      String kind =
          settings.splitter.pattern() + settings.prefixSpace + settings.wholePieces + endOfText;
      fingerprint = vocabulary.fingerprint(merges, specials.ids(), kind) | 1;
    }
    return fingerprint;
  }

  /** The working memory of one thread's encoding. */
  private final class Encoding implements Splitter.Pieces {
    private final PieceCache cache = new PieceCache();
    private final PairMerger merger = new PairMerger(merges);
    private int[] ids = new int[1024];
    private int count;

    int[] encode(byte[] text, SpecialTokens recognised, boolean begins) {
      count = 0;
      int from = 0;
      while (recognised != null && from < text.length) {
        SpecialTokens.Match match = recognised.find(text, from, text.length);
        if (match == null) {
          break;
        }
        section(text, from, match.from(), begins || from > 0);
        reserve(1);
        ids[count++] = match.id();
        from = match.to();
      }
      section(text, from, text.length, begins || from > 0);
      int[] result = Arrays.copyOf(ids, count);
      if (ids.length > 1 << 20) {
        ids = new int[1024];
      }
      return result;
    }

    private void section(byte[] text, int from, int to, boolean begins) {
      if (from == to) {
        return;
      }
      if (settings.prefixSpace && begins && text[from] != ' ') {
        byte[] prefixed = new byte[to - from + 1];
        prefixed[0] = ' ';
        System.arraycopy(text, from, prefixed, 1, to - from);
        settings.splitter.split(prefixed, 0, prefixed.length, this);
      } else {
        settings.splitter.split(text, from, to, this);
      }
    }

    private void reserve(int room) {
      if (ids.length - count < room) {
        ids = Arrays.copyOf(ids, Math.max(2 * ids.length, count + room));
      }
    }

    @Override
    public void piece(byte[] text, int from, int to) {
      reserve(Math.max(to - from, PieceCache.MAX_PIECE_BYTES));
      int end = cache.get(text, from, to, ids, count);
      if (end < 0) {
        end = count + merge(text, from, to);
        cache.put(text, from, to, ids, count, end);
      }
      count = end;
    }

    private int merge(byte[] text, int from, int to) {
      if (pieces != null) {
        int number = pieces.find(text, from, to);
        if (number >= 0) {
          ids[count] = pieceIds[number];
          return 1;
        }
      }
      int[] symbols = merger.symbols(to - from);
      for (int i = from; i < to; i++) {
        int id = byteIds[text[i] & 0xff];
        if (id < 0) {
          throw new IllegalArgumentException(
              String.format("the vocabulary has no token for the byte 0x%02x", text[i]));
        }
        symbols[i - from] = id;
      }
      int left = merger.merge(to - from);
      System.arraycopy(symbols, 0, ids, count, left);
      return left;
    }
  }
}
