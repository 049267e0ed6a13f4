package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;

/**
 * Layer and root-mean-square normalisation; the latter is the former with a mean of 0. A worker has
 * whole rows, which lie in its first cache while it passes over them.
 */
final class Norms {
  /** Scratch: {@link Blocks} for x, residual, weight and bias. */
  private static final int FORWARD_BLOCKS = 4;

  /** Bytes before the backward pass's blocks: a row's two projections, in a line of their own. */
  private static final int HEADER = 64;

  /** Scratch: the sums for dweight and dbias, {@link Blocks} for dout, x, dresidual and weight. */
  private static final int BACKWARD_BLOCKS = 6;

  private final CpuStream stream;

  Norms(CpuStream stream) {
    this.stream = stream;
  }

  void layerNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      Tensor bias,
      float epsilon,
      Tensor out,
      Tensor mean,
      Tensor rstd) {
    TensorChecks.require(
        "layerNorm", (mean == null) == (rstd == null), "mean and rstd go together");
    forward("layerNorm", true, x, residual, sum, weight, bias, epsilon, out, mean, rstd);
  }

  void rmsNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      float epsilon,
      Tensor out,
      Tensor rstd) {
    forward("rmsNorm", false, x, residual, sum, weight, null, epsilon, out, null, rstd);
  }

  void layerNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight,
      Tensor dbias) {
    TensorChecks.present("layerNormBackward", "mean", mean);
    backward("layerNormBackward", dout, x, weight, mean, rstd, dresidual, dx, dweight, dbias);
  }

  void rmsNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight) {
    backward("rmsNormBackward", dout, x, weight, null, rstd, dresidual, dx, dweight, null);
  }

  private void forward(
      String operation,
      boolean centered,
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      Tensor bias,
      float epsilon,
      Tensor out,
      Tensor mean,
      Tensor rstd) {
    TensorChecks.present(operation, "x", x);
    TensorChecks.dtype(operation, "x", x, DType.F32, DType.BF16);
    long rows = x.rows();
    int columns = Math.toIntExact(x.columns());
    DType dtype = x.dtype();
    TensorChecks.require(
        operation, (residual == null) == (sum == null), "residual and sum go together");
    if (residual != null) {
      TensorChecks.matrix(operation, "residual", residual, rows, columns, dtype);
      TensorChecks.matrix(operation, "sum", sum, rows, columns, dtype);
    }
    TensorChecks.vector(operation, "weight", weight, columns, dtype);
    if (bias != null) {
      TensorChecks.vector(operation, "bias", bias, columns, dtype);
    }
    TensorChecks.matrix(operation, "out", out, rows, columns, dtype);
    if (mean != null) {
      TensorChecks.vector(operation, "mean", mean, rows, DType.F32);
    }
    if (rstd != null) {
      TensorChecks.vector(operation, "rstd", rstd, rows, DType.F32);
    }
    int bytes = dtype.bytes();
    long width = width(columns);
    stream.enqueue(
        x.elements(),
        worker -> {
          long block = worker.scratch(FORWARD_BLOCKS * width);
          long other = block + width;
          long weights = Blocks.read(weight.address(), bytes, block + 2 * width, columns);
          long biases =
              bias == null ? 0 : Blocks.read(bias.address(), bytes, block + 3 * width, columns);
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            long source = Blocks.read(x.rowAddress(row), bytes, block, columns);
            if (residual != null) {
              long added = Blocks.read(residual.rowAddress(row), bytes, other, columns);
              long stored = sum.rowAddress(row);
              Moves.add(source, added, Blocks.write(stored, bytes, block), columns);
              Blocks.written(stored, bytes, block, columns);
              source = Blocks.read(stored, bytes, block, columns); // as the backward pass finds it
            }
            float mu = centered ? Moves.sum(source, columns) / columns : 0;
            float variance = squaredDistances(source, mu, columns) / columns;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            long target = out.rowAddress(row);
            long normalised = Blocks.write(target, bytes, block);
            normalise(source, mu, scale, weights, biases, normalised, columns);
            Blocks.written(target, bytes, block, columns);
            if (mean != null) {
              Lanes.set(mean.address() + row * Float.BYTES, mu);
            }
            if (rstd != null) {
              Lanes.set(rstd.address() + row * Float.BYTES, scale);
            }
          }
        });
  }

  private static float squaredDistances(long x, float mean, int n) {
    FloatVector even = Lanes.broadcast(0);
    FloatVector odd = Lanes.broadcast(0);
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      FloatVector a = Lanes.load(x + (long) i * Float.BYTES).sub(mean);
      FloatVector b = Lanes.load(x + (long) (i + Lanes.LENGTH) * Float.BYTES).sub(mean);
      even = a.fma(a, even);
      odd = b.fma(b, odd);
    }
    for (; i < n; i += Lanes.LENGTH) {
      var mask = Lanes.first(n - i);
      FloatVector a = Lanes.load(x + (long) i * Float.BYTES, mask).sub(mean);
      even = even.add(a.mul(a), mask);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void normalise(
      long x, float mean, float rstd, long weight, long bias, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector y = Lanes.load(x + at).sub(mean).mul(rstd);
      y = y.mul(Lanes.load(weight + at));
      if (bias != 0) {
        y = y.add(Lanes.load(bias + at));
      }
      Lanes.store(y, out + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector y = Lanes.load(x + at, mask).sub(mean).mul(rstd);
      y = y.mul(Lanes.load(weight + at, mask));
      if (bias != 0) {
        y = y.add(Lanes.load(bias + at, mask));
      }
      Lanes.store(y, out + at, mask);
    }
  }

  /**
   * With x̂ = (x - mean) rstd and g = dout weight: dx = rstd (g - mean(g) - x̂ mean(g x̂)) +
   * dresidual, without mean(g) where there is no mean; dweight = Σ dout x̂ and dbias = Σ dout over
   * the rows. Each worker sums the latter over its rows, then the sums are added in the workers'
   * order.
   */
  private void backward(
      String operation,
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight,
      Tensor dbias) {
    TensorChecks.present(operation, "x", x);
    TensorChecks.dtype(operation, "x", x, DType.F32, DType.BF16);
    long rows = x.rows();
    int columns = Math.toIntExact(x.columns());
    DType dtype = x.dtype();
    TensorChecks.matrix(operation, "dout", dout, rows, columns, dtype);
    TensorChecks.vector(operation, "weight", weight, columns, dtype);
    if (mean != null) {
      TensorChecks.vector(operation, "mean", mean, rows, DType.F32);
    }
    TensorChecks.vector(operation, "rstd", rstd, rows, DType.F32);
    if (dresidual != null) {
      TensorChecks.matrix(operation, "dresidual", dresidual, rows, columns, dtype);
    }
    TensorChecks.matrix(operation, "dx", dx, rows, columns, dtype);
    TensorChecks.vector(operation, "dweight", dweight, columns, DType.F32);
    if (dbias != null) {
      TensorChecks.vector(operation, "dbias", dbias, columns, DType.F32);
    }
    int bytes = dtype.bytes();
    long width = width(columns);
    long[] partials = new long[stream.workers()];
    stream.enqueue(
        x.elements(),
        worker -> {
          long partial = partialSums(worker, columns);
          partials[worker.index()] = partial;
          long dw = partial + HEADER;
          long db = dw + width;
          long block = db + width;
          long gain = Blocks.read(weight.address(), bytes, block + 3 * width, columns);
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            float mu = mean == null ? 0 : Lanes.get(mean.address() + row * Float.BYTES);
            float scale = Lanes.get(rstd.address() + row * Float.BYTES);
            long dy = Blocks.read(dout.rowAddress(row), bytes, block, columns);
            long source = Blocks.read(x.rowAddress(row), bytes, block + width, columns);
            weightGradient(dy, source, mu, scale, dw, db, columns);
            projections(dy, source, gain, mu, scale, partial, columns);
            float meanG = mean == null ? 0 : Lanes.get(partial) / columns;
            float meanGx = Lanes.get(partial + Float.BYTES) / columns;
            long third = block + 2 * width;
            long past =
                dresidual == null
                    ? 0
                    : Blocks.read(dresidual.rowAddress(row), bytes, third, columns);
            long target = dx.rowAddress(row);
            long written = Blocks.write(target, bytes, third);
            inputGradient(dy, source, gain, mu, scale, meanG, meanGx, past, written, columns);
            Blocks.written(target, bytes, third, columns);
          }
          worker.barrier();
          addPartials(worker, partials, HEADER, columns, dweight.address());
          if (dbias != null) {
            addPartials(worker, partials, HEADER + width, columns, dbias.address());
          }
        });
  }

  private static long width(int columns) {
    return (columns * (long) Float.BYTES + HEADER - 1) / HEADER * HEADER;
  }

  private static long partialSums(Worker worker, int columns) {
    long scratch = worker.scratch(HEADER + BACKWARD_BLOCKS * width(columns));
    Moves.fill(scratch + HEADER, 0, Math.toIntExact(2 * width(columns) / Float.BYTES));
    return scratch;
  }

  private static void addPartials(
      Worker worker, long[] partials, long offset, int columns, long out) {
    int from = (int) worker.from(columns, Lanes.LENGTH);
    int to = (int) worker.to(columns, Lanes.LENGTH);
    for (int i = 0; i < worker.count(); i++) {
      long at = (long) from * Float.BYTES;
      Moves.add(out + at, partials[i] + offset + at, out + at, to - from);
    }
  }

  /** Σ g and Σ g x̂ of a row, into two floats at {@code out}. */
  private static void projections(
      long dout, long x, long weight, float mean, float rstd, long out, int n) {
    FloatVector sumG = Lanes.broadcast(0);
    FloatVector sumGx = Lanes.broadcast(0);
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(dout + at).mul(Lanes.load(weight + at));
      sumG = sumG.add(g);
      sumGx = g.fma(Lanes.load(x + at).sub(mean), sumGx);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(dout + at, mask).mul(Lanes.load(weight + at, mask));
      sumG = sumG.add(g);
      sumGx = sumGx.add(g.mul(Lanes.load(x + at, mask).sub(mean)), mask);
    }
    Lanes.set(out, Lanes.sum(sumG));
    Lanes.set(out + Float.BYTES, Lanes.sum(sumGx) * rstd);
  }

  private static void inputGradient(
      long dout,
      long x,
      long weight,
      float mean,
      float rstd,
      float meanG,
      float meanGx,
      long dresidual,
      long dx,
      int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(dout + at).mul(Lanes.load(weight + at));
      FloatVector normalised = Lanes.load(x + at).sub(mean).mul(rstd);
      FloatVector d = g.sub(meanG).sub(normalised.mul(meanGx)).mul(rstd);
      if (dresidual != 0) {
        d = d.add(Lanes.load(dresidual + at));
      }
      Lanes.store(d, dx + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(dout + at, mask).mul(Lanes.load(weight + at, mask));
      FloatVector normalised = Lanes.load(x + at, mask).sub(mean).mul(rstd);
      FloatVector d = g.sub(meanG).sub(normalised.mul(meanGx)).mul(rstd);
      if (dresidual != 0) {
        d = d.add(Lanes.load(dresidual + at, mask));
      }
      Lanes.store(d, dx + at, mask);
    }
  }

  private static void weightGradient(
      long dout, long x, float mean, float rstd, long dweight, long dbias, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      FloatVector dy = Lanes.load(dout + (long) i * Float.BYTES);
      FloatVector normalised = Lanes.load(x + (long) i * Float.BYTES).sub(mean).mul(rstd);
      long at = (long) i * Float.BYTES;
      Lanes.store(dy.fma(normalised, Lanes.load(dweight + at)), dweight + at);
      Lanes.store(dy.add(Lanes.load(dbias + at)), dbias + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      FloatVector dy = Lanes.load(dout + (long) i * Float.BYTES, mask);
      FloatVector normalised = Lanes.load(x + (long) i * Float.BYTES, mask).sub(mean).mul(rstd);
      long at = (long) i * Float.BYTES;
      Lanes.store(dy.fma(normalised, Lanes.load(dweight + at, mask)), dweight + at, mask);
      Lanes.store(dy.add(Lanes.load(dbias + at, mask)), dbias + at, mask);
    }
  }
}
