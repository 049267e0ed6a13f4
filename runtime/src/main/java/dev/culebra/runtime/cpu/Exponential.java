package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * e^x of F32 elements in memory. The loop calls the Vector API and nothing else. C2 keeps a vector
 * in a register only where it inlines all that the vector passes through; the API's own methods are
 * always inlined, others not once they or their caller have grown large (InlineSmallCode and
 * NodeCountInliningCutoff), and then each iteration makes objects. So what needs e^x has it
 * computed into a block in the first cache and goes on from there.
 */
final class Exponential {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Adding this rounds a float of magnitude below 2^22 to an integer, kept in its low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
  private static final int EXPONENT_BIAS = 127;
  private static final int FRACTION_BITS = 23;
  private static final float LOG2_E = 0x1.715476p0f;
  // ln 2 in two floats; the first has so few bits that its product with an exponent is exact.
  private static final float LN2_HIGH = 0x1.62e4p-1f;
  private static final float LN2_LOW = 0x1.7f7d1cp-20f;
  // e^x is infinite from the second on and rounds to 0 below the first.
  private static final float LOWEST = -104f;
  private static final float HIGHEST = 89f;

  private Exponential() {}

  /**
   * {@code out = e^(x - shift)}, e^x within 1 ulp or so: {@code x = m ln 2 + r}, a minimax
   * polynomial for e^r (to 3e-9 of it for |r| up to ln 2 / 2), times 2^m in two factors, so that
   * denormal results and those next to overflow come out right. Negative infinity gives 0, NaN
   * stays NaN. {@code out} may be {@code x}. Both are whole vectors: up to the next multiple of
   * their length is read and written.
   */
  static void exp(long x, float shift, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER).sub(shift);
      FloatVector c = a.blend(LOWEST, a.compare(VectorOperators.LT, LOWEST));
      c = c.blend(HIGHEST, a.compare(VectorOperators.GT, HIGHEST));
      FloatVector shifted = c.fma(LOG2_E, ROUNDER);
      FloatVector m = shifted.sub(ROUNDER);
      FloatVector r = m.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), c);
      r = m.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
      FloatVector q = r.fma(0x1.6a2434p-10f, 0x1.1239e2p-7f);
      q = q.fma(r, FloatVector.broadcast(FLOATS, 0x1.5558f2p-5f));
      q = q.fma(r, FloatVector.broadcast(FLOATS, 0x1.555492p-3f));
      q = q.fma(r, FloatVector.broadcast(FLOATS, 0x1.fffffcp-2f));
      q = q.fma(r, FloatVector.broadcast(FLOATS, 1));
      q = q.fma(r, FloatVector.broadcast(FLOATS, 1));
      IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      IntVector other = exponent.sub(half);
      half = half.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, FRACTION_BITS);
      other = other.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, FRACTION_BITS);
      q.mul(half.reinterpretAsFloats())
          .mul(other.reinterpretAsFloats())
          .intoMemorySegment(MEMORY, out + at, ORDER);
    }
  }
}
