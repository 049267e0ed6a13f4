package dev.culebra.runtime.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Inner products of a row of weights with a row of inputs. */
final class RowProducts {
  private static final int LANES = Lanes.LENGTH;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, Lanes.FLOATS.vectorShape());

  /** The upper of the two bfloat16 in an int, as a float's bits. */
  private static final int UPPER = 0xFFFF0000;

  /** Inputs are padded with zeros to a multiple of this, which loops over them may then overrun. */
  private static final int PADDING = Math.max(QuantizedRows.BLOCK, 2 * LANES);

  private static final VectorShuffle<Float> EVEN = VectorShuffle.makeUnzip(Lanes.FLOATS, 0);
  private static final VectorShuffle<Float> ODD = VectorShuffle.makeUnzip(Lanes.FLOATS, 1);

  private RowProducts() {}

  static long padded(long columns) {
    return (columns + PADDING - 1) / PADDING * PADDING;
  }

  /**
   * Copies a row of inputs as F32, padded with zeros.
   *
   * @param split whether of each {@code 2 LENGTH} elements those of even index come first, then
   *     those of odd index, as {@link #dotBf16} wants them; a remainder stays in order
   */
  static void copyInput(long from, int bytes, long columns, long to, boolean split) {
    long whole = columns / (2 * LANES) * (2 * LANES);
    Moves.convert(from, bytes, to, Float.BYTES, Math.toIntExact(columns));
    for (long i = columns; i < padded(columns); i++) {
      Lanes.set(to + i * Float.BYTES, 0);
    }
    if (split) {
      for (long i = 0; i < whole; i += 2 * LANES) {
        FloatVector first = Lanes.load(to + i * Float.BYTES);
        FloatVector second = Lanes.load(to + (i + LANES) * Float.BYTES);
        Lanes.store(first.rearrange(EVEN, second), to + i * Float.BYTES);
        Lanes.store(first.rearrange(ODD, second), to + (i + LANES) * Float.BYTES);
      }
    }
  }

  /** F32 weights by inputs in order. */
  static float dot(long weights, long x, long k) {
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long i = 0;
    for (; i <= k - 4 * LANES; i += 4 * LANES) {
      long w = weights + i * Float.BYTES;
      long v = x + i * Float.BYTES;
      s0 = Lanes.load(w).fma(Lanes.load(v), s0);
      s1 = Lanes.load(w + 4L * LANES).fma(Lanes.load(v + 4L * LANES), s1);
      s2 = Lanes.load(w + 8L * LANES).fma(Lanes.load(v + 8L * LANES), s2);
      s3 = Lanes.load(w + 12L * LANES).fma(Lanes.load(v + 12L * LANES), s3);
    }
    for (; i < k; i += LANES) {
      VectorMask<Float> mask = Lanes.first((int) Math.min(LANES, k - i));
      s0 = Lanes.load(weights + i * 4, mask).fma(Lanes.load(x + i * 4), s0);
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  /**
   * BF16 weights, two to an int: the lower, of even index, becomes a float by a shift, the upper by
   * a mask, which is cheaper than widening them in order.
   */
  static float dotBf16(long weights, long x, long k) {
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long i = 0;
    for (; i <= k - 4 * LANES; i += 4 * LANES) {
      IntVector a = ints(weights + 2 * i);
      IntVector b = ints(weights + 2 * i + 4L * LANES);
      long v = x + i * Float.BYTES;
      s0 = even(a).fma(Lanes.load(v), s0);
      s1 = odd(a).fma(Lanes.load(v + 4L * LANES), s1);
      s2 = even(b).fma(Lanes.load(v + 8L * LANES), s2);
      s3 = odd(b).fma(Lanes.load(v + 12L * LANES), s3);
    }
    if (i <= k - 2 * LANES) {
      IntVector a = ints(weights + 2 * i);
      s0 = even(a).fma(Lanes.load(x + i * Float.BYTES), s0);
      s1 = odd(a).fma(Lanes.load(x + (i + LANES) * Float.BYTES), s1);
      i += 2 * LANES;
    }
    for (; i < k; i += LANES) {
      VectorMask<Float> mask = Lanes.first((int) Math.min(LANES, k - i));
      s0 = Lanes.loadBf16(weights + 2 * i, mask).fma(Lanes.load(x + i * 4), s0);
    }
    return Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  /**
   * {@link #dotBf16} of one row of weights with four rows of inputs.
   *
   * @param stride bytes from one row of inputs to the next
   * @param outStride bytes from one product to the next, F32
   */
  static void dotBf16x4(long weights, long x, long stride, long k, long out, long outStride) {
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long i = 0;
    for (; i <= k - 2 * LANES; i += 2 * LANES) {
      IntVector pairs = ints(weights + 2 * i);
      FloatVector even = even(pairs);
      FloatVector odd = odd(pairs);
      long v = x + i * Float.BYTES;
      long next = (long) LANES * Float.BYTES;
      s0 = odd.fma(Lanes.load(v + next), even.fma(Lanes.load(v), s0));
      v += stride;
      s1 = odd.fma(Lanes.load(v + next), even.fma(Lanes.load(v), s1));
      v += stride;
      s2 = odd.fma(Lanes.load(v + next), even.fma(Lanes.load(v), s2));
      v += stride;
      s3 = odd.fma(Lanes.load(v + next), even.fma(Lanes.load(v), s3));
    }
    for (; i < k; i += LANES) {
      VectorMask<Float> mask = Lanes.first((int) Math.min(LANES, k - i));
      FloatVector w = Lanes.loadBf16(weights + 2 * i, mask);
      long v = x + i * Float.BYTES;
      s0 = w.fma(Lanes.load(v), s0);
      s1 = w.fma(Lanes.load(v + stride), s1);
      s2 = w.fma(Lanes.load(v + 2 * stride), s2);
      s3 = w.fma(Lanes.load(v + 3 * stride), s3);
    }
    Lanes.set(out, Lanes.sum(s0));
    Lanes.set(out + outStride, Lanes.sum(s1));
    Lanes.set(out + 2 * outStride, Lanes.sum(s2));
    Lanes.set(out + 3 * outStride, Lanes.sum(s3));
  }

  /** {@link #dot} of one row of weights with four rows of inputs. */
  static void dotx4(long weights, long x, long stride, long k, long out, long outStride) {
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    long i = 0;
    for (; i <= k - LANES; i += LANES) {
      FloatVector w = Lanes.load(weights + i * Float.BYTES);
      long v = x + i * Float.BYTES;
      s0 = w.fma(Lanes.load(v), s0);
      s1 = w.fma(Lanes.load(v + stride), s1);
      s2 = w.fma(Lanes.load(v + 2 * stride), s2);
      s3 = w.fma(Lanes.load(v + 3 * stride), s3);
    }
    if (i < k) {
      FloatVector w = Lanes.load(weights + i * Float.BYTES, Lanes.first((int) (k - i)));
      long v = x + i * Float.BYTES;
      s0 = w.fma(Lanes.load(v), s0);
      s1 = w.fma(Lanes.load(v + stride), s1);
      s2 = w.fma(Lanes.load(v + 2 * stride), s2);
      s3 = w.fma(Lanes.load(v + 3 * stride), s3);
    }
    Lanes.set(out, Lanes.sum(s0));
    Lanes.set(out + outStride, Lanes.sum(s1));
    Lanes.set(out + 2 * outStride, Lanes.sum(s2));
    Lanes.set(out + 3 * outStride, Lanes.sum(s3));
  }

  private static IntVector ints(long address) {
    return IntVector.fromMemorySegment(INTS, HostMemory.ALL, address, ByteOrder.nativeOrder());
  }

  private static FloatVector even(IntVector pairs) {
    return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector odd(IntVector pairs) {
    return pairs.and(UPPER).reinterpretAsFloats();
  }
}
