package dev.culebra.runtime;

/** Element types of a {@link Tensor}. */
public enum DType {
  /** IEEE 754 binary32. */
  F32(4),
  /** bfloat16: the upper half of a binary32, rounded to nearest even. */
  BF16(2),
  /** Signed 32-bit integers: token ids, positions, lengths. */
  I32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
