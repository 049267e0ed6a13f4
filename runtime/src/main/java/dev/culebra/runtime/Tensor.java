package dev.culebra.runtime;

import java.util.Arrays;

/**
 * A view of device memory: an address, a {@link DType}, a shape and a row stride. It owns nothing;
 * the {@link Arena} it came from does, and ends its life.
 *
 * <p>The last dimension is contiguous. All dimensions before it are flattened into rows, {@code
 * rowStride} elements apart, so that Q, K and V can be column slices of one packed product.
 */
public final class Tensor {
  private final Arena arena;
  private final long address;
  private final DType dtype;
  private final long[] shape;
  private final long rowStride;

  /**
   * @param arena that the memory belongs to
   * @param address of the first element, in the device's address space
   * @param rowStride elements from the start of one row to the start of the next; at least the
   *     length of a row
   */
  public Tensor(Arena arena, long address, DType dtype, long rowStride, long... shape) {
    this.arena = arena;
    this.address = address;
    this.dtype = dtype;
    this.shape = shape.clone();
    this.rowStride = rowStride;
    if (shape.length == 0) {
      throw new IllegalArgumentException("a tensor needs at least one dimension");
    }
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("negative size in shape " + Arrays.toString(shape));
      }
    }
    if (rowStride < columns()) {
      throw new IllegalArgumentException(
          "row stride " + rowStride + " is shorter than a row of " + columns());
    }
    requireAddressable();
  }

  /** Refuses shapes whose bytes overflow a long, so that no computation with sizes need look. */
  private void requireAddressable() {
    try {
      long extent = Math.multiplyExact(Math.max(rowStride, 1), dtype.bytes());
      for (int i = 0; i < shape.length - 1; i++) {
        extent = Math.multiplyExact(extent, Math.max(shape[i], 1));
      }
    } catch (ArithmeticException overflow) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " is larger than any memory", overflow);
    }
  }

  /** A tensor whose rows follow each other without gaps. */
  public static Tensor contiguous(Arena arena, long address, DType dtype, long... shape) {
    long columns = shape.length == 0 ? 0 : shape[shape.length - 1];
    return new Tensor(arena, address, dtype, columns, shape);
  }

  /** What owns the memory. */
  public Arena arena() {
    return arena;
  }

  public Device device() {
    return arena.device();
  }

  public long address() {
    return address;
  }

  public DType dtype() {
    return dtype;
  }

  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** Size of dimension {@code i}; negative {@code i} counts from the end, as in PyTorch. */
  public long size(int i) {
    return shape[i < 0 ? shape.length + i : i];
  }

  /** Length of the last dimension. */
  public long columns() {
    return shape[shape.length - 1];
  }

  /** Product of all dimensions but the last. */
  public long rows() {
    long rows = 1;
    for (int i = 0; i < shape.length - 1; i++) {
      rows *= shape[i];
    }
    return rows;
  }

  /** Elements from the start of a row to the start of the next. */
  public long rowStride() {
    return rowStride;
  }

  public long elements() {
    return rows() * columns();
  }

  /** Bytes of the elements, gaps between rows not counted. */
  public long bytes() {
    return elements() * dtype.bytes();
  }

  public boolean isContiguous() {
    return rowStride == columns() || rows() <= 1;
  }

  /** Address of the first element of a row. */
  public long rowAddress(long row) {
    return address + row * rowStride * dtype.bytes();
  }

  /** Columns {@code [from, to)} of every row, as a view of shape {@code [rows, to - from]}. */
  public Tensor columns(long from, long to) {
    if (from < 0 || to > columns() || from > to) {
      throw new IllegalArgumentException("columns " + from + " to " + to + " of " + this);
    }
    return new Tensor(
        arena, address + from * dtype.bytes(), dtype, Math.max(rowStride, 1), rows(), to - from);
  }

  /** Rows {@code [from, to)}, as a view of shape {@code [to - from, columns]}. */
  public Tensor rows(long from, long to) {
    if (from < 0 || to > rows() || from > to) {
      throw new IllegalArgumentException("rows " + from + " to " + to + " of " + this);
    }
    return new Tensor(arena, rowAddress(from), dtype, rowStride, to - from, columns());
  }

  /** Elements {@code [from, to)} of a contiguous tensor, in row-major order, as a vector. */
  public Tensor slice(long from, long to) {
    if (from < 0 || to > elements() || from > to || !isContiguous()) {
      throw new IllegalArgumentException("elements " + from + " to " + to + " of " + this);
    }
    return contiguous(arena, address + from * dtype.bytes(), dtype, to - from);
  }

  /**
   * The same elements in another shape. Only the leading dimensions may change unless contiguous.
   */
  public Tensor reshape(long... newShape) {
    long elements = 1;
    for (long size : newShape) {
      elements *= size;
    }
    if (elements != elements()) {
      throw new IllegalArgumentException(this + " does not fit shape " + Arrays.toString(newShape));
    }
    long newColumns = newShape[newShape.length - 1];
    if (newColumns == columns()) {
      return new Tensor(arena, address, dtype, rowStride, newShape);
    }
    if (!isContiguous()) {
      throw new IllegalArgumentException(this + " is not contiguous: its rows can't be regrouped");
    }
    return new Tensor(arena, address, dtype, newColumns, newShape);
  }

  @Override
  public String toString() {
    return dtype + Arrays.toString(shape) + (isContiguous() ? "" : " with row stride " + rowStride);
  }
}
