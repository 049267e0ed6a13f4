package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax cross-entropy and its gradient. A row is read from memory once, block by block: the
 * largest logit so far, then the block's exponentials relative to it (Milakov and Gimelshein 2018,
 * algorithm 3, by blocks instead of elements), their sum over the blocks in double. The gradient
 * pass then finds the row in the second cache.
 */
final class CrossEntropy {
  /** Logits looked at twice in a row: a quarter of a first cache of 32 KiB. */
  private static final int BLOCK = 2048;

  /** Scratch: the maximum, then the row in F32 where it is stored in BF16. */
  private static final int HEADER = 64;

  private final CpuStream stream;

  CrossEntropy(CpuStream stream) {
    this.stream = stream;
  }

  void crossEntropy(Tensor logits, Tensor targets, Tensor losses) {
    enqueue("crossEntropy", logits, targets, null, losses);
  }

  void crossEntropyWithGradient(Tensor logits, Tensor targets, Tensor gradScale, Tensor losses) {
    TensorChecks.vector("crossEntropyWithGradient", "gradScale", gradScale, 1, DType.F32);
    enqueue("crossEntropyWithGradient", logits, targets, gradScale, losses);
  }

  private void enqueue(
      String operation, Tensor logits, Tensor targets, Tensor gradScale, Tensor losses) {
    TensorChecks.present(operation, "logits", logits);
    TensorChecks.dtype(operation, "logits", logits, DType.F32, DType.BF16);
    long rows = logits.rows();
    int columns = Math.toIntExact(logits.columns());
    TensorChecks.vector(operation, "targets", targets, rows, DType.I32);
    TensorChecks.vector(operation, "losses", losses, rows, DType.F32);
    int bytes = logits.dtype().bytes();
    stream.enqueue(
        logits.elements(),
        worker -> {
          long scratch = worker.scratch(HEADER + (long) columns * Float.BYTES);
          long block = scratch + HEADER;
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            int target = Lanes.getInt(targets.address() + row * Integer.BYTES);
            if (target >= columns) {
              throw new IllegalArgumentException(
                  operation
                      + ": target "
                      + target
                      + " of row "
                      + row
                      + " is not in [0, "
                      + columns
                      + ")");
            }
            long stored = logits.rowAddress(row);
            long x = target < 0 ? stored : Blocks.read(stored, bytes, block, columns);
            float loss;
            if (gradScale == null) {
              loss = loss(x, columns, target, scratch);
            } else {
              long gradient = Blocks.write(stored, bytes, block);
              loss =
                  lossWithGradient(
                      gradient, columns, target, Lanes.get(gradScale.address()), scratch);
              Blocks.written(stored, bytes, block, columns);
            }
            Lanes.set(losses.address() + row * Float.BYTES, loss);
          }
        });
  }

  private static float loss(long logits, int n, int target, long scratch) {
    if (target < 0) {
      return 0;
    }
    double sum = sumExp(logits, n, scratch);
    return loss(Lanes.get(scratch), sum, get(logits, target));
  }

  private static float lossWithGradient(long logits, int n, int target, float scale, long scratch) {
    if (target < 0) {
      Moves.fill(logits, 0, n);
      return 0;
    }
    double sum = sumExp(logits, n, scratch);
    float max = Lanes.get(scratch);
    float logit = get(logits, target);
    gradient(logits, max, (float) (scale / sum), n);
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

  /** Σ exp(x - max); the maximum goes to {@code maxOut}. */
  private static double sumExp(long x, int n, long maxOut) {
    float max = -Float.MAX_VALUE; // finite: x - max is defined for a block of -infinity
    double sum = 0;
    for (int i = 0; i < n; i += BLOCK) {
      long block = x + (long) i * Float.BYTES;
      int length = Math.min(BLOCK, n - i);
      float blockMax = max(block, length);
      if (blockMax > max) {
        sum *= Math.exp((double) max - blockMax);
        max = blockMax;
      }
      sum += blockSumExp(block, max, length);
    }
    Lanes.set(maxOut, max);
    return sum;
  }

  /** The largest element, any NaN left out: it makes the sum NaN. */
  private static float max(long x, int n) {
    FloatVector even = Lanes.broadcast(Float.NEGATIVE_INFINITY);
    FloatVector odd = even;
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      even = larger(even, Lanes.load(x + (long) i * Float.BYTES));
      odd = larger(odd, Lanes.load(x + (long) (i + Lanes.LENGTH) * Float.BYTES));
    }
    for (; i < n; i += Lanes.LENGTH) {
      var mask = Lanes.first(n - i);
      FloatVector last = Lanes.load(x + (long) i * Float.BYTES, mask);
      even = even.blend(last, last.compare(VectorOperators.GT, even).and(mask));
    }
    return larger(even, odd).reduceLanes(VectorOperators.MAX);
  }

  private static FloatVector larger(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.GT, a));
  }

  private static float blockSumExp(long x, float max, int n) {
    FloatVector even = Lanes.broadcast(0);
    FloatVector odd = Lanes.broadcast(0);
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      FloatVector a = Lanes.load(x + (long) i * Float.BYTES);
      FloatVector b = Lanes.load(x + (long) (i + Lanes.LENGTH) * Float.BYTES);
      even = even.add(Lanes.exp(a.sub(max)));
      odd = odd.add(Lanes.exp(b.sub(max)));
    }
    for (; i < n; i += Lanes.LENGTH) {
      var mask = Lanes.first(n - i);
      FloatVector a = Lanes.load(x + (long) i * Float.BYTES, mask);
      even = even.add(Lanes.exp(a.sub(max)), mask);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void gradient(long x, float max, float factor, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = x + (long) i * Float.BYTES;
      Lanes.store(Lanes.exp(Lanes.load(at).sub(max)).mul(factor), at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = x + (long) i * Float.BYTES;
      Lanes.store(Lanes.exp(Lanes.load(at, mask).sub(max)).mul(factor), at, mask);
    }
  }
}
