package dev.culebra.model.tokenizer;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntConsumer;

/**
 * Learns a byte-level byte-pair vocabulary: again and again the most frequent pair of neighbours
 * becomes a token. Ids are the 256 bytes in GPT-2's order, the merges, the special tokens. The same
 * text gives the same tokenizer, in whatever order and by however many threads it was counted: of
 * equally frequent pairs that of the lowest ids goes first.
 */
public final class BytePairTrainer {
  /** Distinct pieces longer than this many bytes are counted in parts, for they are no words. */
  private static final int MAX_PIECE_BYTES = 256;

  private final int vocabularySize;
  private final Splitter splitter;
  private final List<String> specials;
  private final ConcurrentLinkedQueue<PieceCounts> counts = new ConcurrentLinkedQueue<>();

  /**
   * @param vocabularySize ids in all, special tokens among them
   * @param specials special tokens; text to learn from should not contain them
   */
  public BytePairTrainer(int vocabularySize, Splitter splitter, List<String> specials) {
    if (vocabularySize < 256 + specials.size()) {
      throw new IllegalArgumentException(
          "a vocabulary of "
              + vocabularySize
              + " has no room for 256 bytes and "
              + specials.size()
              + " special tokens");
    }
    this.vocabularySize = vocabularySize;
    this.splitter = splitter;
    this.specials = List.copyOf(specials);
  }

  /** Counts the pieces of a text. Safe for several threads at once. */
  public void add(byte[] utf8, int from, int to) {
    PieceCounts own = counts.poll();
    if (own == null) {
      own = new PieceCounts();
    }
    splitter.split(utf8, from, to, own);
    counts.add(own);
  }

  /**
   * Learns the merges of the text added so far.
   *
   * @param progress told the number of tokens from time to time
   * @return a tokenizer of the asked size, or a smaller one where the text has too few pairs
   */
  public ByteLevelTokenizer train(IntConsumer progress) {
    PieceCounts all = new PieceCounts();
    counts.forEach(all::addAll);
    BytePairLearner learner = new BytePairLearner(all.words(), all.counts());
    int size = learner.learn(vocabularySize - specials.size(), progress);
    Map<String, Integer> specialIds = new LinkedHashMap<>();
    for (String special : specials) {
      specialIds.put(special, size + specialIds.size());
    }
    return new ByteLevelTokenizer(
        new ByteLevelTokenizer.Settings(splitter, false, false),
        learner.tokens(),
        learner.merges(),
        specialIds,
        PromptTemplate.NONE);
  }

  /** How often each piece was seen. */
  private static final class PieceCounts implements Splitter.Pieces {
    private final BytesTable pieces = new BytesTable();
    private long[] counts = new long[1024];

    @Override
    public void piece(byte[] text, int from, int to) {
      for (int i = from; i < to; i += MAX_PIECE_BYTES) {
        count(text, i, Math.min(to, i + MAX_PIECE_BYTES), 1);
      }
    }

    private void count(byte[] text, int from, int to, long times) {
      int number = pieces.add(text, from, to);
      if (number == counts.length) {
        counts = Arrays.copyOf(counts, 2 * number);
      }
      counts[number] += times;
    }

    void addAll(PieceCounts others) {
      for (int i = 0; i < others.pieces.size(); i++) {
        byte[] piece = others.pieces.get(i);
        count(piece, 0, piece.length, others.counts[i]);
      }
    }

    byte[][] words() {
      byte[][] words = new byte[pieces.size()][];
      Arrays.setAll(words, pieces::get);
      return words;
    }

    long[] counts() {
      return Arrays.copyOf(counts, pieces.size());
    }
  }
}
