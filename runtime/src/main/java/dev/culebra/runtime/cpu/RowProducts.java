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
  private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
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

  /**
   * F32 weights by inputs in order. Like {@link #dotBf16} it calls nothing but the Vector API,
   * which is always inlined: a vector that crosses another call may be boxed on the heap, once a
   * row here.
   */
  static float dot(long weights, long x, long columns) {
    int k = (int) columns; // an int counter: with a long one C2 keeps every bounds check
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= k - 4 * LANES; i += 4 * LANES) {
      long w = weights + ((long) i << 2);
      long v = x + ((long) i << 2);
      s0 =
          FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, w, ORDER)
              .fma(FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, v, ORDER), s0);
      s1 =
          FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, w + VECTOR_BYTES, ORDER)
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + VECTOR_BYTES, ORDER),
                  s1);
      s2 =
          FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, w + 2 * VECTOR_BYTES, ORDER)
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + 2 * VECTOR_BYTES, ORDER),
                  s2);
      s3 =
          FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, w + 3 * VECTOR_BYTES, ORDER)
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + 3 * VECTOR_BYTES, ORDER),
                  s3);
    }
    s0 = s0.add(s1).add(s2.add(s3));
    for (; i < k; i += LANES) {
      VectorMask<Float> mask = Lanes.FLOATS.indexInRange(i, k);
      FloatVector w =
          FloatVector.fromMemorySegment(
              Lanes.FLOATS, HostMemory.ALL, weights + ((long) i << 2), ORDER, mask);
      s0 =
          w.fma(
              FloatVector.fromMemorySegment(
                  Lanes.FLOATS, HostMemory.ALL, x + ((long) i << 2), ORDER),
              s0);
    }
    if (LANES > 16) {
      s0 = s0.add(s0.rearrange(Lanes.BY_16));
    }
    if (LANES > 8) {
      s0 = s0.add(s0.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      s0 = s0.add(s0.rearrange(Lanes.BY_4));
    }
    if (LANES > 2) {
      s0 = s0.add(s0.rearrange(Lanes.BY_2));
    }
    return s0.add(s0.rearrange(Lanes.BY_1)).lane(0);
  }

  /**
   * BF16 weights, two to an int: the lower, of even index, becomes a float by a shift, the upper by
   * a mask, which is cheaper than widening them in order.
   */
  static float dotBf16(long weights, long x, long columns) {
    int k = (int) columns;
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= k - 4 * LANES; i += 4 * LANES) {
      IntVector a =
          IntVector.fromMemorySegment(INTS, HostMemory.ALL, weights + ((long) i << 1), ORDER);
      IntVector b =
          IntVector.fromMemorySegment(
              INTS, HostMemory.ALL, weights + ((long) i << 1) + VECTOR_BYTES, ORDER);
      long v = x + ((long) i << 2);
      s0 =
          a.lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, v, ORDER), s0);
      s1 =
          a.and(UPPER)
              .reinterpretAsFloats()
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + VECTOR_BYTES, ORDER),
                  s1);
      s2 =
          b.lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + 2 * VECTOR_BYTES, ORDER),
                  s2);
      s3 =
          b.and(UPPER)
              .reinterpretAsFloats()
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + 3 * VECTOR_BYTES, ORDER),
                  s3);
    }
    s0 = s0.add(s1).add(s2.add(s3));
    if (i <= k - 2 * LANES) {
      IntVector a =
          IntVector.fromMemorySegment(INTS, HostMemory.ALL, weights + ((long) i << 1), ORDER);
      long v = x + ((long) i << 2);
      s0 =
          a.lanewise(VectorOperators.LSHL, 16)
              .reinterpretAsFloats()
              .fma(FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, v, ORDER), s0);
      s0 =
          a.and(UPPER)
              .reinterpretAsFloats()
              .fma(
                  FloatVector.fromMemorySegment(
                      Lanes.FLOATS, HostMemory.ALL, v + VECTOR_BYTES, ORDER),
                  s0);
      i += 2 * LANES;
    }
    float rest = i < k ? restBf16(weights, x, i, k) : 0;
    if (LANES > 16) {
      s0 = s0.add(s0.rearrange(Lanes.BY_16));
    }
    if (LANES > 8) {
      s0 = s0.add(s0.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      s0 = s0.add(s0.rearrange(Lanes.BY_4));
    }
    if (LANES > 2) {
      s0 = s0.add(s0.rearrange(Lanes.BY_2));
    }
    return s0.add(s0.rearrange(Lanes.BY_1)).lane(0) + rest;
  }

  /**
   * {@link #dotBf16} of four rows of weights that lie far apart. Each is a stream of its own for
   * the processor's prefetching, which follows one a page: four keep the memory busier than one (31
   * against 23 GB/s measured on two cores of Zen 4), four in the same pages less busy.
   *
   * @param apart bytes from one row of weights to the next
   * @param outStride bytes from one product to the next, F32
   */
  static void fourDotBf16(
      long weights, long apart, long x, long columns, long out, long outStride) {
    int k = (int) columns;
    FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector t0 = s0;
    FloatVector t1 = s0;
    FloatVector t2 = s0;
    FloatVector t3 = s0;
    int i = 0;
    for (; i <= k - 2 * LANES; i += 2 * LANES) {
      long w = weights + ((long) i << 1);
      long v = x + ((long) i << 2);
      IntVector a = IntVector.fromMemorySegment(INTS, HostMemory.ALL, w, ORDER);
      IntVector b = IntVector.fromMemorySegment(INTS, HostMemory.ALL, w + apart, ORDER);
      IntVector c = IntVector.fromMemorySegment(INTS, HostMemory.ALL, w + 2 * apart, ORDER);
      IntVector d = IntVector.fromMemorySegment(INTS, HostMemory.ALL, w + 3 * apart, ORDER);
      FloatVector even = FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, v, ORDER);
      FloatVector odd =
          FloatVector.fromMemorySegment(Lanes.FLOATS, HostMemory.ALL, v + VECTOR_BYTES, ORDER);
      s0 = a.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, s0);
      s1 = b.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, s1);
      s2 = c.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, s2);
      s3 = d.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().fma(even, s3);
      t0 = a.and(UPPER).reinterpretAsFloats().fma(odd, t0);
      t1 = b.and(UPPER).reinterpretAsFloats().fma(odd, t1);
      t2 = c.and(UPPER).reinterpretAsFloats().fma(odd, t2);
      t3 = d.and(UPPER).reinterpretAsFloats().fma(odd, t3);
    }
    s0 = s0.add(t0);
    s1 = s1.add(t1);
    s2 = s2.add(t2);
    s3 = s3.add(t3);
    if (LANES > 16) {
      s0 = s0.add(s0.rearrange(Lanes.BY_16));
      s1 = s1.add(s1.rearrange(Lanes.BY_16));
      s2 = s2.add(s2.rearrange(Lanes.BY_16));
      s3 = s3.add(s3.rearrange(Lanes.BY_16));
    }
    if (LANES > 8) {
      s0 = s0.add(s0.rearrange(Lanes.BY_8));
      s1 = s1.add(s1.rearrange(Lanes.BY_8));
      s2 = s2.add(s2.rearrange(Lanes.BY_8));
      s3 = s3.add(s3.rearrange(Lanes.BY_8));
    }
    if (LANES > 4) {
      s0 = s0.add(s0.rearrange(Lanes.BY_4));
      s1 = s1.add(s1.rearrange(Lanes.BY_4));
      s2 = s2.add(s2.rearrange(Lanes.BY_4));
      s3 = s3.add(s3.rearrange(Lanes.BY_4));
    }
    if (LANES > 2) {
      s0 = s0.add(s0.rearrange(Lanes.BY_2));
      s1 = s1.add(s1.rearrange(Lanes.BY_2));
      s2 = s2.add(s2.rearrange(Lanes.BY_2));
      s3 = s3.add(s3.rearrange(Lanes.BY_2));
    }
    float r0 = s0.add(s0.rearrange(Lanes.BY_1)).lane(0);
    float r1 = s1.add(s1.rearrange(Lanes.BY_1)).lane(0);
    float r2 = s2.add(s2.rearrange(Lanes.BY_1)).lane(0);
    float r3 = s3.add(s3.rearrange(Lanes.BY_1)).lane(0);
    if (i < k) {
      r0 += restBf16(weights, x, i, k);
      r1 += restBf16(weights + apart, x, i, k);
      r2 += restBf16(weights + 2 * apart, x, i, k);
      r3 += restBf16(weights + 3 * apart, x, i, k);
    }
    Lanes.set(out, r0);
    Lanes.set(out + outStride, r1);
    Lanes.set(out + 2 * outStride, r2);
    Lanes.set(out + 3 * outStride, r3);
  }

  /** The last elements of a row, fewer than two vectors, which {@link #copyInput} left in order. */
  private static float restBf16(long weights, long x, long from, long k) {
    float sum = 0;
    for (long i = from; i < k; i++) {
      sum = Math.fma(Lanes.getBf16(weights + 2 * i), Lanes.get(x + i * Float.BYTES), sum);
    }
    return sum;
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
    return IntVector.fromMemorySegment(INTS, HostMemory.ALL, address, ORDER);
  }

  private static FloatVector even(IntVector pairs) {
    return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector odd(IntVector pairs) {
    return pairs.and(UPPER).reinterpretAsFloats();
  }
}
