package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two loops that read a key-value cache, for one head of one position, F32 or BF16. They are
 * what decoding's attention spends its time in, so they call nothing but the Vector API: see {@link
 * ScoreColumn}.
 */
final class CachedVectors {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LENGTH = Lanes.LENGTH;

  private CachedVectors() {}

  /**
   * The product of a cached key and a query, not yet summed across lanes.
   *
   * @param key of elements of {@code bytes} bytes
   * @param query F32, padded with zeros to whole vectors
   */
  static void dot(long key, int bytes, long query, int headDim, long sums) {
    if (bytes == Float.BYTES) {
      TileRows.dot(key, query, headDim, sums);
    } else {
      dotBf16(key, query, headDim, sums);
    }
  }

  private static void dotBf16(long key, long query, int headDim, long sums) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int column = 0;
    for (; column + LENGTH <= headDim; column += LENGTH) {
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, key + column * 2L, ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      sum = x.fma(FloatVector.fromMemorySegment(FLOATS, MEMORY, query + column * 4L, ORDER), sum);
    }
    if (column < headDim) {
      VectorMask<Short> mask = SHORTS.indexInRange(column, headDim);
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, key + column * 2L, ORDER, mask)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      sum = x.fma(FloatVector.fromMemorySegment(FLOATS, MEMORY, query + column * 4L, ORDER), sum);
    }
    sum.intoMemorySegment(MEMORY, sums, ORDER);
  }

  /**
   * Adds {@code factor} times a cached value to an output.
   *
   * @param value of elements of {@code bytes} bytes
   * @param output F32, in whole vectors
   */
  static void addMultiple(float factor, long value, int bytes, int headDim, long output) {
    if (bytes == Float.BYTES) {
      addMultiple(factor, value, headDim, output);
    } else {
      addMultipleBf16(factor, value, headDim, output);
    }
  }

  private static void addMultiple(float factor, long value, int headDim, long output) {
    FloatVector p = FloatVector.broadcast(FLOATS, factor);
    int column = 0;
    for (; column + LENGTH <= headDim; column += LENGTH) {
      FloatVector x = FloatVector.fromMemorySegment(FLOATS, MEMORY, value + column * 4L, ORDER);
      x.fma(p, FloatVector.fromMemorySegment(FLOATS, MEMORY, output + column * 4L, ORDER))
          .intoMemorySegment(MEMORY, output + column * 4L, ORDER);
    }
    if (column < headDim) {
      VectorMask<Float> mask = FLOATS.indexInRange(column, headDim);
      FloatVector x =
          FloatVector.fromMemorySegment(FLOATS, MEMORY, value + column * 4L, ORDER, mask);
      x.fma(p, FloatVector.fromMemorySegment(FLOATS, MEMORY, output + column * 4L, ORDER))
          .intoMemorySegment(MEMORY, output + column * 4L, ORDER);
    }
  }

  private static void addMultipleBf16(float factor, long value, int headDim, long output) {
    FloatVector p = FloatVector.broadcast(FLOATS, factor);
    int column = 0;
    for (; column + LENGTH <= headDim; column += LENGTH) {
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, value + column * 2L, ORDER)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      x.fma(p, FloatVector.fromMemorySegment(FLOATS, MEMORY, output + column * 4L, ORDER))
          .intoMemorySegment(MEMORY, output + column * 4L, ORDER);
    }
    if (column < headDim) {
      VectorMask<Short> mask = SHORTS.indexInRange(column, headDim);
      FloatVector x =
          ((IntVector)
                  ShortVector.fromMemorySegment(SHORTS, MEMORY, value + column * 2L, ORDER, mask)
                      .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
              .lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats();
      x.fma(p, FloatVector.fromMemorySegment(FLOATS, MEMORY, output + column * 4L, ORDER))
          .intoMemorySegment(MEMORY, output + column * 4L, ORDER);
    }
  }
}
