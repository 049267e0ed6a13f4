package dev.culebra.runtime.cpu;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector loads, stores and functions on device addresses, in F32 lanes whatever the memory holds.
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final int LENGTH = FLOATS.length();

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, FLOATS.vectorShape());
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanes() {}

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER);
  }

  static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(FLOATS, HostMemory.ALL, address, ORDER, mask);
  }

  static void store(FloatVector x, long address) {
    x.intoMemorySegment(HostMemory.ALL, address, ORDER);
  }

  static void store(FloatVector x, long address, VectorMask<Float> mask) {
    x.intoMemorySegment(HostMemory.ALL, address, ORDER, mask);
  }

  static FloatVector loadBf16(long address) {
    return widen(ShortVector.fromMemorySegment(SHORTS, HostMemory.ALL, address, ORDER));
  }

  static FloatVector loadBf16(long address, VectorMask<Float> mask) {
    return widen(
        ShortVector.fromMemorySegment(SHORTS, HostMemory.ALL, address, ORDER, mask.cast(SHORTS)));
  }

  static void storeBf16(FloatVector x, long address) {
    narrow(x).intoMemorySegment(HostMemory.ALL, address, ORDER);
  }

  static void storeBf16(FloatVector x, long address, VectorMask<Float> mask) {
    narrow(x).intoMemorySegment(HostMemory.ALL, address, ORDER, mask.cast(SHORTS));
  }

  private static FloatVector widen(ShortVector x) {
    return ((IntVector) x.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /** To bfloat16, nearest even. A NaN keeps its sign and becomes quiet. */
  private static ShortVector narrow(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    IntVector rounded = bits.add(0x7FFF).add(odd).lanewise(VectorOperators.LSHR, 16);
    IntVector quiet = bits.lanewise(VectorOperators.LSHR, 16).or(0x40);
    VectorMask<Integer> nan = x.test(VectorOperators.IS_NAN).cast(INTS);
    return (ShortVector) rounded.blend(quiet, nan).convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  static float get(long address) {
    return HostMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static void set(long address, float value) {
    HostMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static int getInt(long address) {
    return HostMemory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
  }

  static void setInt(long address, int value) {
    HostMemory.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }

  static float getBf16(long address) {
    return Float.intBitsToFloat(
        HostMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << 16);
  }
}
