package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Layer and root-mean-square normalisation; the latter is the former with a mean of 0. A worker has
 * whole rows, which lie in its first cache while it passes over them.
 */
final class Norms {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

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
              Moves.add(source, added, Blocks.write(stored, bytes, block, columns), columns);
              Blocks.written(stored, bytes, block, columns);
              source = Blocks.read(stored, bytes, block, columns); // as the backward pass finds it
            }
            float mu = centered ? Moves.sum(source, columns) / columns : 0;
            float variance = squaredDistances(source, mu, columns) / columns;
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            long target = out.rowAddress(row);
            long normalised = Blocks.write(target, bytes, block, columns);
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
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = even;
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER).sub(mean);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, MEMORY, at + VECTOR, ORDER).sub(mean);
      even = a.fma(a, even);
      odd = b.fma(b, odd);
    }
    for (; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      a = a.sub(mean, mask);
      even = a.fma(a, even);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void normalise(
      long x, float mean, float rstd, long weight, long bias, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector y = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      FloatVector gain = FloatVector.fromMemorySegment(FLOATS, MEMORY, weight + at, ORDER);
      y = y.sub(mean).mul(rstd).mul(gain);
      if (bias != 0) {
        y = y.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, bias + at, ORDER));
      }
      y.intoMemorySegment(MEMORY, out + at, ORDER);
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
            long written = Blocks.write(target, bytes, third, columns);
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

  // A loop for both of the next two is more than C1 has registers for: it would stay interpreted.

  /** What a row adds to dweight and dbias. */
  private static void weightGradient(
      long dout, long x, float mean, float rstd, long dweight, long dbias, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector dy = FloatVector.fromMemorySegment(FLOATS, MEMORY, dout + at, ORDER);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      FloatVector dw = FloatVector.fromMemorySegment(FLOATS, MEMORY, dweight + at, ORDER);
      FloatVector db = FloatVector.fromMemorySegment(FLOATS, MEMORY, dbias + at, ORDER);
      dy.fma(a.sub(mean).mul(rstd), dw).intoMemorySegment(MEMORY, dweight + at, ORDER);
      dy.add(db).intoMemorySegment(MEMORY, dbias + at, ORDER);
    }
  }

  /** Σ g and Σ g x̂ of a row, into two floats at {@code out}. */
  private static void projections(
      long dout, long x, long weight, float mean, float rstd, long out, int n) {
    FloatVector sumG = FloatVector.zero(FLOATS);
    FloatVector sumGx = sumG;
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector dy = FloatVector.fromMemorySegment(FLOATS, MEMORY, dout + at, ORDER);
      FloatVector gain = FloatVector.fromMemorySegment(FLOATS, MEMORY, weight + at, ORDER);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      FloatVector g = dy.mul(gain); // 0 behind the end
      sumG = sumG.add(g);
      sumGx = g.fma(a.sub(mean), sumGx);
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
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector dy = FloatVector.fromMemorySegment(FLOATS, MEMORY, dout + at, ORDER);
      FloatVector gain = FloatVector.fromMemorySegment(FLOATS, MEMORY, weight + at, ORDER);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      FloatVector normalised = a.sub(mean).mul(rstd);
      FloatVector d = dy.mul(gain).sub(meanG).sub(normalised.mul(meanGx)).mul(rstd);
      if (dresidual != 0) {
        d = d.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, dresidual + at, ORDER));
      }
      d.intoMemorySegment(MEMORY, dx + at, ORDER);
    }
  }
}
