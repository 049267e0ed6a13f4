package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * {@code out = epilogue(x wᵀ)} for so few rows of x that reading w from memory is what takes the
 * time: each row of w is read once, straight on, and multiplied with all rows of x. A chunk of the
 * outputs is computed in F32 in the worker's own memory first, then taken through the epilogue in
 * vectors.
 */
final class FewRowsKernel implements Kernel {
  /** Rows of x that a row of weights is multiplied with at a time. */
  private static final long TOGETHER = 4;

  /** Most bytes of weights that a worker claims at a time: measured to read fastest. */
  private static final long CHUNK_BYTES = 192 << 10;

  /** Least number of claims of each worker, so that none waits long for one that is slower. */
  private static final long CLAIMS = 4;

  private final Tensor x;
  private final CpuWeight weight;
  private final ProductEpilogue epilogue;
  private final long inputStride;

  FewRowsKernel(Tensor x, CpuWeight weight, ProductEpilogue epilogue) {
    this.x = x;
    this.weight = weight;
    this.epilogue = epilogue;
    this.inputStride = Float.BYTES * RowProducts.padded(x.columns());
  }

  @Override
  public void run(Worker worker) {
    long chunk = chunk(worker);
    long m = x.rows();
    long rows = m == 1 ? 1 : (m + TOGETHER - 1) / TOGETHER * TOGETHER;
    long stride = Float.BYTES * (chunk + Lanes.LENGTH); // a group of lanes may overrun
    long inputs = worker.scratch(rows * (inputStride + stride));
    long sums = inputs + rows * inputStride;
    copyInputs(inputs, rows);
    int chunks = Math.toIntExact((weight.outputs() + chunk - 1) / chunk);
    for (int task = worker.nextOf(chunks); task >= 0; task = worker.nextOf(chunks)) {
      long from = chunk * task;
      long to = Math.min(from + chunk, weight.outputs());
      multiply(inputs, rows, sums, stride, from, to);
      epilogue.apply(worker, sums, stride / Float.BYTES, 0, m, from, to);
    }
  }

  /** Outputs of a claim, whole groups of lanes. */
  private long chunk(Worker worker) {
    long row = Math.max(1, weight.bytes() / Math.max(1, weight.outputs()));
    long outputs = Math.min(CHUNK_BYTES / row, weight.outputs() / (CLAIMS * worker.count()));
    return Math.max(1, outputs / Lanes.LENGTH) * Lanes.LENGTH;
  }

  private void multiply(long inputs, long rows, long sums, long stride, long from, long to) {
    if (weight.quantized() != null) {
      multiplyQuantized(inputs, rows, sums, stride, from, to);
    } else if (weight.rows().dtype() == DType.BF16) {
      multiplyBf16(inputs, rows, sums, stride, from, to);
    } else {
      multiplyFloats(inputs, rows, sums, stride, from, to);
    }
  }

  private void copyInputs(long inputs, long rows) {
    boolean split = weight.quantized() == null && weight.rows().dtype() == DType.BF16;
    for (long row = 0; row < rows; row++) {
      long target = inputs + row * inputStride;
      if (row < x.rows()) {
        RowProducts.copyInput(x.rowAddress(row), x.dtype().bytes(), x.columns(), target, split);
      } else { // fills up the rows multiplied together
        HostMemory.ALL.asSlice(target, inputStride).fill((byte) 0);
      }
    }
  }

  private void multiplyFloats(long inputs, long rows, long sums, long stride, long from, long to) {
    long k = x.columns();
    for (long n = from; n < to; n++) {
      long row = weight.rows().rowAddress(n);
      long out = sums + Float.BYTES * (n - from);
      if (rows == 1) {
        Lanes.set(out, RowProducts.dot(row, inputs, k));
      } else {
        for (long m = 0; m < rows; m += TOGETHER) {
          RowProducts.dotx4(
              row, inputs + m * inputStride, inputStride, k, out + m * stride, stride);
        }
      }
    }
  }

  private void multiplyBf16(long inputs, long rows, long sums, long stride, long from, long to) {
    long k = x.columns();
    long n = from;
    if (rows == 1) {
      long quarter = (to - from) / 4;
      long apart = quarter * weight.rows().rowStride() * DType.BF16.bytes();
      for (; n < from + quarter; n++) {
        long out = sums + Float.BYTES * (n - from);
        long row = weight.rows().rowAddress(n);
        RowProducts.fourDotBf16(row, apart, inputs, k, out, Float.BYTES * quarter);
      }
      n = from + 4 * quarter;
    }
    for (; n < to; n++) {
      long row = weight.rows().rowAddress(n);
      long out = sums + Float.BYTES * (n - from);
      if (rows == 1) {
        Lanes.set(out, RowProducts.dotBf16(row, inputs, k));
      } else {
        for (long m = 0; m < rows; m += TOGETHER) {
          RowProducts.dotBf16x4(
              row, inputs + m * inputStride, inputStride, k, out + m * stride, stride);
        }
      }
    }
  }

  private void multiplyQuantized(
      long inputs, long rows, long sums, long stride, long from, long to) {
    QuantizedRows weights = weight.quantized();
    for (long n = from; n < to; n += Lanes.LENGTH) {
      long group = n / Lanes.LENGTH;
      long out = sums + Float.BYTES * (n - from);
      if (rows == 1) {
        weights.multiply(group, inputs, out);
      } else {
        for (long m = 0; m < rows; m += TOGETHER) {
          weights.multiply4(group, inputs + m * inputStride, inputStride, out + m * stride, stride);
        }
      }
    }
  }
}
