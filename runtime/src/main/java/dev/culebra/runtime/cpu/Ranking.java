package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tokens ranked by logit, equal ones by index. A key is a long that is the larger the more likely
 * its token is: the logit's bits in an order that integers have, then the inverted index. Keys are
 * kept in binary heaps with the smallest at the root, in memory that the caller owns.
 */
final class Ranking {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final long LOW_HALF = 0xFFFFFFFFL;

  private Ranking() {}

  static long key(float value, int index) {
    int bits = Float.floatToRawIntBits(value + 0f); // +0 makes the two zeros equal
    int ordered = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    return (long) ordered << 32 | ~index & LOW_HALF;
  }

  static int index(long key) {
    return ~(int) key;
  }

  static float value(long key) {
    int ordered = (int) (key >> 32);
    return Float.intBitsToFloat(ordered >= 0 ? ordered : ordered ^ Integer.MAX_VALUE);
  }

  static long get(long heap, int i) {
    return HostMemory.ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, heap + (long) i * Long.BYTES);
  }

  private static void set(long heap, int i, long key) {
    HostMemory.ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, heap + (long) i * Long.BYTES, key);
  }

  /**
   * Makes a heap of the keys of the {@code k} largest of {@code n} values. All but those that
   * displace an earlier one, k ln(n / k) in random order, are passed over a vector at a time.
   */
  static void largest(long values, int n, int k, long heap) {
    for (int i = 0; i < k; i++) {
      set(heap, i, key(value(values, i), i));
    }
    heapify(heap, k);
    float lowest = value(get(heap, 0));
    for (int i = k; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = values + (long) i * Float.BYTES;
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      long larger = x.compare(VectorOperators.GT, lowest).and(mask).toLong();
      while (larger != 0) {
        int index = i + Long.numberOfTrailingZeros(larger);
        long key = key(value(values, index), index);
        if (key > get(heap, 0)) {
          replaceRoot(heap, k, key);
        }
        larger &= larger - 1;
      }
      lowest = value(get(heap, 0));
    }
  }

  /** Stores the keys of the values whose weight is at least {@code bound}; how many there are. */
  static int atLeast(float bound, long values, long weights, int n, long keys) {
    int count = 0;
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = weights + (long) i * Float.BYTES;
      FloatVector weight = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      long found = weight.compare(VectorOperators.GE, bound).and(mask).toLong();
      while (found != 0) {
        int index = i + Long.numberOfTrailingZeros(found);
        set(keys, count, key(value(values, index), index));
        count++;
        found &= found - 1;
      }
    }
    return count;
  }

  /** Makes of any keys a heap of their complements: the root is then the largest key's. */
  static void reverse(long heap, int size) {
    for (int i = 0; i < size; i++) {
      set(heap, i, ~get(heap, i));
    }
    heapify(heap, size);
  }

  private static void heapify(long heap, int size) {
    for (int i = size / 2 - 1; i >= 0; i--) {
      siftDown(heap, size, i, get(heap, i));
    }
  }

  /** Puts a key in the place of the smallest. */
  static void replaceRoot(long heap, int size, long key) {
    siftDown(heap, size, 0, key);
  }

  private static void siftDown(long heap, int size, int i, long key) {
    for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && get(heap, child + 1) < get(heap, child)) {
        child++;
      }
      long smaller = get(heap, child);
      if (smaller >= key) {
        break;
      }
      set(heap, i, smaller);
      i = child;
    }
    set(heap, i, key);
  }

  private static float value(long values, int i) {
    return Lanes.get(values + (long) i * Float.BYTES);
  }
}
