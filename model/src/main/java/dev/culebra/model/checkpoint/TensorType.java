package dev.culebra.model.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Element types of a safetensors file, by the names used there. Little-endian. */
public enum TensorType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U64(8),
  U32(4),
  U16(2),
  U8(1),
  BOOL(1),
  F8_E4M3(1),
  F8_E5M2(1);

  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int bytes;

  TensorType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether {@link #toFloats} converts it: F32, F16 and BF16. */
  public boolean convertsToFloat() {
    return this == F32 || this == F16 || this == BF16;
  }

  /** Writes {@code from}, elements of this type, as F32 to the start of {@code to}; exact. */
  void toFloats(MemorySegment from, MemorySegment to) {
    long elements = from.byteSize() / bytes;
    switch (this) {
      case F32 -> MemorySegment.copy(from, 0, to, 0, from.byteSize());
      case BF16 -> {
        for (long i = 0; i < elements; i++) {
          float value = Float.intBitsToFloat(from.getAtIndex(SHORT, i) << 16);
          to.setAtIndex(FLOAT, i, value);
        }
      }
      case F16 -> {
        for (long i = 0; i < elements; i++) {
          to.setAtIndex(FLOAT, i, Float.float16ToFloat(from.getAtIndex(SHORT, i)));
        }
      }
      default -> throw new IllegalArgumentException(this + " does not convert to F32");
    }
  }
}
