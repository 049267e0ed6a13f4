package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Rotary position embedding. The sines and cosines of a row are computed once, in its worker's
 * scratch memory, and serve all heads; rows that follow each other with the same position share
 * them. Bytes: x read and written once. FLOPs: 6 for each pair of elements.
 */
final class Rope {
  private final CpuStream stream;

  Rope(CpuStream stream) {
    this.stream = stream;
  }

  void rope(Tensor x, Tensor positions, Tensor frequencies, int heads, boolean inverse) {
    TensorChecks.present("rope", "x", x);
    TensorChecks.dtype("rope", "x", x, DType.F32, DType.BF16);
    TensorChecks.present("rope", "frequencies", frequencies);
    TensorChecks.require(
        "rope", heads > 0 && x.columns() % heads == 0, heads + " heads do not divide x, " + x);
    long headDim = x.columns() / heads;
    TensorChecks.require(
        "rope",
        headDim % 2 == 0,
        "x is " + x + ": " + heads + " heads of " + headDim + " elements, an odd number");
    TensorChecks.vector("rope", "positions", positions, x.rows(), DType.I32);
    TensorChecks.vector("rope", "frequencies", frequencies, headDim / 2, DType.F32);
    stream.enqueue(
        x.elements(), new Rotation(x, positions.address(), frequencies.address(), heads, inverse));
  }

  private record Rotation(Tensor x, long positions, long frequencies, int heads, boolean inverse)
      implements Kernel {
    @Override
    public void run(Worker worker) {
      int half = (int) (x.columns() / heads / 2);
      long cosines = worker.scratch(2 * RotaryAngles.bytes(half));
      long sines = cosines + RotaryAngles.bytes(half);
      long to = worker.to(x.rows());
      boolean known = false;
      int computed = 0;
      for (long row = worker.from(x.rows()); row < to; row++) {
        int position = Lanes.getInt(positions + row * Integer.BYTES);
        if (!known || position != computed) {
          RotaryAngles.compute(inverse ? -position : position, frequencies, half, cosines, sines);
          known = true;
          computed = position;
        }
        turn(x.rowAddress(row), x.dtype().bytes(), heads, half, cosines, sines);
      }
    }

    private static void turn(long row, int bytes, int heads, int half, long cosines, long sines) {
      long halfBytes = half * (long) bytes;
      for (int head = 0; head < heads; head++) {
        long first = row + 2 * head * halfBytes;
        int i = 0;
        for (; i + Lanes.LENGTH <= half; i += Lanes.LENGTH) {
          long at = first + i * (long) bytes;
          FloatVector cosine = Lanes.load(cosines + i * 4L);
          FloatVector sine = Lanes.load(sines + i * 4L);
          FloatVector a = Lanes.load(at, bytes);
          FloatVector b = Lanes.load(at + halfBytes, bytes);
          Lanes.store(a.mul(cosine).sub(b.mul(sine)), at, bytes);
          Lanes.store(b.mul(cosine).add(a.mul(sine)), at + halfBytes, bytes);
        }
        if (i < half) {
          VectorMask<Float> mask = Lanes.first(half - i);
          long at = first + i * (long) bytes;
          FloatVector cosine = Lanes.load(cosines + i * 4L);
          FloatVector sine = Lanes.load(sines + i * 4L);
          FloatVector a = Lanes.load(at, bytes, mask);
          FloatVector b = Lanes.load(at + halfBytes, bytes, mask);
          Lanes.store(a.mul(cosine).sub(b.mul(sine)), at, bytes, mask);
          Lanes.store(b.mul(cosine).add(a.mul(sine)), at + halfBytes, bytes, mask);
        }
      }
    }
  }
}
