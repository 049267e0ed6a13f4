package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;
import java.lang.foreign.MemorySegment;

/**
 * A batch of matrices in device memory.
 *
 * @param address of the first
 * @param leadingDimension elements from column to column, or from row to row where row-major
 * @param batchStride elements from matrix to matrix
 */
record Matrix(
    long address,
    DataType type,
    long rows,
    long columns,
    long leadingDimension,
    boolean rowMajor,
    int batches,
    long batchStride) {

  /** One matrix by columns, as cuBLAS has them. */
  static Matrix ofColumns(long address, DataType type, long rows, long columns, long ld) {
    return new Matrix(address, type, rows, columns, ld, false, 1, 0);
  }

  Matrix batched(int count, long stride) {
    return new Matrix(address, type, rows, columns, leadingDimension, rowMajor, count, stride);
  }

  Matrix at(long other) {
    return new Matrix(other, type, rows, columns, leadingDimension, rowMajor, batches, batchStride);
  }

  boolean empty() {
    return rows == 0 || columns == 0;
  }

  /** Bytes from the first element of one matrix to the end of its last. */
  long bytes() {
    return empty() ? 0 : (index(rows - 1, columns - 1) + 1) * type.bytes();
  }

  /** Tells of the bytes that its elements have, without those between its lines. */
  void stretches(LibraryWork.Stretches sink) {
    if (empty()) {
      return;
    }
    long line = (rowMajor ? columns : rows) * type.bytes();
    long lines = rowMajor ? rows : columns;
    long pitch = leadingDimension * type.bytes();
    for (int batch = 0; batch < batches; batch++) {
      long start = address + batch * batchStride * type.bytes();
      if (pitch == line) {
        sink.stretch(start, line * lines);
        continue;
      }
      for (long i = 0; i < lines; i++) {
        sink.stretch(start + i * pitch, line);
      }
    }
  }

  private long index(long row, long column) {
    return rowMajor ? row * leadingDimension + column : column * leadingDimension + row;
  }

  private MemorySegment segment(DeviceMemory memory, int batch) {
    return memory.segment(address + batch * batchStride * type.bytes(), bytes());
  }

  /**
   * Reads one matrix.
   *
   * @param transposed whether to read its transpose
   * @return by columns, without gaps
   */
  double[] read(DeviceMemory memory, int batch, boolean transposed) {
    int height = Math.toIntExact(transposed ? columns : rows);
    int width = Math.toIntExact(transposed ? rows : columns);
    double[] values = new double[Math.multiplyExact(height, width)];
    if (values.length == 0) {
      return values;
    }
    MemorySegment segment = segment(memory, batch);
    for (int column = 0; column < width; column++) {
      for (int row = 0; row < height; row++) {
        values[column * height + row] =
            type.get(segment, transposed ? index(column, row) : index(row, column));
      }
    }
    return values;
  }

  /** Writes one matrix, given by columns without gaps. */
  void write(DeviceMemory memory, int batch, double[] values) {
    if (empty()) {
      return;
    }
    MemorySegment segment = segment(memory, batch);
    int height = Math.toIntExact(rows);
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < height; row++) {
        type.set(segment, index(row, column), values[column * height + row]);
      }
    }
    long start = address + batch * batchStride * type.bytes();
    long run = rowMajor ? columns : rows;
    for (long line = 0; line < (rowMajor ? rows : columns); line++) {
      long first = start + line * leadingDimension * type.bytes();
      memory.markWritten(first, run * type.bytes());
    }
  }
}
