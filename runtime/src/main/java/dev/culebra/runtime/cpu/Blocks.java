package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Passes BF16 elements through F32 blocks in the first cache, so that the loops that compute know
 * F32 only. A loop that chose by dtype between two loads would merge two vectors at each, and the
 * JIT compiler then keeps vectors as objects on the heap: 8 to 25 times as slow, where seen.
 */
final class Blocks {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Blocks() {}

  /**
   * Where {@code n} elements of {@code bytes} bytes can be read as F32: where they are, or widened
   * in {@code block}.
   */
  static long read(long address, int bytes, long block, int n) {
    if (bytes == Float.BYTES) {
      return address;
    }
    widen(address, block, n);
    return block;
  }

  /** Where to write F32 elements that {@link #written} brings to {@code address}. */
  static long write(long address, int bytes, long block) {
    return bytes == Float.BYTES ? address : block;
  }

  /** Narrows what was written to a block. */
  static void written(long address, int bytes, long block, int n) {
    if (bytes != Float.BYTES) {
      narrow(block, address, n);
    }
  }

  /** BF16 to F32. */
  static void widen(long x, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      VectorMask<Short> half = mask.cast(SHORTS);
      ((IntVector)
              ShortVector.fromMemorySegment(SHORTS, MEMORY, x + 2L * i, ORDER, half)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoMemorySegment(MEMORY, out + 4L * i, ORDER, mask);
    }
  }

  /** F32 to BF16, to nearest even. A NaN keeps its sign and becomes quiet. */
  static void narrow(long x, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + 4L * i, ORDER, mask);
      IntVector bits = a.reinterpretAsInts();
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = bits.add(upper.and(1)).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> nan = a.compare(VectorOperators.NE, a).cast(INTS);
      ((ShortVector)
              rounded.blend(upper.or(0x40), nan).convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(MEMORY, out + 2L * i, ORDER, mask.cast(SHORTS));
    }
  }
}
