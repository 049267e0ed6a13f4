package dev.culebra.model.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;

/**
 * Merges the most frequent pair of a list of counted words, over and over. Counts of pairs change
 * only where a merge touches them; a queue of candidates keeps overtaken counts and asks again when
 * one comes up.
 */
final class BytePairLearner {
  private static final int PROGRESS_EVERY = 256;

  /** A pair, how often it stands in the text, and the words it was seen in, some perhaps twice. */
  private static final class Pair {
    final int left;
    final int right;
    long count;

    /** The number of tokens when it last grew, so that it becomes a candidate once a merge. */
    int grownAt;

    int[] words = new int[4];
    int wordCount;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }

    void seenIn(int word) {
      if (wordCount > 0 && words[wordCount - 1] == word) {
        return;
      }
      if (wordCount == words.length) {
        words = Arrays.copyOf(words, 2 * wordCount);
      }
      words[wordCount++] = word;
    }
  }

  private record Candidate(Pair pair, long count) implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate other) {
      int byCount = Long.compare(other.count, count);
      int byLeft = byCount != 0 ? byCount : Integer.compare(pair.left, other.pair.left);
      return byLeft != 0 ? byLeft : Integer.compare(pair.right, other.pair.right);
    }
  }

  private final int[][] words;
  private final int[] lengths;
  private final long[] counts;
  private final List<byte[]> tokens = new ArrayList<>();
  private final MergeTable merges = new MergeTable(1024);
  private final Map<Long, Pair> pairs = new HashMap<>();
  private final PriorityQueue<Candidate> candidates = new PriorityQueue<>();

  /** Pairs that the merge at hand makes more frequent. */
  private final List<Pair> grown = new ArrayList<>();

  BytePairLearner(byte[][] texts, long[] counts) {
    this.counts = counts;
    words = new int[texts.length][];
    lengths = new int[texts.length];
    int[] ids = new int[256];
    for (int id = 0; id < 256; id++) {
      ids[ByteLevel.ALPHABET[id] & 0xff] = id;
      tokens.add(new byte[] {ByteLevel.ALPHABET[id]});
    }
    for (int w = 0; w < texts.length; w++) {
      byte[] text = texts[w];
      words[w] = new int[text.length];
      lengths[w] = text.length;
      for (int i = 0; i < text.length; i++) {
        words[w][i] = ids[text[i] & 0xff];
      }
    }
  }

  byte[][] tokens() {
    return tokens.toArray(byte[][]::new);
  }

  MergeTable merges() {
    return merges;
  }

  /** Learns until there are {@code size} tokens or no pairs; returns how many there are. */
  int learn(int size, IntConsumer progress) {
    for (int w = 0; w < words.length; w++) {
      for (int i = 0; i + 1 < lengths[w]; i++) {
        change(words[w][i], words[w][i + 1], counts[w], w);
      }
    }
    offerGrown();
    while (tokens.size() < size && !candidates.isEmpty()) {
      Candidate best = candidates.poll();
      Pair pair = best.pair;
      if (pair.count != best.count) {
        if (pair.count > 0) {
          candidates.add(new Candidate(pair, pair.count));
        }
        continue;
      }
      merge(pair);
      if (tokens.size() % PROGRESS_EVERY == 0) {
        progress.accept(tokens.size());
      }
    }
    progress.accept(tokens.size());
    return tokens.size();
  }

  private void merge(Pair pair) {
    int token = tokens.size();
    byte[] left = tokens.get(pair.left);
    byte[] right = tokens.get(pair.right);
    byte[] bytes = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, bytes, left.length, right.length);
    tokens.add(bytes);
    merges.add(pair.left, pair.right, token - 256, token);
    for (int i = 0; i < pair.wordCount; i++) {
      mergeIn(pair.words[i], pair.left, pair.right, token);
    }
    pair.count = 0;
    pair.words = new int[1];
    pair.wordCount = 0;
    offerGrown();
  }

  private void mergeIn(int w, int left, int right, int token) {
    int[] word = words[w];
    int length = lengths[w];
    int kept = 0;
    for (int i = 0; i < length; i++) {
      if (word[i] != left || i + 1 == length || word[i + 1] != right) {
        word[kept++] = word[i];
        continue;
      }
      if (kept > 0) {
        change(word[kept - 1], left, -counts[w], w);
        change(word[kept - 1], token, counts[w], w);
      }
      if (i + 2 < length) {
        change(right, word[i + 2], -counts[w], w);
        change(token, word[i + 2], counts[w], w);
      }
      word[kept++] = token;
      i++;
    }
    lengths[w] = kept;
  }

  private void change(int left, int right, long by, int word) {
    Pair pair = pairs.computeIfAbsent(MergeTable.pair(left, right), _ -> new Pair(left, right));
    if (by > 0) {
      if (pair.grownAt != tokens.size()) {
        pair.grownAt = tokens.size();
        grown.add(pair);
      }
      pair.seenIn(word);
    }
    pair.count += by;
  }

  /** Each grown pair becomes a candidate again, once, with the count that it has now. */
  private void offerGrown() {
    for (Pair pair : grown) {
      if (pair.count > 0) {
        candidates.add(new Candidate(pair, pair.count));
      }
    }
    grown.clear();
  }
}
