package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * What is done to a column of a {@link ScoreTile}, one vector of queries wide, from key to key.
 *
 * <p>Each loop is a method of its own, calls nothing but the Vector API and passes its results
 * through memory: a vector that crosses a call that the compiler does not inline is boxed on the
 * heap.
 */
final class ScoreColumn {
  /** Bytes from key to key. */
  static final long ROW = ScoreTile.bytes(1, Float.BYTES);

  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

  /** Adding it rounds a float of magnitude below 2^22 to an integer, kept in its low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int EXPONENT_BIAS = 127;
  private static final int FRACTION_BITS = 23;
  private static final float LOWEST = -126f;

  private ScoreColumn() {}

  static void clear(long column, int keys) {
    for (int key = 0; key < keys; key++) {
      FloatVector.zero(FLOATS).intoMemorySegment(MEMORY, column + key * ROW, ORDER);
    }
  }

  /**
   * Sets scores to {@code hidden} where a query does not see a key.
   *
   * @param scores address of the column at key {@code from}
   * @param first the column's queries' first visible keys, see {@link VisibleKeys}
   * @param end the queries' ends of visible keys
   */
  static void mask(long scores, int from, int to, long first, long end, float hidden) {
    IntVector firsts = IntVector.fromMemorySegment(INTS, MEMORY, first, ORDER);
    IntVector ends = IntVector.fromMemorySegment(INTS, MEMORY, end, ORDER);
    for (int key = from; key < to; key++) {
      VectorMask<Float> visible =
          firsts
              .compare(VectorOperators.LE, key)
              .and(ends.compare(VectorOperators.GT, key))
              .cast(FLOATS);
      FloatVector score = FloatVector.fromMemorySegment(FLOATS, MEMORY, scores, ORDER);
      FloatVector.broadcast(FLOATS, hidden)
          .blend(score, visible)
          .intoMemorySegment(MEMORY, scores, ORDER);
      scores += ROW;
    }
  }

  /**
   * The largest of the scores times {@code scale} and of what {@code before} holds, NaN ignored,
   * goes to {@code maximum}.
   */
  static void maximum(long before, float scale, long scores, int keys, long maximum) {
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    FloatVector m = FloatVector.fromMemorySegment(FLOATS, MEMORY, before, ORDER);
    for (int key = 0; key < keys; key++) {
      FloatVector s = FloatVector.fromMemorySegment(FLOATS, MEMORY, scores, ORDER).mul(factor);
      m = m.blend(s, s.compare(VectorOperators.GT, m));
      scores += ROW;
    }
    m.intoMemorySegment(MEMORY, maximum, ORDER);
  }

  /**
   * Replaces scores by {@code 2^(scale score - shift)} and adds these to {@code sum}.
   *
   * <p>The power is 2^n times a minimax polynomial on [-0.5, 0.5] that is off by at most 2.6e-9 of
   * the value: within 1 ulp, exact at 0, and 0 below -126, where results would be subnormal. NaN
   * stays NaN. Exponents above 127 are the caller's to avoid.
   */
  static void exponentials(float scale, long shift, long sum, long scores, int keys) {
    FloatVector factor = FloatVector.broadcast(FLOATS, scale);
    FloatVector subtracted = FloatVector.fromMemorySegment(FLOATS, MEMORY, shift, ORDER).neg();
    FloatVector total = FloatVector.fromMemorySegment(FLOATS, MEMORY, sum, ORDER);
    for (int key = 0; key < keys; key++) {
      FloatVector x =
          FloatVector.fromMemorySegment(FLOATS, MEMORY, scores, ORDER).fma(factor, subtracted);
      FloatVector shifted = x.add(ROUNDER); // the integer part ends up in the low bits
      FloatVector r = x.sub(shifted.sub(ROUNDER));
      FloatVector p = r.fma(0x1.470b4ap-13f, 0x1.5f7276p-10f);
      p = p.fma(r, FloatVector.broadcast(FLOATS, 0x1.3b270ep-7f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 0x1.c6ae72p-5f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 0x1.ebfbe2p-3f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 0x1.62e432p-1f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          shifted
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, FRACTION_BITS)
              .add(EXPONENT_BIAS << FRACTION_BITS)
              .reinterpretAsFloats();
      p = p.mul(power).blend(0f, x.compare(VectorOperators.LT, LOWEST));
      total = total.add(p);
      p.intoMemorySegment(MEMORY, scores, ORDER);
      scores += ROW;
    }
    total.intoMemorySegment(MEMORY, sum, ORDER);
  }

  /** Replaces the gradients g of probabilities p by those of scores, {@code p (g - delta)}. */
  static void scoreGradients(long probabilities, long deltas, long gradients, int keys) {
    FloatVector delta = FloatVector.fromMemorySegment(FLOATS, MEMORY, deltas, ORDER);
    for (int key = 0; key < keys; key++) {
      FloatVector p = FloatVector.fromMemorySegment(FLOATS, MEMORY, probabilities, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, MEMORY, gradients, ORDER);
      g.sub(delta).mul(p).intoMemorySegment(MEMORY, gradients, ORDER);
      probabilities += ROW;
      gradients += ROW;
    }
  }

  /** Multiplies a column by adjacent vectors of factors. */
  static void multiply(long column, long factors, int keys) {
    for (int key = 0; key < keys; key++) {
      FloatVector factor = FloatVector.fromMemorySegment(FLOATS, MEMORY, factors, ORDER);
      FloatVector.fromMemorySegment(FLOATS, MEMORY, column, ORDER)
          .mul(factor)
          .intoMemorySegment(MEMORY, column, ORDER);
      column += ROW;
      factors += VECTOR;
    }
  }
}
