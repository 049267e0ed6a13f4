package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Softmax cross-entropy and its gradient. A row is read from memory once, block by block: the
 * largest logit so far, then the block's exponentials relative to it (Milakov and Gimelshein 2018,
 * algorithm 3, by blocks instead of elements), their sum over the blocks in double. For the
 * gradient they are kept in the row's place, which lies in the second cache when they are scaled by
 * what came out at its end. The loops call nothing but the Vector API, as {@link Exponential} says.
 */
final class CrossEntropy {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

  /** Logits gone over a few times in the first cache. */
  private static final int BLOCK = Spans.LONGEST;

  private final CpuStream stream;

  CrossEntropy(CpuStream stream) {
    this.stream = stream;
  }

  // Two loops over rows, each with what it needs: in one, both paths inlined made so large a method
  // that C2 gave up inlining the Vector API.

  void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    check("crossEntropy", logits, targets, losses);
    long rows = logits.rows();
    int columns = Math.toIntExact(logits.columns());
    int bytes = logits.dtype().bytes();
    stream.enqueue(
        logits.elements(),
        worker -> {
          long maxima =
              worker.scratch(maximaBytes(columns) + TileRows.padded(columns) * (long) Float.BYTES);
          long block = maxima + maximaBytes(columns);
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            int target = target("crossEntropy", targets, row, columns);
            float loss = 0;
            if (target >= 0) {
              long x = Blocks.read(logits.rowAddress(row), bytes, block, columns);
              loss = loss(x, columns, target, maxima, worker.blocks());
            }
            Lanes.set(losses.address() + row * Float.BYTES, loss);
          }
        });
  }

  void crossEntropyWithGradient(Tensor logits, Tensor targets, Tensor gradScale, Tensor losses) {
    String operation = "crossEntropyWithGradient";
    TensorChecks.vector(operation, "gradScale", gradScale, 1, DType.F32);
    check(operation, logits, targets, losses);
    long rows = logits.rows();
    int columns = Math.toIntExact(logits.columns());
    int bytes = logits.dtype().bytes();
    stream.enqueue(
        logits.elements(),
        worker -> {
          long maxima =
              worker.scratch(maximaBytes(columns) + TileRows.padded(columns) * (long) Float.BYTES);
          long block = maxima + maximaBytes(columns);
          float scale = Lanes.get(gradScale.address());
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            int target = target(operation, targets, row, columns);
            long stored = logits.rowAddress(row);
            float loss = 0;
            if (target < 0) {
              Moves.fill(Blocks.write(stored, bytes, block, columns), 0, columns);
            } else {
              long x = Blocks.read(stored, bytes, block, columns);
              loss = lossWithGradient(x, columns, target, scale, maxima);
            }
            Blocks.written(stored, bytes, block, columns);
            Lanes.set(losses.address() + row * Float.BYTES, loss);
          }
        });
  }

  private static void check(String operation, Tensor logits, Tensor targets, Tensor losses) {
    TensorChecks.present(operation, "logits", logits);
    TensorChecks.dtype(operation, "logits", logits, DType.F32, DType.BF16);
    TensorChecks.vector(operation, "targets", targets, logits.rows(), DType.I32);
    TensorChecks.vector(operation, "losses", losses, logits.rows(), DType.F32);
  }

  /** A row's target; negative where the row has none. */
  private static int target(String operation, Tensor targets, long row, int columns) {
    int target = Lanes.getInt(targets.address() + row * Integer.BYTES);
    if (target >= columns) {
      throw new IllegalArgumentException(
          operation + ": target " + target + " of row " + row + " is not in [0, " + columns + ")");
    }
    return target;
  }

  /** Bytes for the largest logit up to each block, to whole cache lines. */
  private static long maximaBytes(int columns) {
    return (columns / BLOCK + 16) / 16 * 16 * (long) Float.BYTES;
  }

  private static float loss(long logits, int n, int target, long maxima, long block) {
    float logit = get(logits, target);
    double sum = sumExp(logits, n, maxima, block, 0);
    return loss(get(maxima, (n - 1) / BLOCK), sum, logit);
  }

  private static float lossWithGradient(long logits, int n, int target, float scale, long maxima) {
    float logit = get(logits, target);
    double sum = sumExp(logits, n, maxima, logits, Float.BYTES);
    float max = get(maxima, (n - 1) / BLOCK);
    for (int i = 0; i < n; i += BLOCK) {
      double factor = scale / sum * Math.exp((double) get(maxima, i / BLOCK) - max);
      scale(logits + (long) i * Float.BYTES, (float) factor, Math.min(BLOCK, n - i));
    }
    // Not from the stored probability: p - 1 must keep its accuracy where p is nearly 1.
    float atTarget = (float) ((Math.exp((double) logit - max) / sum - 1) * scale);
    Lanes.set(logits + (long) target * Float.BYTES, atTarget);
    return loss(max, sum, logit);
  }

  private static float loss(float max, double sum, float logit) {
    return (float) (Math.log(sum) + ((double) max - logit));
  }

  private static float get(long logits, int index) {
    return Lanes.get(logits + (long) index * Float.BYTES);
  }

  /**
   * Σ exp(x - max) over a row.
   *
   * @param maxima the largest element up to the end of each block, the last one that of the row
   * @param powers where to put each block's exponentials relative to that
   * @param step bytes between those of an element and of the next block's, an element: 0 for one
   *     block of memory for all, 4 to keep them all
   */
  private static double sumExp(long x, int n, long maxima, long powers, int step) {
    float max = -Float.MAX_VALUE; // finite: x - max is defined for a block of -infinity
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long block = x + (long) i * Float.BYTES;
      long out = powers + (long) i * step;
      int length = Math.min(BLOCK, n - i);
      float blockMax = max(block, length);
      if (blockMax > max) {
        sum *= Math.exp((double) max - blockMax);
        max = blockMax;
      }
      Exponential.exp(block, max, out, length);
      sum += Moves.sum(out, length);
      Lanes.set(maxima + (long) (i / BLOCK) * Float.BYTES, max);
    }
    return sum;
  }

  /** The largest element; NaN where there is one, which makes the sum NaN. */
  private static float max(long x, int n) {
    FloatVector even = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector odd = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      long at = x + (long) i * Float.BYTES;
      even = even.max(FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER));
      odd = odd.max(FloatVector.fromMemorySegment(FLOATS, MEMORY, at + VECTOR, ORDER));
    }
    for (; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      even = even.lanewise(VectorOperators.MAX, a, mask);
    }
    return even.max(odd).reduceLanes(VectorOperators.MAX);
  }

  private static void scale(long x, float factor, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = x + (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER)
          .mul(factor)
          .intoMemorySegment(MEMORY, at, ORDER);
    }
  }
}
