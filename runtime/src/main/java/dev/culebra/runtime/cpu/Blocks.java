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
 * Passes what is not whole vectors of F32 through blocks in the first cache, BF16 elements and rows
 * of odd lengths, so that the loops that compute know whole vectors of F32 only. A loop that chose
 * by dtype between two loads would merge two vectors at each, and the JIT compiler then keeps
 * vectors as objects on the heap: 8 to 25 times as slow, where seen. And a store under a mask,
 * which AVX-512 has for nothing, takes AVX2 on Zen 3 ten times as long as one without.
 */
final class Blocks {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = Lanes.INTS;
  private static final VectorSpecies<Short> SHORTS = Lanes.SHORTS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LENGTH = Lanes.LENGTH;

  private Blocks() {}

  /** Whether {@code n} elements of {@code bytes} bytes are whole vectors of F32 where they are. */
  private static boolean inPlace(int bytes, int n) {
    return bytes == Float.BYTES && n % LENGTH == 0;
  }

  /**
   * Where {@code n} elements of {@code bytes} bytes can be read as whole vectors of F32: where they
   * are, or copied to {@code block}, which has room for whole vectors, with zeros behind.
   */
  static long read(long address, int bytes, long block, int n) {
    if (inPlace(bytes, n)) {
      return address;
    }
    Moves.convert(address, bytes, block, Float.BYTES, n);
    for (int i = n; i % LENGTH != 0; i++) {
      Lanes.set(block + i * 4L, 0);
    }
    return block;
  }

  /** Where to write whole vectors of F32 that {@link #written} brings to {@code address}. */
  static long write(long address, int bytes, long block, int n) {
    return inPlace(bytes, n) ? address : block;
  }

  /** Brings what was written to a block to its {@code n} elements. */
  static void written(long address, int bytes, long block, int n) {
    if (!inPlace(bytes, n)) {
      Moves.convert(block, Float.BYTES, address, bytes, n);
    }
  }

  /** BF16 to F32. */
  static void widen(long x, long out, int n) {
    int i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      ((IntVector)
              ShortVector.fromMemorySegment(SHORTS, MEMORY, x + 2L * i, ORDER)
                  .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoMemorySegment(MEMORY, out + 4L * i, ORDER);
    }
    for (; i < n; i++) {
      Lanes.set(out + 4L * i, Lanes.getBf16(x + 2L * i));
    }
  }

  /** F32 to BF16, to nearest even. A NaN keeps its sign and becomes quiet. */
  static void narrow(long x, long out, int n) {
    int i = 0;
    for (; i <= n - LENGTH; i += LENGTH) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + 4L * i, ORDER);
      IntVector bits = a.reinterpretAsInts();
      IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
      IntVector rounded = bits.add(upper.and(1)).add(0x7FFF).lanewise(VectorOperators.LSHR, 16);
      VectorMask<Integer> nan = a.compare(VectorOperators.NE, a).cast(INTS);
      ((ShortVector)
              rounded.blend(upper.or(0x40), nan).convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(MEMORY, out + 2L * i, ORDER);
    }
    for (; i < n; i++) {
      Lanes.setBf16(out + 2L * i, Lanes.get(x + 4L * i));
    }
  }
}
