package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Philox;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** {@link Philox} for a vector of counters at once. */
final class PhiloxLanes {
  private static final long LOW_HALF = 0xFFFFFFFFL;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long VECTOR = Lanes.LENGTH * (long) Integer.BYTES;

  private PhiloxLanes() {}

  /**
   * Stores the four words of each lane's block, one vector a word.
   *
   * @param c0 lowest word of each lane's counter
   * @param c1 second word of each lane's counter
   * @param counter2 third word, the same in all lanes
   * @param counter3 fourth word, the same in all lanes
   */
  static void block(
      int key0, int key1, IntVector c0, IntVector c1, int counter2, int counter3, long words) {
    IntVector c2 = IntVector.broadcast(Lanes.INTS, counter2);
    IntVector c3 = IntVector.broadcast(Lanes.INTS, counter3);
    for (int round = 0; round < ROUNDS; round++) {
      LongVector even0 = c0.reinterpretAsLongs().and(LOW_HALF).mul(MULTIPLIER_0);
      LongVector odd0 =
          c0.reinterpretAsLongs().lanewise(VectorOperators.LSHR, 32).mul(MULTIPLIER_0);
      LongVector even1 = c2.reinterpretAsLongs().and(LOW_HALF).mul(MULTIPLIER_1);
      LongVector odd1 =
          c2.reinterpretAsLongs().lanewise(VectorOperators.LSHR, 32).mul(MULTIPLIER_1);
      c0 = high(even1, odd1).lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, key0);
      c1 = low(even1, odd1);
      c2 = high(even0, odd0).lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, key1);
      c3 = low(even0, odd0);
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    Lanes.storeInts(c0, words);
    Lanes.storeInts(c1, words + VECTOR);
    Lanes.storeInts(c2, words + 2 * VECTOR);
    Lanes.storeInts(c3, words + 3 * VECTOR);
  }

  /** Upper halves of the 64-bit products of even and odd lanes. */
  private static IntVector high(LongVector even, LongVector odd) {
    return even.lanewise(VectorOperators.LSHR, 32).or(odd.and(~LOW_HALF)).reinterpretAsInts();
  }

  private static IntVector low(LongVector even, LongVector odd) {
    return even.and(LOW_HALF).or(odd.lanewise(VectorOperators.LSHL, 32)).reinterpretAsInts();
  }
}
