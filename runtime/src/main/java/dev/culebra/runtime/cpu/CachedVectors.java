package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops that read one position of a key-value cache, F32 or BF16, for all heads. They are what
 * decoding's attention spends its time in: what they call is so small that it is always inlined,
 * see {@link ScoreColumn}, and heads of four vectors, the usual ones, are taken without a loop,
 * which costs more than its body.
 *
 * <p>BF16 heads of whole pairs of vectors are not widened in order, but read as pairs in an int,
 * see {@link RowProducts#dotBf16}: queries and outputs then lie {@linkplain #split split}.
 */
final class CachedVectors {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;
  private static final int UPPER = 0xFFFF0000;
  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(FLOATS, 0);
  private static final VectorShuffle<Float> ODD = VectorShuffle.makeUnzip(FLOATS, 1);

  private CachedVectors() {}

  /** Query heads, how many of them share a key head, and columns of a head. */
  record Heads(int count, int group, int columns) {
    /** Bytes of a head's columns in F32, padded to whole vectors. */
    long paddedBytes() {
      return TileRows.padded(columns) * (long) Float.BYTES;
    }

    /** Whether queries and outputs lie split beside keys and values of so many bytes. */
    boolean split(int bytes) {
      return bytes == DType.BF16.bytes() && columns % (2 * LENGTH) == 0;
    }
  }

  /**
   * Copies queries so that of each two vectors the elements of even index come first, then those of
   * odd index. An element at a time: it is done once a row, and shuffles may box their vectors.
   */
  static void split(long from, long bytes, long to) {
    for (long at = 0; at < bytes; at += 2 * VECTOR) {
      for (long i = 0; i < VECTOR; i += Float.BYTES) {
        Lanes.set(to + at + i, Lanes.get(from + at + 2 * i));
        Lanes.set(to + at + VECTOR + i, Lanes.get(from + at + 2 * i + Float.BYTES));
      }
    }
  }

  /** Undoes {@link #split}. */
  static void unsplit(long from, long bytes, long to) {
    for (long at = 0; at < bytes; at += 2 * VECTOR) {
      for (long i = 0; i < VECTOR; i += Float.BYTES) {
        Lanes.set(to + at + 2 * i, Lanes.get(from + at + i));
        Lanes.set(to + at + 2 * i + Float.BYTES, Lanes.get(from + at + VECTOR + i));
      }
    }
  }

  /**
   * The products of a cached key with the queries of all heads, not yet summed across lanes.
   *
   * @param key of elements of {@code bytes} bytes
   * @param query F32, each head padded with zeros to whole vectors
   * @param sums a vector for head 0, those of the others {@code LENGTH} vectors apart
   */
  static void dots(Heads heads, long key, int bytes, long query, long sums) {
    int columns = heads.columns;
    int group = heads.group;
    long padded = heads.paddedBytes();
    boolean split = heads.split(bytes);
    for (int head = 0, member = 1; head < heads.count; head++, member++) {
      if (split) {
        dotPairs(key, query, columns, sums);
      } else if (bytes == Float.BYTES) {
        dot(key, query, columns, sums);
      } else {
        dotBf16(key, query, columns, sums);
      }
      query += padded;
      sums += LENGTH * VECTOR;
      if (member == group) {
        key += (long) columns * bytes;
        member = 0;
      }
    }
  }

  private static void dotPairs(long key, long query, int columns, long sums) {
    IntVector x = ints(key);
    FloatVector s0 = even(x).mul(floats(query));
    FloatVector s1 = odd(x).mul(floats(query + VECTOR));
    if (columns == 4 * LENGTH) {
      IntVector y = ints(key + VECTOR);
      s0 = even(y).fma(floats(query + 2 * VECTOR), s0);
      s1 = odd(y).fma(floats(query + 3 * VECTOR), s1);
    } else {
      for (int column = 2 * LENGTH; column < columns; column += 2 * LENGTH) {
        IntVector y = ints(key + column * 2L);
        long q = query + column * 4L;
        s0 = even(y).fma(floats(q), s0);
        s1 = odd(y).fma(floats(q + VECTOR), s1);
      }
    }
    store(s0.add(s1), sums);
  }

  private static void dot(long key, long query, int columns, long sums) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    if (columns == 4 * LENGTH) {
      FloatVector s1 = floats(key + VECTOR).mul(floats(query + VECTOR));
      s0 = floats(key).mul(floats(query));
      s1 = floats(key + 3 * VECTOR).fma(floats(query + 3 * VECTOR), s1);
      s0 = floats(key + 2 * VECTOR).fma(floats(query + 2 * VECTOR), s0).add(s1);
    } else {
      int column = 0;
      for (; column <= columns - LENGTH; column += LENGTH) {
        s0 = floats(key + column * 4L).fma(floats(query + column * 4L), s0);
      }
      if (column < columns) {
        VectorMask<Float> mask = FLOATS.indexInRange(column, columns);
        FloatVector x =
            FloatVector.fromMemorySegment(FLOATS, MEMORY, key + column * 4L, ORDER, mask);
        s0 = x.fma(floats(query + column * 4L), s0);
      }
    }
    store(s0, sums);
  }

  private static void dotBf16(long key, long query, int columns, long sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int column = 0; column < columns; column += LENGTH) {
      VectorMask<Short> mask = SHORTS.indexInRange(column, columns);
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, key + column * 2L, ORDER, mask)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      sum = x.fma(floats(query + column * 4L), sum);
    }
    store(sum, sums);
  }

  /**
   * Sums as many adjacent vectors as there are lanes across their lanes: lane i of the first vector
   * becomes the sum of vector i, neighbours first. The others are overwritten.
   */
  static void sumAcross(long vectors) {
    for (int count = LENGTH; count > 1; count /= 2) {
      for (int i = 0; i < count; i += 2) {
        FloatVector a = floats(vectors + i * VECTOR);
        FloatVector b = floats(vectors + (i + 1) * VECTOR);
        a.rearrange(EVEN, b)
            .add(a.rearrange(ODD, b))
            .intoMemorySegment(MEMORY, vectors + i / 2 * VECTOR, ORDER);
      }
    }
  }

  /** Copies a vector of scores and returns the largest of them. */
  static float largest(long scores, long copy) {
    FloatVector x = floats(scores);
    store(x, copy);
    if (LENGTH > 32) {
      x = x.max(x.rearrange(Lanes.BY_32));
    }
    if (LENGTH > 16) {
      x = x.max(x.rearrange(Lanes.BY_16));
    }
    if (LENGTH > 8) {
      x = x.max(x.rearrange(Lanes.BY_8));
    }
    if (LENGTH > 4) {
      x = x.max(x.rearrange(Lanes.BY_4));
    }
    if (LENGTH > 2) {
      x = x.max(x.rearrange(Lanes.BY_2));
    }
    return x.max(x.rearrange(Lanes.BY_1)).lane(0);
  }

  static void fill(long vector, float value) {
    FloatVector.broadcast(FLOATS, value).intoMemorySegment(MEMORY, vector, ORDER);
  }

  /**
   * Adds a cached value times each head's factor to the heads' outputs.
   *
   * @param factors F32: one of head 0, those of the others a vector apart
   * @param value of elements of {@code bytes} bytes
   * @param output F32, each head in whole vectors
   */
  static void addMultiples(Heads heads, long factors, long value, int bytes, long output) {
    int columns = heads.columns;
    int group = heads.group;
    long padded = heads.paddedBytes();
    boolean split = heads.split(bytes);
    for (int head = 0, member = 1; head < heads.count; head++, member++) {
      if (split) {
        addPairs(Lanes.get(factors), value, columns, output);
      } else if (bytes == Float.BYTES) {
        addMultiple(Lanes.get(factors), value, columns, output);
      } else {
        addMultipleBf16(Lanes.get(factors), value, columns, output);
      }
      factors += VECTOR;
      output += padded;
      if (member == group) {
        value += (long) columns * bytes;
        member = 0;
      }
    }
  }

  private static void addPairs(float factor, long value, int columns, long output) {
    FloatVector p = FloatVector.broadcast(FLOATS, factor);
    IntVector x = ints(value);
    store(even(x).fma(p, floats(output)), output);
    store(odd(x).fma(p, floats(output + VECTOR)), output + VECTOR);
    if (columns == 4 * LENGTH) {
      IntVector y = ints(value + VECTOR);
      store(even(y).fma(p, floats(output + 2 * VECTOR)), output + 2 * VECTOR);
      store(odd(y).fma(p, floats(output + 3 * VECTOR)), output + 3 * VECTOR);
    } else {
      for (int column = 2 * LENGTH; column < columns; column += 2 * LENGTH) {
        IntVector y = ints(value + column * 2L);
        long o = output + column * 4L;
        store(even(y).fma(p, floats(o)), o);
        store(odd(y).fma(p, floats(o + VECTOR)), o + VECTOR);
      }
    }
  }

  private static void addMultiple(float factor, long value, int columns, long output) {
    FloatVector p = FloatVector.broadcast(FLOATS, factor);
    if (columns == 4 * LENGTH) {
      store(floats(value).fma(p, floats(output)), output);
      store(floats(value + VECTOR).fma(p, floats(output + VECTOR)), output + VECTOR);
      store(floats(value + 2 * VECTOR).fma(p, floats(output + 2 * VECTOR)), output + 2 * VECTOR);
      store(floats(value + 3 * VECTOR).fma(p, floats(output + 3 * VECTOR)), output + 3 * VECTOR);
      return;
    }
    int column = 0;
    for (; column <= columns - LENGTH; column += LENGTH) {
      long o = output + column * 4L;
      store(floats(value + column * 4L).fma(p, floats(o)), o);
    }
    if (column < columns) {
      VectorMask<Float> mask = FLOATS.indexInRange(column, columns);
      long o = output + column * 4L;
      FloatVector x =
          FloatVector.fromMemorySegment(FLOATS, MEMORY, value + column * 4L, ORDER, mask);
      store(x.fma(p, floats(o)), o);
    }
  }

  private static void addMultipleBf16(float factor, long value, int columns, long output) {
    FloatVector p = FloatVector.broadcast(FLOATS, factor);
    for (int column = 0; column < columns; column += LENGTH) {
      VectorMask<Short> mask = SHORTS.indexInRange(column, columns);
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, value + column * 2L, ORDER, mask)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      long o = output + column * 4L;
      store(x.fma(p, floats(o)), o);
    }
  }

  private static FloatVector floats(long address) {
    return FloatVector.fromMemorySegment(FLOATS, MEMORY, address, ORDER);
  }

  private static void store(FloatVector x, long address) {
    x.intoMemorySegment(MEMORY, address, ORDER);
  }

  private static IntVector ints(long address) {
    return IntVector.fromMemorySegment(INTS, MEMORY, address, ORDER);
  }

  private static FloatVector even(IntVector pairs) {
    return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector odd(IntVector pairs) {
    return pairs.and(UPPER).reinterpretAsFloats();
  }
}
