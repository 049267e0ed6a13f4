package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;
import java.nio.ByteOrder;
import java.util.function.DoubleConsumer;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
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
  private static final VectorShuffle<Double> BY_16 = above(16);
  private static final VectorShuffle<Double> BY_8 = above(8);
  private static final VectorShuffle<Double> BY_4 = above(4);
  private static final VectorShuffle<Double> BY_2 = above(2);
  private static final VectorShuffle<Double> BY_1 = above(1);
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Whole cache lines. */
  private static final long GRAIN = 64 / Float.BYTES;

  /** Elements summed by one call, which counts in int. */
  private static final int LONGEST = 1 << 20;

  private Sums() {}

  /** The sum of something over {@code n} floats from an address on. */
  @FunctionalInterface
  interface Piece {
    double sum(long address, int n);
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
            partial += piece.sum(x.address() + i * Float.BYTES, n);
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

  static double sum(long x, int n) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = DoubleVector.zero(DOUBLES);
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      even = even.add(load(x + (long) i * Float.BYTES));
      odd = odd.add(load(x + (long) (i + LENGTH) * Float.BYTES));
    }
    for (; i < n; i += LENGTH) {
      even = even.add(load(x + (long) i * Float.BYTES, FLOATS.indexInRange(i, n)));
    }
    return across(even.add(odd));
  }

  static double sumOfSquares(long x, int n) {
    DoubleVector even = DoubleVector.zero(DOUBLES);
    DoubleVector odd = DoubleVector.zero(DOUBLES);
    int i = 0;
    for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
      DoubleVector a = load(x + (long) i * Float.BYTES);
      DoubleVector b = load(x + (long) (i + LENGTH) * Float.BYTES);
      even = a.fma(a, even);
      odd = b.fma(b, odd);
    }
    for (; i < n; i += LENGTH) {
      DoubleVector a = load(x + (long) i * Float.BYTES, FLOATS.indexInRange(i, n));
      even = a.fma(a, even);
    }
    return across(even.add(odd));
  }

  /** As {@link Lanes#sum}. */
  private static double across(DoubleVector x) {
    DoubleVector sum = x;
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
    return LENGTH > 1 ? sum.add(sum.rearrange(BY_1)).lane(0) : sum.lane(0);
  }

  private static VectorShuffle<Double> above(int distance) {
    return VectorShuffle.iota(DOUBLES, distance, 1, true);
  }

  private static DoubleVector load(long address) {
    return widen(FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER));
  }

  private static DoubleVector load(long address, VectorMask<Float> mask) {
    return widen(FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER, mask));
  }

  private static DoubleVector widen(FloatVector x) {
    return (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }
}
