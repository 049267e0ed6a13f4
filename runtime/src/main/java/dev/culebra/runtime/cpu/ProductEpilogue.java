package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Activation;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;

/**
 * {@link Epilogue} in Java, for what oneDNN can't do in the product itself: keeping the
 * pre-activation, and the results of Culebra's own products.
 */
final class ProductEpilogue {
  private final Tensor bias;
  private final Tensor preActivation;
  private final boolean gelu;
  private final boolean accumulate;
  private final Tensor out;

  ProductEpilogue(Epilogue epilogue, Tensor out) {
    this.bias = epilogue.bias();
    this.preActivation = epilogue.preActivation();
    this.gelu = epilogue.activation() == Activation.GELU;
    this.accumulate = epilogue.accumulate();
    this.out = out;
  }

  /**
   * Takes sums to the output, a rectangle of it. One pass a step: the rows are in the first-level
   * cache, and short loops compile best.
   *
   * @param sums address of the rectangle's first element, F32; overwritten
   * @param stride elements from one of its rows to the next
   */
  void apply(
      Worker worker,
      long sums,
      long stride,
      long rowFrom,
      long rowTo,
      long columnFrom,
      long columnTo) {
    for (long row = rowFrom; row < rowTo; row++) {
      for (long column = columnFrom; column < columnTo; column += Spans.LONGEST) {
        int count = (int) Math.min(Spans.LONGEST, columnTo - column);
        long at = (row - rowFrom) * stride + column - columnFrom;
        apply(sums + at * Float.BYTES, row, column, count, worker.blocks());
      }
    }
  }

  private void apply(long sums, long row, long column, int count, long block) {
    int bytes = out.dtype().bytes();
    long to = Spans.address(out, row, column);
    if (bias != null) {
      Moves.add(
          sums, Blocks.read(bias.address() + column * bytes, bytes, block, count), sums, count);
    }
    if (preActivation != null) {
      Moves.convert(sums, Float.BYTES, Spans.address(preActivation, row, column), bytes, count);
    }
    if (gelu) {
      long second = Spans.block(block, 1);
      long x = Blocks.read(sums, Float.BYTES, second, count);
      Activations.gelu(x, x, count, block);
      Blocks.written(sums, Float.BYTES, second, count);
    }
    if (accumulate) {
      Moves.add(sums, Blocks.read(to, bytes, block, count), sums, count);
    }
    Moves.convert(sums, Float.BYTES, to, bytes, count);
  }

  /** Takes a rectangle of the pre-activation, biased already, to the output. */
  void applyToPreActivation(
      Worker worker, long rowFrom, long rowTo, long columnFrom, long columnTo) {
    for (long row = rowFrom; row < rowTo; row++) {
      for (long column = columnFrom; column < columnTo; column += Spans.LONGEST) {
        int count = (int) Math.min(Spans.LONGEST, columnTo - column);
        activate(row, column, count, worker.blocks());
      }
    }
  }

  private void activate(long row, long column, int count, long block) {
    int bytes = out.dtype().bytes();
    long second = Spans.block(block, 1);
    long from = Spans.address(preActivation, row, column);
    long to = Spans.address(out, row, column);
    long result = Blocks.write(to, bytes, block, count);
    long x = Blocks.read(from, bytes, block, count);
    if (gelu) {
      long activated = accumulate ? block : result;
      Activations.gelu(x, activated, count, second);
      x = activated;
    }
    if (accumulate) {
      Moves.add(x, Blocks.read(to, bytes, second, count), result, count);
    } else if (x != result) {
      Moves.copy(x, result, (long) count * Float.BYTES);
    }
    Blocks.written(to, bytes, block, count);
  }
}
