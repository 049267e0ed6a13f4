package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
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
  private static final MemorySegment MEMORY = HostMemory.ALL;
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
   *
   * @param reduced room for two doubles an angle: 4 {@link #bytes}
   */
  static void compute(
      long position, long frequencies, int half, long cosines, long sines, long reduced) {
    long quadrants = reduced + 2 * bytes(half);
    reduce(position, frequencies, half, reduced, quadrants);
    sines(reduced, quadrants, half, 0, sines);
    sines(reduced, quadrants, half, 1, cosines);
  }

  // Loops that call nothing but the Vector API, and not too much of it, as Exponential says.

  /** The angle as a remainder of at most pi / 4 and a number of quarter turns. */
  private static void reduce(
      long position, long frequencies, int half, long remainders, long quadrants) {
    for (int i = 0; i < half; i += DOUBLES.length()) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, half);
      FloatVector frequency =
          FloatVector.fromMemorySegment(FLOATS, MEMORY, frequencies + i * 4L, ORDER, mask);
      DoubleVector angle =
          ((DoubleVector) frequency.convertShape(VectorOperators.F2D, DOUBLES, 0)).mul(position);
      DoubleVector shifted = angle.mul(TWO_OVER_PI).add(ROUNDER);
      DoubleVector quarters = shifted.sub(ROUNDER).neg();
      DoubleVector r = quarters.fma(DoubleVector.broadcast(DOUBLES, HALF_PI_HIGH), angle);
      r = quarters.fma(DoubleVector.broadcast(DOUBLES, HALF_PI_LOW), r);
      r.intoMemorySegment(MEMORY, remainders + i * 8L, ORDER);
      shifted.intoMemorySegment(MEMORY, quadrants + i * 8L, ORDER); // in its low bits
    }
  }

  /**
   * The sine so many quarter turns on: Taylor terms of sin r up to r^11, or of cos r up to r^10
   * where the quarters are odd.
   */
  private static void sines(long remainders, long quadrants, int half, int quarters, long sines) {
    for (int i = 0; i < half; i += DOUBLES.length()) {
      DoubleVector r = DoubleVector.fromMemorySegment(DOUBLES, MEMORY, remainders + i * 8L, ORDER);
      LongVector quadrant =
          DoubleVector.fromMemorySegment(DOUBLES, MEMORY, quadrants + i * 8L, ORDER)
              .reinterpretAsLongs()
              .add(quarters);
      DoubleVector r2 = r.mul(r);
      DoubleVector p = r2.fma(-1 / 39916800.0, 1 / 362880.0);
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 5040.0));
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, 1 / 120.0));
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 6.0));
      DoubleVector sine = p.mul(r2).fma(r, r);
      p = r2.fma(-1 / 3628800.0, 1 / 40320.0);
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 720.0));
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, 1 / 24.0));
      p = p.fma(r2, DoubleVector.broadcast(DOUBLES, -1 / 2.0));
      DoubleVector cosine = p.fma(r2, DoubleVector.broadcast(DOUBLES, 1.0));
      VectorMask<Double> odd = quadrant.and(1).compare(VectorOperators.EQ, 1).cast(DOUBLES);
      LongVector sign = quadrant.and(2).lanewise(VectorOperators.LSHL, 62);
      DoubleVector value =
          sine.blend(cosine, odd)
              .reinterpretAsLongs()
              .lanewise(VectorOperators.XOR, sign)
              .reinterpretAsDoubles();
      ((FloatVector) value.convertShape(VectorOperators.D2F, FLOATS, 0))
          .intoMemorySegment(MEMORY, sines + i * 4L, ORDER);
    }
  }
}
