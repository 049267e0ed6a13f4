package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * {@code out = epilogue(x wᵀ)} for so few rows of x that reading w from memory is what takes the
 * time: each row of w is read once, straight on, and multiplied with all rows of x. The worker's
 * share of the outputs is computed in F32 in its own memory first, then taken through the epilogue
 * in vectors.
 */
final class FewRowsKernel implements Kernel {
  private final Tensor x;
  private final CpuWeight weight;
  private final ProductEpilogue epilogue;
  private final Grid grid;
  private final long rowStride;

  FewRowsKernel(Tensor x, CpuWeight weight, ProductEpilogue epilogue, int workers) {
    this.x = x;
    this.weight = weight;
    this.epilogue = epilogue;
    this.grid = Grid.columns(x.rows(), weight.outputs(), workers);
    this.rowStride = RowProducts.padded(x.columns());
  }

  @Override
  public void run(Worker worker) {
    long from = grid.columnFrom(worker.index());
    long to = grid.columnTo(worker.index());
    long m = x.rows();
    if (from >= to) {
      return;
    }
    long stride = to - from + Lanes.LENGTH;
    long inputs = worker.scratch(Float.BYTES * m * (rowStride + stride));
    long sums = inputs + Float.BYTES * m * rowStride;
    boolean split = weight.quantized() == null && weight.rows().dtype() == DType.BF16;
    for (long row = 0; row < m; row++) {
      RowProducts.copyInput(
          x.rowAddress(row),
          x.dtype().bytes(),
          x.columns(),
          inputs + Float.BYTES * row * rowStride,
          split);
    }
    if (weight.quantized() != null) {
      multiplyQuantized(inputs, sums, stride, from, to);
    } else {
      multiplyRows(split, inputs, sums, stride, from, to);
    }
    epilogue.apply(sums, stride, 0, m, from, to);
  }

  private void multiplyRows(
      boolean split, long inputs, long sums, long stride, long from, long to) {
    Tensor rows = weight.rows();
    long k = rows.columns();
    for (long n = from; n < to; n++) {
      long row = rows.rowAddress(n);
      long target = sums + Float.BYTES * (n - from);
      for (long m = 0; m < x.rows(); m++) {
        long input = inputs + Float.BYTES * m * rowStride;
        float dot = split ? RowProducts.dotBf16(row, input, k) : RowProducts.dot(row, input, k);
        Lanes.set(target + Float.BYTES * m * stride, dot);
      }
    }
  }

  private void multiplyQuantized(long inputs, long sums, long stride, long from, long to) {
    QuantizedRows rows = weight.quantized();
    for (long n = from; n < to; n += Lanes.LENGTH) {
      for (long m = 0; m < x.rows(); m++) {
        Lanes.store(
            rows.multiply(n / Lanes.LENGTH, inputs + Float.BYTES * m * rowStride),
            sums + Float.BYTES * (m * stride + n - from));
      }
    }
  }
}
