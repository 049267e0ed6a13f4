package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Activation;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@link Epilogue} in Java, for what oneDNN can't do in the product itself: keeping the
 * pre-activation, and the results of Culebra's own products.
 */
final class ProductEpilogue {
  private static final float SQRT_2_OVER_PI = 0.7978845608028654f;
  private static final float CUBIC = 0.044715f;

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
   * Takes sums to the output, a rectangle of it.
   *
   * @param sums address of the rectangle's first element, F32
   * @param stride elements from one of its rows to the next
   */
  void apply(long sums, long stride, long rowFrom, long rowTo, long columnFrom, long columnTo) {
    for (long row = rowFrom; row < rowTo; row++) {
      row(sums + (row - rowFrom) * stride * Float.BYTES, row, columnFrom, columnTo);
    }
  }

  private void row(long sums, long row, long from, long to) {
    int bytes = out.dtype().bytes();
    long outRow = out.rowAddress(row);
    long preRow = preActivation == null ? 0 : preActivation.rowAddress(row);
    for (long column = from; column < to; column += Lanes.LENGTH) {
      VectorMask<Float> mask = Lanes.first((int) Math.min(Lanes.LENGTH, to - column));
      FloatVector x = Lanes.load(sums + (column - from) * Float.BYTES, mask);
      if (bias != null) {
        x = x.add(Lanes.load(bias.address() + column * bytes, bytes, mask));
      }
      if (preActivation != null) {
        Lanes.store(x, preRow + column * bytes, bytes, mask);
      }
      finish(x, outRow + column * bytes, bytes, mask);
    }
  }

  /** Takes a rectangle of the pre-activation, biased already, to the output. */
  void applyToPreActivation(long rowFrom, long rowTo, long columnFrom, long columnTo) {
    int bytes = out.dtype().bytes();
    for (long row = rowFrom; row < rowTo; row++) {
      long preRow = preActivation.rowAddress(row);
      long outRow = out.rowAddress(row);
      for (long column = columnFrom; column < columnTo; column += Lanes.LENGTH) {
        VectorMask<Float> mask = Lanes.first((int) Math.min(Lanes.LENGTH, columnTo - column));
        finish(
            Lanes.load(preRow + column * bytes, bytes, mask), outRow + column * bytes, bytes, mask);
      }
    }
  }

  private void finish(FloatVector x, long address, int bytes, VectorMask<Float> mask) {
    FloatVector y = gelu ? gelu(x) : x;
    if (accumulate) {
      y = y.add(Lanes.load(address, bytes, mask));
    }
    Lanes.store(y, address, bytes, mask);
  }

  private static FloatVector gelu(FloatVector x) {
    FloatVector u = x.mul(x).fma(Lanes.broadcast(CUBIC), Lanes.broadcast(1));
    FloatVector tanh = Lanes.tanh(x.mul(SQRT_2_OVER_PI).mul(u));
    return x.mul(0.5f).mul(tanh.add(1));
  }
}
