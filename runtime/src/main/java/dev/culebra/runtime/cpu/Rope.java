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
 * Rotary position embedding. The sines and cosines of a row are computed once, in its worker's
 * scratch memory, and serve all heads; rows that follow each other with the same position share
 * them. Bytes: x read and written once. FLOPs: 6 for each pair of elements.
 */
final class Rope {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

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
      int columns = Math.toIntExact(x.columns());
      int bytes = x.dtype().bytes();
      long angleBytes = 6 * RotaryAngles.bytes(half);
      long cosines = worker.scratch(angleBytes + TileRows.padded(columns) * (long) Float.BYTES);
      long block = cosines + angleBytes;
      long sines = cosines + RotaryAngles.bytes(half);
      long reduced = sines + RotaryAngles.bytes(half);
      long to = worker.to(x.rows());
      boolean known = false;
      int computed = 0;
      for (long row = worker.from(x.rows()); row < to; row++) {
        int position = Lanes.getInt(positions + row * Integer.BYTES);
        if (!known || position != computed) {
          RotaryAngles.compute(
              inverse ? -position : position, frequencies, half, cosines, sines, reduced);
          known = true;
          computed = position;
        }
        long stored = x.rowAddress(row);
        turn(Blocks.read(stored, bytes, block, columns), heads, half, cosines, sines);
        Blocks.written(stored, bytes, block, columns);
      }
    }

    /** Turns a row of F32. */
    private static void turn(long row, int heads, int half, long cosines, long sines) {
      long halfBytes = half * (long) Float.BYTES;
      for (int head = 0; head < heads; head++) {
        long first = row + 2 * head * halfBytes;
        for (int i = 0; i < half; i += Lanes.LENGTH) {
          VectorMask<Float> mask = FLOATS.indexInRange(i, half);
          long angle = (long) i * Float.BYTES;
          long at = first + angle;
          long pair = at + halfBytes;
          FloatVector cosine =
              FloatVector.fromMemorySegment(FLOATS, MEMORY, cosines + angle, ORDER);
          FloatVector sine = FloatVector.fromMemorySegment(FLOATS, MEMORY, sines + angle, ORDER);
          FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
          FloatVector b = FloatVector.fromMemorySegment(FLOATS, MEMORY, pair, ORDER, mask);
          a.mul(cosine).sub(b.mul(sine)).intoMemorySegment(MEMORY, at, ORDER, mask);
          b.mul(cosine).add(a.mul(sine)).intoMemorySegment(MEMORY, pair, ORDER, mask);
        }
      }
    }
  }
}
