package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Philox;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/** {@link Philox} for a vector of counters at once. */
final class PhiloxLanes {
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
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
   * @param counters address of two vectors, the lowest and the second word of each lane's counter
   * @param counter2 third word, the same in all lanes
   * @param counter3 fourth word, the same in all lanes
   */
  static void block(int key0, int key1, long counters, int counter2, int counter3, long words) {
    IntVector c0 = IntVector.fromMemorySegment(Lanes.INTS, MEMORY, counters, ORDER);
    IntVector c1 = IntVector.fromMemorySegment(Lanes.INTS, MEMORY, counters + VECTOR, ORDER);
    IntVector c2 = IntVector.broadcast(Lanes.INTS, counter2);
    IntVector c3 = IntVector.broadcast(Lanes.INTS, counter3);
    for (int round = 0; round < ROUNDS; round++) {
      // 64-bit products of the even and of the odd lanes.
      LongVector a = c0.reinterpretAsLongs();
      LongVector even0 = a.and(LOW_HALF).mul(MULTIPLIER_0);
      LongVector odd0 = a.lanewise(VectorOperators.LSHR, 32).mul(MULTIPLIER_0);
      LongVector b = c2.reinterpretAsLongs();
      LongVector even1 = b.and(LOW_HALF).mul(MULTIPLIER_1);
      LongVector odd1 = b.lanewise(VectorOperators.LSHR, 32).mul(MULTIPLIER_1);
      IntVector high0 =
          even0.lanewise(VectorOperators.LSHR, 32).or(odd0.and(~LOW_HALF)).reinterpretAsInts();
      IntVector high1 =
          even1.lanewise(VectorOperators.LSHR, 32).or(odd1.and(~LOW_HALF)).reinterpretAsInts();
      c0 = high1.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, key0);
      c2 = high0.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, key1);
      c1 = even1.and(LOW_HALF).or(odd1.lanewise(VectorOperators.LSHL, 32)).reinterpretAsInts();
      c3 = even0.and(LOW_HALF).or(odd0.lanewise(VectorOperators.LSHL, 32)).reinterpretAsInts();
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    c0.intoMemorySegment(MEMORY, words, ORDER);
    c1.intoMemorySegment(MEMORY, words + VECTOR, ORDER);
    c2.intoMemorySegment(MEMORY, words + 2 * VECTOR, ORDER);
    c3.intoMemorySegment(MEMORY, words + 3 * VECTOR, ORDER);
  }
}
