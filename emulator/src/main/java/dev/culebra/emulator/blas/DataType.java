package dev.culebra.emulator.blas;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Types of matrices that are emulated ({@code cudaDataType}). */
enum DataType {
  F32(0, 4),
  F64(1, 8),
  F16(2, 2),
  I8(3, 1),
  I32(10, 4),
  BF16(14, 2),
  E4M3(28, 1),
  E5M2(29, 1);

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final int code;
  private final int bytes;

  DataType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  int code() {
    return code;
  }

  int bytes() {
    return bytes;
  }

  boolean fp8() {
    return this == E4M3 || this == E5M2;
  }

  /** The type of that number; refuses others. */
  static DataType of(int code) {
    for (DataType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw BlasStatus.NOT_SUPPORTED.because("cudaDataType " + code + " is not emulated");
  }

  double get(MemorySegment memory, long index) {
    return switch (this) {
      case F32 -> Float.intBitsToFloat(memory.get(INT, index * 4));
      case F64 -> memory.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8);
      case F16 -> Float.float16ToFloat(memory.get(SHORT, index * 2));
      case BF16 -> Float.intBitsToFloat(memory.get(SHORT, index * 2) << 16);
      case I8 -> memory.get(ValueLayout.JAVA_BYTE, index);
      case I32 -> memory.get(INT, index * 4);
      case E4M3 -> QuarterFloats.E4M3.decode(memory.get(ValueLayout.JAVA_BYTE, index));
      case E5M2 -> QuarterFloats.E5M2.decode(memory.get(ValueLayout.JAVA_BYTE, index));
    };
  }

  /** Rounds to nearest even; integers and 8-bit floats saturate. */
  void set(MemorySegment memory, long index, double value) {
    switch (this) {
      case F32 -> memory.set(INT, index * 4, Float.floatToRawIntBits((float) value));
      case F64 -> memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, index * 8, value);
      case F16 -> memory.set(SHORT, index * 2, Float.floatToFloat16((float) value));
      case BF16 -> memory.set(SHORT, index * 2, bf16((float) value));
      case I8 ->
          memory.set(
              ValueLayout.JAVA_BYTE,
              index,
              (byte) Math.clamp(Math.rint(value), Byte.MIN_VALUE, Byte.MAX_VALUE));
      case I32 -> memory.set(INT, index * 4, (int) (long) value);
      case E4M3 -> memory.set(ValueLayout.JAVA_BYTE, index, QuarterFloats.E4M3.encode(value));
      case E5M2 -> memory.set(ValueLayout.JAVA_BYTE, index, QuarterFloats.E5M2.encode(value));
    }
  }

  private static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }
}
