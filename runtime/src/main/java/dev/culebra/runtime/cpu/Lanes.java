package dev.culebra.runtime.cpu;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector loads, stores and functions on device addresses, in F32 lanes whatever the memory holds.
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int LENGTH = FLOATS.length();

  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final int BF16_BYTES = 2;

  /** Adding this rounds a float of magnitude below 2^22 to an integer, kept in its low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int EXPONENT_BIAS = 127;
  private static final int FRACTION_BITS = 23;
  private static final float LOG2_E = 0x1.715476p0f;
  // ln 2 in two floats; the first has so few bits that its product with an exponent is exact.
  private static final float LN2_HIGH = 0x1.62e4p-1f;
  private static final float LN2_LOW = 0x1.7f7d1cp-20f;
  // e^x is infinite from the second on and rounds to 0 below the first.
  private static final float EXP_LOWEST = -104f;
  private static final float EXP_HIGHEST = 89f;

  /** Below this magnitude tanh is a polynomial, from it on it is taken from exp. */
  private static final float TANH_SMALL = 0.625f;

  /** For each halving of a vector, widest first: lane i takes the lane that far above it. */
  static final VectorShuffle<Float> BY_32 = above(32);

  static final VectorShuffle<Float> BY_16 = above(16);
  static final VectorShuffle<Float> BY_8 = above(8);
  static final VectorShuffle<Float> BY_4 = above(4);
  static final VectorShuffle<Float> BY_2 = above(2);
  static final VectorShuffle<Float> BY_1 = above(1);

  private Lanes() {}

  private static VectorShuffle<Float> above(int distance) {
    return VectorShuffle.iota(FLOATS, distance, 1, true);
  }

  /**
   * The sum of all lanes, by halves. {@code reduceLanes} adds in one order when interpreted and in
   * another when compiled, so that the same work would not give the same bits twice.
   */
  static float sum(FloatVector x) {
    FloatVector sum = x;
    if (LENGTH > 32) {
      sum = sum.add(sum.rearrange(BY_32));
    }
    if (LENGTH > 16) {
      sum = sum.add(sum.rearrange(BY_16));
    }
    if (LENGTH > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (LENGTH > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (LENGTH > 2) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  /** Lanes 0 to {@code count - 1}: the mask for the last elements of a row. */
  static VectorMask<Float> first(int count) {
    return FLOATS.indexInRange(0, count);
  }

  /**
   * Loads elements of {@code bytes} bytes: 4 means F32, 2 means BF16. The choice does not change
   * inside a loop, so that the JIT compiler takes it out of the loop.
   */
  static FloatVector load(long address, int bytes) {
    return bytes == BF16_BYTES ? loadBf16(address) : load(address);
  }

  static FloatVector load(long address, int bytes, VectorMask<Float> mask) {
    return bytes == BF16_BYTES ? loadBf16(address, mask) : load(address, mask);
  }

  static void store(FloatVector x, long address, int bytes) {
    if (bytes == BF16_BYTES) {
      storeBf16(x, address);
    } else {
      store(x, address);
    }
  }

  static void store(FloatVector x, long address, int bytes, VectorMask<Float> mask) {
    if (bytes == BF16_BYTES) {
      storeBf16(x, address, mask);
    } else {
      store(x, address, mask);
    }
  }

  /**
   * e^x within 1 ulp or so: {@code x = n ln 2 + r}, a minimax polynomial for e^r, times 2^n in two
   * factors, so that denormal results and those next to overflow come out right. Negative infinity
   * gives 0, NaN stays NaN.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector c = x.blend(EXP_LOWEST, x.compare(VectorOperators.LT, EXP_LOWEST));
    c = c.blend(EXP_HIGHEST, x.compare(VectorOperators.GT, EXP_HIGHEST));
    FloatVector shifted = c.fma(broadcast(LOG2_E), broadcast(ROUNDER));
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), c);
    r = n.fma(broadcast(-LN2_LOW), r);
    IntVector exponent = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
    return scale(expReduced(r), exponent);
  }

  // exp is cut in pieces: the JIT compiler no longer inlines a method that it once compiled to more
  // than 2500 bytes of code, and a vector function that is not inlined returns a heap object.

  /** e^r for |r| up to ln 2 / 2, to 3e-9 of it: 1 + r + r^2 times a minimax polynomial. */
  private static FloatVector expReduced(FloatVector r) {
    FloatVector q = r.fma(broadcast(0x1.6a2434p-10f), broadcast(0x1.1239e2p-7f));
    q = q.fma(r, broadcast(0x1.5558f2p-5f));
    q = q.fma(r, broadcast(0x1.555492p-3f));
    q = q.fma(r, broadcast(0x1.fffffcp-2f));
    q = q.fma(r, broadcast(1));
    return q.fma(r, broadcast(1));
  }

  /** {@code x} times 2^exponent in two factors. */
  private static FloatVector scale(FloatVector x, IntVector exponent) {
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return x.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent
        .add(EXPONENT_BIAS)
        .lanewise(VectorOperators.LSHL, FRACTION_BITS)
        .reinterpretAsFloats();
  }

  /** {@code 1 / (1 + e^-x)}. */
  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1).div(exp(x.neg()).add(1));
  }

  /** Hyperbolic tangent within 2 ulp; keeps the sign of 0. */
  static FloatVector tanh(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector large = broadcast(1).sub(broadcast(2).div(exp(magnitude.add(magnitude)).add(1)));
    // (tanh x - x) / x^3 in x^2, |x| <= 0.625: error 5e-9 of tanh x
    FloatVector z = x.mul(x);
    FloatVector q = z.fma(broadcast(-0x1.75e1ccp-8f), broadcast(0x1.52269ap-6f));
    q = q.fma(z, broadcast(-0x1.b83c5ap-5f));
    q = q.fma(z, broadcast(0x1.110726p-3f));
    q = q.fma(z, broadcast(-0x1.555532p-2f));
    FloatVector small = q.mul(z).fma(magnitude, magnitude);
    FloatVector result = large.blend(small, magnitude.compare(VectorOperators.LT, TANH_SMALL));
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return result.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }

  static FloatVector zero() {
    return FloatVector.zero(FLOATS);
  }

  static IntVector loadInts(long address) {
    return IntVector.fromMemorySegment(INTS, HostMemory.ALL, address, ORDER);
  }

  static void storeInts(IntVector x, long address) {
    x.intoMemorySegment(HostMemory.ALL, address, ORDER);
  }

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER);
  }

  static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER, mask);
  }

  static void store(FloatVector x, long address) {
    x.intoMemorySegment(HostMemory.ALL, address, ORDER);
  }

  static void store(FloatVector x, long address, VectorMask<Float> mask) {
    x.intoMemorySegment(HostMemory.ALL, address, ORDER, mask);
  }

  static FloatVector loadBf16(long address) {
    return widen(ShortVector.fromMemorySegment(SHORTS, HostMemory.ALL, address, ORDER));
  }

  static FloatVector loadBf16(long address, VectorMask<Float> mask) {
    return widen(
        ShortVector.fromMemorySegment(SHORTS, HostMemory.ALL, address, ORDER, mask.cast(SHORTS)));
  }

  static void storeBf16(FloatVector x, long address) {
    narrow(x).intoMemorySegment(HostMemory.ALL, address, ORDER);
  }

  static void storeBf16(FloatVector x, long address, VectorMask<Float> mask) {
    narrow(x).intoMemorySegment(HostMemory.ALL, address, ORDER, mask.cast(SHORTS));
  }

  private static FloatVector widen(ShortVector x) {
    return ((IntVector) x.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /** To bfloat16, nearest even. A NaN keeps its sign and becomes quiet. */
  private static ShortVector narrow(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    IntVector rounded = bits.add(0x7FFF).add(odd).lanewise(VectorOperators.LSHR, 16);
    IntVector quiet = bits.lanewise(VectorOperators.LSHR, 16).or(0x40);
    VectorMask<Integer> nan = x.test(VectorOperators.IS_NAN).cast(INTS);
    return (ShortVector) rounded.blend(quiet, nan).convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  static float get(long address) {
    return HostMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static void set(long address, float value) {
    HostMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static int getInt(long address) {
    return HostMemory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  static void setInt(long address, int value) {
    HostMemory.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  /** Rounds to nearest even; a NaN keeps its sign and becomes quiet. */
  static void setBf16(long address, float value) {
    int bits = Float.floatToRawIntBits(value);
    int upper = bits >>> 16;
    int rounded = value == value ? bits + 0x7FFF + (upper & 1) >>> 16 : upper | 0x40;
    HostMemory.ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) rounded);
  }

  static float getBf16(long address) {
    return Float.intBitsToFloat(
        HostMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << 16);
  }
}
