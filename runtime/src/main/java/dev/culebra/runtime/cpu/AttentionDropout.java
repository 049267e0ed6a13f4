package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Dropout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Draws {@link Dropout}'s factors, 0 or {@code 1 / (1 - probability)}, for a column of a {@link
 * ScoreTile}. The lanes are queries and so lie T elements apart, each with its own Philox counter
 * and, where T is no multiple of four, its own word to begin with.
 */
final class AttentionDropout {
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;
  private static final int WORDS = 4;

  private static final long BLOCKS = 3 * VECTOR;

  private final float probability;
  private final int site;
  private final long random;

  private AttentionDropout(Dropout dropout) {
    probability = dropout.probability();
    site = dropout.site();
    random = dropout.random().address();
  }

  /**
   * Scratch bytes: counters, word offsets and two Philox blocks after a column of factors for so
   * many keys, which is filled in whole blocks.
   */
  static long bytes(int keys) {
    return (keys + 3 * WORDS + 3) * VECTOR;
  }

  /** Null where nothing is dropped. */
  static AttentionDropout of(Dropout dropout) {
    return dropout == null || dropout.probability() == 0 ? null : new AttentionDropout(dropout);
  }

  /**
   * Writes the factors of {@code keys} keys, one vector each.
   *
   * @param element index of the first lane's first key
   * @param stride from lane to lane
   * @param scratch of {@link #bytes}; begins with the factors
   */
  void factors(long element, long stride, int keys, long scratch) {
    int key0 = Lanes.getInt(random);
    int key1 = Lanes.getInt(random + 4);
    int step = Lanes.getInt(random + 8);
    long counters = scratch + (keys + WORDS) * VECTOR;
    for (int lane = 0; lane < LENGTH; lane++) {
      long index = element + lane * stride;
      Lanes.setInt(counters + lane * 4L, (int) (index >>> 2));
      Lanes.setInt(counters + VECTOR + lane * 4L, (int) (index >>> 34));
      Lanes.setInt(counters + 2 * VECTOR + lane * 4L, (int) index & 3);
    }
    long words = counters + BLOCKS;
    long nextWords = words + WORDS * VECTOR;
    PhiloxLanes.block(key0, key1, counters, step, site, words);
    for (int key = 0; key < keys; key += WORDS) {
      increment(counters);
      PhiloxLanes.block(key0, key1, counters, step, site, nextWords);
      choose(words, counters + 2 * VECTOR, scratch + key * VECTOR);
      for (long at = words; at < nextWords; at += VECTOR) {
        Lanes.storeInts(Lanes.loadInts(at + WORDS * VECTOR), at);
      }
    }
  }

  private static void increment(long counters) {
    IntVector low = Lanes.loadInts(counters).add(1);
    IntVector high = Lanes.loadInts(counters + VECTOR);
    Lanes.storeInts(low, counters);
    Lanes.storeInts(high.add(1, low.compare(VectorOperators.EQ, 0)), counters + VECTOR);
  }

  /** Four keys' factors: each lane takes words of two adjacent blocks from its offset on. */
  private void choose(long words, long offsets, long factors) {
    IntVector offset = Lanes.loadInts(offsets);
    VectorMask<Integer> from1 = offset.compare(VectorOperators.EQ, 1);
    VectorMask<Integer> from2 = offset.compare(VectorOperators.EQ, 2);
    VectorMask<Integer> from3 = offset.compare(VectorOperators.EQ, 3);
    float kept = 1 / (1 - probability);
    for (int word = 0; word < WORDS; word++) {
      long at = words + word * VECTOR;
      IntVector drawn =
          Lanes.loadInts(at)
              .blend(Lanes.loadInts(at + VECTOR), from1)
              .blend(Lanes.loadInts(at + 2 * VECTOR), from2)
              .blend(Lanes.loadInts(at + 3 * VECTOR), from3);
      FloatVector uniform =
          ((FloatVector) drawn.lanewise(VectorOperators.LSHR, 8).convert(VectorOperators.I2F, 0))
              .mul(0x1p-24f);
      VectorMask<Float> keep = uniform.compare(VectorOperators.GE, probability);
      Lanes.store(Lanes.zero().blend(kept, keep), factors + word * VECTOR);
    }
  }
}
