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
  void apply(long sums, long stride, long rowFrom, long rowTo, long columnFrom, long columnTo) {
    int bytes = out.dtype().bytes();
    int count = (int) (columnTo - columnFrom);
    long offset = columnFrom * bytes;
    for (long row = rowFrom; row < rowTo; row++) {
      if (bias != null) {
        add(bias.address() + offset, bytes, count, sums);
      }
      if (preActivation != null) {
        store(sums, preActivation.rowAddress(row) + offset, bytes, count);
      }
      if (gelu) {
        Activations.gelu(sums, sums, count, Float.BYTES);
      }
      if (accumulate) {
        add(out.rowAddress(row) + offset, bytes, count, sums);
      }
      store(sums, out.rowAddress(row) + offset, bytes, count);
      sums += stride * Float.BYTES;
    }
  }

  /** Takes a rectangle of the pre-activation, biased already, to the output. */
  void applyToPreActivation(long rowFrom, long rowTo, long columnFrom, long columnTo) {
    int bytes = out.dtype().bytes();
    int count = (int) (columnTo - columnFrom);
    long offset = columnFrom * bytes;
    for (long row = rowFrom; row < rowTo; row++) {
      long from = preActivation.rowAddress(row) + offset;
      long to = out.rowAddress(row) + offset;
      if (gelu && !accumulate) {
        Activations.gelu(from, to, count, bytes);
      } else {
        activate(from, to, bytes, count);
      }
    }
  }

  private void activate(long from, long to, int bytes, int count) {
    for (int i = 0; i < count; i += Lanes.LENGTH) {
      VectorMask<Float> mask = Lanes.first(count - i);
      long at = (long) i * bytes;
      FloatVector x = Lanes.load(from + at, bytes, mask);
      FloatVector y = gelu ? Activations.gelu(x) : x;
      Lanes.store(accumulate ? y.add(Lanes.load(to + at, bytes, mask)) : y, to + at, bytes, mask);
    }
  }

  private static void add(long x, int bytes, int count, long sums) {
    int i = 0;
    for (; i <= count - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = sums + (long) i * Float.BYTES;
      Lanes.store(Lanes.load(at).add(Lanes.load(x + (long) i * bytes, bytes)), at);
    }
    if (i < count) {
      VectorMask<Float> mask = Lanes.first(count - i);
      long at = sums + (long) i * Float.BYTES;
      Lanes.store(
          Lanes.load(at, mask).add(Lanes.load(x + (long) i * bytes, bytes, mask)), at, mask);
    }
  }

  private static void store(long sums, long to, int bytes, int count) {
    int i = 0;
    for (; i <= count - Lanes.LENGTH; i += Lanes.LENGTH) {
      Lanes.store(Lanes.load(sums + (long) i * Float.BYTES), to + (long) i * bytes, bytes);
    }
    if (i < count) {
      VectorMask<Float> mask = Lanes.first(count - i);
      Lanes.store(
          Lanes.load(sums + (long) i * Float.BYTES, mask), to + (long) i * bytes, bytes, mask);
    }
  }
}
