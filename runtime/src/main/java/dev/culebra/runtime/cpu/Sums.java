package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.DoubleConsumer;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums of many floats in double lanes: as exact as the result's dtype, and still no slower than
 * memory. Each worker sums one piece; the pieces are added in the workers' order.
 */
final class Sums {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));
  private static final int LENGTH = DOUBLES.length();
  private static final long VECTOR = LENGTH * (long) Float.BYTES;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Whole cache lines. */
  private static final long GRAIN = 64 / Float.BYTES;

  /** Elements summed by one call, which counts in int. */
  private static final int LONGEST = 1 << 20;

  private Sums() {}

  /** The sum of something over {@code n} floats from an address on; has room for a vector. */
  @FunctionalInterface
  interface Piece {
    double sum(long address, int n, long lanes);
  }

  static void enqueue(CpuStream stream, Tensor x, Piece piece, DoubleConsumer result) {
    double[] partials = new double[stream.workers()];
    long elements = x.elements();
    stream.enqueue(
        elements,
        worker -> {
          double partial = 0;
          long end = worker.to(elements, GRAIN);
          for (long i = worker.from(elements, GRAIN); i < end; i += LONGEST) {
            int n = (int) Math.min(LONGEST, end - i);
            partial += piece.sum(x.address() + i * Float.BYTES, n, worker.blocks());
          }
          partials[worker.index()] = partial;
          worker.barrier();
          if (worker.index() == 0) {
            double total = 0;
            for (int i = 0; i < worker.count(); i++) {
              total += partials[i];
            }
            result.accept(total);
          }
        });
  }

  /**
   * The sum of {@code n} floats.
   *
   * @param lanes room for a vector
   */
  static double sum(long x, int n, long lanes) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = even;
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, MEMORY, at + VECTOR, ORDER);
      even = even.add(a.convertShape(VectorOperators.F2D, DOUBLES, 0));
      odd = odd.add(b.convertShape(VectorOperators.F2D, DOUBLES, 0));
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      even = even.add(a.convertShape(VectorOperators.F2D, DOUBLES, 0));
    }
    even.add(odd).intoMemorySegment(MEMORY, lanes, ORDER);
    return across(lanes);
  }

  /** The sum of the squares of {@code n} floats, as {@link #sum}. */
  static double sumOfSquares(long x, int n, long lanes) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = even;
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, MEMORY, at + VECTOR, ORDER);
      DoubleVector c = (DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector d = (DoubleVector) b.convertShape(VectorOperators.F2D, DOUBLES, 0);
      even = c.fma(c, even);
      odd = d.fma(d, odd);
    }
    for (; i < n; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      DoubleVector c = (DoubleVector) a.convertShape(VectorOperators.F2D, DOUBLES, 0);
      even = c.fma(c, even);
    }
    even.add(odd).intoMemorySegment(MEMORY, lanes, ORDER);
    return across(lanes);
  }

  /** Lane by lane: {@code reduceLanes} adds in one order interpreted, in another compiled. */
  private static double across(long lanes) {
    double sum = 0;
    for (int lane = 0; lane < LENGTH; lane++) {
      sum += MEMORY.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, lanes + lane * (long) Double.BYTES);
    }
    return sum;
  }
}
