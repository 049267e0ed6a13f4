package dev.culebra.runtime.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sines and cosines of a position's angles. The product of a position and a frequency, both of at
 * most 31 bits, fits a double to within its last bit or two, and so do reduction and polynomials
 * here (error below 2e-10): the result is the float next to the true value, or nearly so, at any
 * position. A float angle at position 100,000 would be off by 0.004.
 */
final class RotaryAngles {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Adding it to a double of magnitude below 2^51 leaves the nearest integer in the low bits. */
  private static final double ROUNDER = 0x1.8p52;

  private static final double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
  // pi / 2 in two doubles; with fused multiplications the first product is exact.
  private static final double HALF_PI_HIGH = 0x1.921fb54442d18p0;
  private static final double HALF_PI_LOW = 0x1.1a62633145c07p-54;

  private RotaryAngles() {}

  /** Bytes of {@code half} floats, rounded up to whole vectors. */
  static long bytes(int half) {
    return TileRows.padded(half) * (long) Float.BYTES;
  }

  /**
   * Computes {@code cos} and {@code sin} of {@code position * frequencies[i]} for i below {@code
   * half}; what follows up to whole vectors is overwritten too.
   */
  static void compute(long position, long frequencies, int half, long cosines, long sines) {
    for (int i = 0; i < half; i += DOUBLES.length()) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, half);
      FloatVector frequency =
          FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, frequencies + i * 4L, ORDER, mask);
      DoubleVector angle =
          ((DoubleVector) frequency.convertShape(VectorOperators.F2D, DOUBLES, 0)).mul(position);
      DoubleVector shifted = angle.mul(TWO_OVER_PI).add(ROUNDER);
      DoubleVector quarters = shifted.sub(ROUNDER).neg();
      DoubleVector r = quarters.fma(DoubleVector.broadcast(DOUBLES, HALF_PI_HIGH), angle);
      r = quarters.fma(DoubleVector.broadcast(DOUBLES, HALF_PI_LOW), r);
      LongVector quadrant = shifted.reinterpretAsLongs();
      DoubleVector r2 = r.mul(r);
      DoubleVector sine = sine(r, r2);
      DoubleVector cosine = cosine(r2);
      VectorMask<Double> odd = quadrant.and(1).compare(VectorOperators.EQ, 1).cast(DOUBLES);
      store(signed(sine.blend(cosine, odd), quadrant), sines + i * 4L);
      store(signed(cosine.blend(sine, odd), quadrant.add(1)), cosines + i * 4L);
    }
  }

  /** Taylor terms of sin r up to r^11, |r| <= pi / 4. */
  private static DoubleVector sine(DoubleVector r, DoubleVector r2) {
    DoubleVector p = r2.mul(-1 / 39916800.0).add(1 / 362880.0);
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 5040.0));
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, 1 / 120.0));
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 6.0));
    return p.mul(r2).fma(r, r);
  }

  /** Taylor terms of cos r up to r^10. */
  private static DoubleVector cosine(DoubleVector r2) {
    DoubleVector p = r2.mul(-1 / 3628800.0).add(1 / 40320.0);
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 720.0));
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, 1 / 24.0));
    p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 2.0));
    return p.fma(r2, DoubleVector.broadcast(DOUBLES, 1.0));
  }

  /** Negated where bit 1 of the quadrant is set. */
  private static DoubleVector signed(DoubleVector x, LongVector quadrant) {
    LongVector sign = quadrant.and(2).lanewise(VectorOperators.LSHL, 62);
    return x.reinterpretAsLongs().lanewise(VectorOperators.XOR, sign).reinterpretAsDoubles();
  }

  private static void store(DoubleVector x, long address) {
    ((FloatVector) x.convertShape(VectorOperators.D2F, FLOATS, 0))
        .intoMemorySegment(HostMemory.ALL, address, ORDER);
  }
}
