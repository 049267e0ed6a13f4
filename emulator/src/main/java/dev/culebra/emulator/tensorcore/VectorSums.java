package dev.culebra.emulator.tensorcore;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The same passes, eight columns at a time: each small enough for HotSpot to keep its vectors in
 * registers.
 */
final class VectorSums extends TileSums {
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;
  private static final int LOW_BITS = 8;

  static boolean supported() {
    return IntVector.SPECIES_PREFERRED.vectorBitSize() >= INTS.vectorBitSize();
  }

  @Override
  void exponentsOf(int[] accumulators, int tile) {
    for (int i = 0; i < tile; i += COLUMNS) {
      IntVector c = IntVector.fromArray(INTS, accumulators, i);
      IntVector exponent =
          c.lanewise(VectorOperators.LSHR, FRACTION_BITS).and(FIELD).max(1).sub(BIAS);
      exponent
          .blend(
              FloatFormat.ZERO_EXPONENT,
              c.lanewise(VectorOperators.LSHL, 1).compare(VectorOperators.EQ, 0))
          .intoArray(exponents, i);
    }
  }

  @Override
  void largest(
      int[] exponentsOfA, int a, int depth, int[] exponentsOfB, int b, int count, int rows) {
    for (int row = 0; row < rows; row++) {
      IntVector x = IntVector.fromArray(INTS, exponents, row * COLUMNS);
      IntVector y = x;
      for (int n = 0; n < count; n += 2) {
        int i = a + row * depth + n;
        int j = b + n * COLUMNS;
        x = x.max(IntVector.fromArray(INTS, exponentsOfB, j).add(exponentsOfA[i]));
        y = y.max(IntVector.fromArray(INTS, exponentsOfB, j + COLUMNS).add(exponentsOfA[i + 1]));
      }
      x.max(y).intoArray(exponents, row * COLUMNS);
    }
  }

  @Override
  boolean alignAccumulators(int[] accumulators, int tile, int fractionBits) {
    IntVector farthest = IntVector.zero(INTS);
    for (int i = 0; i < tile; i += COLUMNS) {
      IntVector c = IntVector.fromArray(INTS, accumulators, i);
      IntVector largest = IntVector.fromArray(INTS, exponents, i);
      largest =
          largest.blend(0, largest.compare(VectorOperators.LT, FloatFormat.ZERO_EXPONENT / 2));
      largest.intoArray(exponents, i);
      farthest = farthest.max(largest.abs());
      IntVector field = c.lanewise(VectorOperators.LSHR, FRACTION_BITS).and(FIELD);
      IntVector shift = largest.sub(field.max(1)).add(BIAS).min(MAX_SHIFT);
      IntVector magnitude =
          c.and(FRACTION)
              .or(field.min(1).lanewise(VectorOperators.LSHL, FRACTION_BITS))
              .lanewise(VectorOperators.LSHL, fractionBits - FRACTION_BITS)
              .lanewise(VectorOperators.LSHR, shift);
      IntVector sign = c.lanewise(VectorOperators.ASHR, INT_BITS);
      magnitude.lanewise(VectorOperators.XOR, sign).sub(sign).intoArray(even, i);
    }
    return !farthest.compare(VectorOperators.GE, MAX_EXPONENT).anyTrue();
  }

  @Override
  void addProducts(
      int[] significandsOfA,
      int[] exponentsOfA,
      int from,
      int depth,
      FloatOperand b,
      int start,
      int count,
      int rows) {
    for (int row = 0; row < rows; row++) {
      IntVector largest = IntVector.fromArray(INTS, exponents, row * COLUMNS);
      IntVector x = IntVector.fromArray(INTS, even, row * COLUMNS);
      IntVector y = IntVector.zero(INTS);
      for (int n = 0; n < count; n += 2) {
        int i = from + row * depth + n;
        int s = row * count + n;
        int j = start + n * COLUMNS;
        x = x.add(product(significandsOfA[s], exponentsOfA[i], b, j, largest));
        y = y.add(product(significandsOfA[s + 1], exponentsOfA[i + 1], b, j + COLUMNS, largest));
      }
      x.intoArray(even, row * COLUMNS);
      y.intoArray(odd, row * COLUMNS);
    }
  }

  private static IntVector product(
      int significand, int exponent, FloatOperand b, int at, IntVector largest) {
    IntVector product = IntVector.fromArray(INTS, b.significands, at).mul(significand);
    IntVector shift =
        largest.sub(IntVector.fromArray(INTS, b.exponents, at)).sub(exponent).min(MAX_SHIFT);
    IntVector sign = product.lanewise(VectorOperators.ASHR, INT_BITS);
    return product
        .abs()
        .lanewise(VectorOperators.LSHR, shift)
        .lanewise(VectorOperators.XOR, sign)
        .sub(sign);
  }

  @Override
  void cutOff(int[] accumulators, int tile, int fractionBits) {
    magnitudes(accumulators, tile);
    finish(accumulators, tile, BIAS - fractionBits);
  }

  /** Sums to magnitudes, of 32 bits and cut off after 24, and signs, which stay in {@link #odd}. */
  private void magnitudes(int[] magnitudes, int tile) {
    for (int i = 0; i < tile; i += COLUMNS) {
      IntVector x = IntVector.fromArray(INTS, even, i);
      IntVector y = IntVector.fromArray(INTS, odd, i);
      IntVector half =
          x.lanewise(VectorOperators.ASHR, 1)
              .add(y.lanewise(VectorOperators.ASHR, 1))
              .add(x.and(y).and(1));
      IntVector sign = half.lanewise(VectorOperators.ASHR, INT_BITS);
      sign.intoArray(odd, i);
      IntVector magnitude = x.add(y).lanewise(VectorOperators.XOR, sign).sub(sign);
      IntVector surplus =
          ((FloatVector)
                  magnitude
                      .lanewise(VectorOperators.LSHR, LOW_BITS)
                      .convert(VectorOperators.I2F, 0))
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHR, FRACTION_BITS)
              .sub(BIAS + FRACTION_BITS - LOW_BITS)
              .max(0);
      magnitude
          .lanewise(VectorOperators.LSHR, surplus)
          .lanewise(VectorOperators.LSHL, surplus)
          .intoArray(magnitudes, i);
    }
  }

  /** Magnitudes of at most 24 bits that matter to floats. */
  private void finish(int[] accumulators, int tile, int bias) {
    for (int i = 0; i < tile; i += COLUMNS) {
      IntVector magnitude = IntVector.fromArray(INTS, accumulators, i);
      FloatVector high =
          (FloatVector)
              magnitude.lanewise(VectorOperators.LSHR, LOW_BITS).convert(VectorOperators.I2F, 0);
      FloatVector low =
          (FloatVector) magnitude.and((1 << LOW_BITS) - 1).convert(VectorOperators.I2F, 0);
      FloatVector unit =
          IntVector.fromArray(INTS, exponents, i)
              .add(bias)
              .lanewise(VectorOperators.LSHL, FRACTION_BITS)
              .reinterpretAsFloats();
      high.mul(1 << LOW_BITS)
          .add(low)
          .mul(unit)
          .reinterpretAsInts()
          .or(IntVector.fromArray(INTS, odd, i).and(Integer.MIN_VALUE))
          .intoArray(accumulators, i);
    }
  }
}
