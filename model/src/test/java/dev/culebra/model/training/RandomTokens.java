package dev.culebra.model.training;

import dev.culebra.runtime.Philox;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sequences that a seed and a rule fix, each a function of its number, so that any place can be
 * sought.
 */
final class RandomTokens implements BatchSource {
  private static final long SEQUENCES_PER_EPOCH = 100;

  private final int vocabulary;
  private final int seed;
  private long sequence;

  RandomTokens(int vocabulary, int seed) {
    this.vocabulary = vocabulary;
    this.seed = seed;
  }

  @Override
  public void next(
      int batch, int length, MemorySegment tokens, MemorySegment targets, MemorySegment documents) {
    for (int b = 0; b < batch; b++, sequence++) {
      for (int t = 0; t < length; t++) {
        long at = (long) b * length + t;
        tokens.setAtIndex(ValueLayout.JAVA_INT, at, token(t));
        boolean predicted = token(t) % 5 != 0;
        targets.setAtIndex(ValueLayout.JAVA_INT, at, predicted ? token(t + 1) : -1);
        if (documents != null) {
          documents.setAtIndex(ValueLayout.JAVA_INT, at, 3 * t / length);
        }
      }
    }
  }

  /** A random beginning, then a rule that a model can learn. */
  private int token(int t) {
    int word = Philox.word(seed, 0, (int) sequence, (int) (sequence >>> 32), 0, 0, 0);
    int token = Integer.remainderUnsigned(word, vocabulary);
    for (int i = 0; i < t; i++) {
      token = (3 * token + 7) % vocabulary;
    }
    return token;
  }

  @Override
  public DataPosition position() {
    return new DataPosition(sequence / SEQUENCES_PER_EPOCH, sequence % SEQUENCES_PER_EPOCH);
  }

  @Override
  public void seek(DataPosition position) {
    sequence = position.epoch() * SEQUENCES_PER_EPOCH + position.sequence();
  }

  @Override
  public String identity() {
    return "random tokens below " + vocabulary + ", seed " + seed;
  }
}
