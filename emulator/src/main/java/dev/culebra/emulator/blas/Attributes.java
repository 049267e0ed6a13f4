package dev.culebra.emulator.blas;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * The attributes of one of cuBLASLt's descriptors: numbers of a fixed width each, as callers set
 * and get them through buffers of bytes.
 */
final class Attributes {
  private final String what;
  private final Map<Integer, Integer> widths;
  private final Map<Integer, Long> values = new HashMap<>();

  /**
   * @param what for reports: "matmul descriptor"
   * @param widths bytes of each attribute that is known
   */
  Attributes(String what, Map<Integer, Integer> widths) {
    this.what = what;
    this.widths = widths;
  }

  /** Its value, sign-extended; 0 where it was never set. */
  long get(int attribute) {
    return values.getOrDefault(attribute, 0L);
  }

  boolean has(int attribute) {
    return values.containsKey(attribute);
  }

  Attributes with(int attribute, long value) {
    values.put(attribute, value);
    return this;
  }

  /** As {@code cublasLt...SetAttribute} does: the size has to be the attribute's own. */
  void set(int attribute, long buffer, long bytes) {
    int width = width(attribute);
    Pointers.require(buffer, "the buffer");
    BlasStatus.INVALID_VALUE.unless(
        bytes == width, "attribute %d has %d bytes, not %d".formatted(attribute, width, bytes));
    long value = 0;
    MemorySegment memory = Pointers.memory(buffer, width);
    for (int i = width - 1; i >= 0; i--) {
      value = value << Byte.SIZE | memory.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
    }
    int unused = Long.SIZE - width * Byte.SIZE;
    values.put(attribute, value << unused >> unused);
  }

  /** As {@code cublasLt...GetAttribute} does: a size of 0 asks how large it is. */
  void get(int attribute, long buffer, long bytes, long written) {
    int width = width(attribute);
    if (bytes == 0) {
      Pointers.putLong(written, width);
      return;
    }
    Pointers.require(buffer, "the buffer");
    BlasStatus.INVALID_VALUE.unless(
        bytes >= width, "attribute %d needs %d bytes, not %d".formatted(attribute, width, bytes));
    MemorySegment memory = Pointers.memory(buffer, width);
    long value = get(attribute);
    for (int i = 0; i < width; i++) {
      memory.set(ValueLayout.JAVA_BYTE, i, (byte) (value >> i * Byte.SIZE));
    }
    if (written != 0) {
      Pointers.putLong(written, width);
    }
  }

  private int width(int attribute) {
    Integer width = widths.get(attribute);
    BlasStatus.NOT_SUPPORTED.unless(
        width != null, "attribute " + attribute + " of a " + what + " is not emulated");
    return width;
  }
}
