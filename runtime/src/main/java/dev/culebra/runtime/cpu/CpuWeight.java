package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;

/**
 * A weight on the CPU. In the dtype of its source it is the source itself: packing it into oneDNN's
 * own layout was measured to gain 3 to 6 % of a large product, which is what packing anew after
 * each step costs, and to take its size in memory again. Else it is a rounded or quantised copy.
 */
final class CpuWeight implements Weight {
  private final Tensor source;
  private final WeightFormat format;

  /** Memory of its own, all of it one tensor; null where the source itself serves. */
  private final Arena arena;

  private final Tensor copy;
  private final Tensor rows;
  private final QuantizedRows quantized;

  CpuWeight(Tensor source, WeightFormat format, CpuMemory memory) {
    this.source = source;
    this.format = format;
    long n = source.rows();
    long k = source.columns();
    String name = format + " copy of weight " + source;
    if (format == WeightFormat.INT8) {
      long bytes = QuantizedRows.bytes(n, k);
      arena = memory.arena(name, bytes);
      copy = arena.allocate(DType.I32, bytes / DType.I32.bytes());
      quantized = new QuantizedRows(copy.address(), n, k);
      rows = null;
    } else if (format == WeightFormat.BF16 && source.dtype() == DType.F32) {
      arena = memory.arena(name, n * k * DType.BF16.bytes());
      quantized = null;
      copy = arena.allocate(DType.BF16, n, k);
      rows = copy;
    } else {
      arena = null;
      copy = null;
      quantized = null;
      rows = source.reshape(n, k);
    }
  }

  Tensor source() {
    return source;
  }

  /** The memory that products read: its own, or the source's. */
  Tensor memory() {
    return copy == null ? source : copy;
  }

  /** The rows as a matrix {@code [N, K]}; null where they are quantised. */
  Tensor rows() {
    return rows;
  }

  /** The rows as 8-bit integers; null where they are a matrix. */
  QuantizedRows quantized() {
    return quantized;
  }

  /** Whether the source itself is multiplied with. */
  boolean isSource() {
    return arena == null;
  }

  @Override
  public long outputs() {
    return source.rows();
  }

  @Override
  public long inputs() {
    return source.columns();
  }

  @Override
  public WeightFormat format() {
    return format;
  }

  @Override
  public DType sourceType() {
    return source.dtype();
  }

  @Override
  public long bytes() {
    return quantized != null ? QuantizedRows.bytes(outputs(), inputs()) : rows.bytes();
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }
}
