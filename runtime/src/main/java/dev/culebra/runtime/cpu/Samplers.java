package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Philox;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Choice of the next token. A worker has whole rows; all it needs beside them lies in its scratch.
 * What top-k and top-p keep is always the tokens from some {@link Ranking} key on, so that neither
 * sorts the vocabulary.
 */
final class Samplers {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final int PARAMETERS = 5;

  /** Weights summed in one go while looking for the token that is drawn. */
  private static final int BLOCK = 1024;

  /** Keeps a token whose weight is only rounded below the bound that {@link #topP} relies on. */
  private static final double SLACK = 0.999;

  private final CpuStream stream;

  Samplers(CpuStream stream) {
    this.stream = stream;
  }

  void sample(
      Tensor logits, Tensor parameters, Tensor seeds, Tensor history, Tensor lengths, Tensor next) {
    TensorChecks.present("sample", "logits", logits);
    TensorChecks.dtype("sample", "logits", logits, DType.F32, DType.BF16);
    long rows = logits.rows();
    int vocabulary = Math.toIntExact(logits.columns());
    TensorChecks.matrix("sample", "parameters", parameters, rows, PARAMETERS, DType.F32);
    TensorChecks.matrix("sample", "seeds", seeds, rows, 2, DType.I32);
    TensorChecks.present("sample", "history", history);
    TensorChecks.matrix("sample", "history", history, rows, history.columns(), DType.I32);
    TensorChecks.vector("sample", "lengths", lengths, rows, DType.I32);
    TensorChecks.vector("sample", "next", next, rows, DType.I32);
    stream.enqueue(
        rows == 1 ? 0 : logits.elements(), // one row is one worker's
        worker -> {
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            long scratch = worker.scratch(scratchBytes(vocabulary));
            long values = scratch + heapBytes(vocabulary);
            int bytes = logits.dtype().bytes();
            Moves.convert(logits.rowAddress(row), bytes, values, Float.BYTES, vocabulary);
            int token =
                choose(
                    row,
                    scratch,
                    vocabulary,
                    parameters.rowAddress(row),
                    seeds.rowAddress(row),
                    history.rowAddress(row),
                    history.columns(),
                    Lanes.getInt(lengths.address() + row * Integer.BYTES),
                    worker.blocks());
            Lanes.setInt(next.address() + row * Integer.BYTES, token);
          }
        });
  }

  /** Scratch: a heap of keys, then logits and weights of the vocabulary. */
  private static long scratchBytes(int vocabulary) {
    return heapBytes(vocabulary) + 2L * TileRows.padded(vocabulary) * Float.BYTES;
  }

  private static long heapBytes(int vocabulary) {
    return (long) vocabulary * Long.BYTES;
  }

  private static int choose(
      long row,
      long heap,
      int n,
      long parameters,
      long seed,
      long history,
      long historyLimit,
      int length,
      long lanes) {
    float temperature = parameter(row, parameters, 0, "temperature", Float.MAX_VALUE);
    int topK = (int) parameter(row, parameters, 1, "top-k", Integer.MAX_VALUE);
    float topP = parameter(row, parameters, 2, "top-p", 1);
    float minP = parameter(row, parameters, 3, "min-p", 1);
    float penalty = parameter(row, parameters, 4, "repetition penalty", Float.MAX_VALUE);
    if (length < 0 || length > historyLimit) {
      throw refused(row, "length " + length + " is not in [0, " + historyLimit + "]");
    }
    long logits = heap + heapBytes(n);
    if (penalty != 1) {
      penalise(row, logits, n, penalty, history, length, heap);
    }
    float max = max(logits, n);
    if (!Float.isFinite(max)) {
      throw refused(row, Float.isNaN(max) ? "a logit is NaN" : "the largest logit is " + max);
    }
    if (temperature == 0) {
      return firstAtLeast(logits, max, n);
    }
    long weights = logits + TileRows.padded(n) * (long) Float.BYTES;
    weigh(logits, max, temperature, weights, n);
    long lowest = lowestKept(heap, logits, weights, n, topK, topP, lanes);
    int lastTie = Ranking.index(lowest) + 1;
    float bound = Ranking.value(lowest);
    if (topK > 0 && topK < n || topP < 1) {
      discard(logits, weights, bound, lastTie);
      long behind = (long) lastTie * Float.BYTES;
      discard(logits + behind, weights + behind, Math.nextUp(bound), n - lastTie);
    }
    if (minP > 0) {
      discard(weights, weights, minP, n); // the largest weight is 1
    }
    int word = Philox.word(Lanes.getInt(seed), Lanes.getInt(seed + 4), 0, 0, length, 0, 0);
    return draw(weights, n, Philox.uniform(word) * Sums.sum(weights, n, lanes), lanes);
  }

  private static float parameter(long row, long parameters, int index, String name, float most) {
    float value = Lanes.get(parameters + (long) index * Float.BYTES);
    if (!(value >= 0 && value <= most)) {
      throw refused(row, name + " " + value + " is not in [0, " + most + "]");
    }
    return value;
  }

  private static IllegalArgumentException refused(long row, String what) {
    return new IllegalArgumentException("sample: in row " + row + ", " + what);
  }

  /** Once for each token however often it occurs: {@code seen} has a bit a token. */
  private static void penalise(
      long row, long logits, int n, float penalty, long history, int length, long seen) {
    if (penalty == 0) {
      throw refused(row, "the repetition penalty is 0; 1 means none");
    }
    Moves.fill(seen, 0, (n + 31) / 32);
    for (int i = 0; i < length; i++) {
      int token = Lanes.getInt(history + (long) i * Integer.BYTES);
      if (token < 0 || token >= n) {
        throw refused(
            row, "token " + token + " at " + i + " of the history is not in [0, " + n + ")");
      }
      long word = seen + (token >> 5) * (long) Integer.BYTES;
      int bits = Lanes.getInt(word);
      int bit = 1 << (token & 31);
      if ((bits & bit) == 0) {
        Lanes.setInt(word, bits | bit);
        long at = logits + (long) token * Float.BYTES;
        float logit = Lanes.get(at);
        Lanes.set(at, logit > 0 ? logit / penalty : logit * penalty);
      }
    }
  }

  /** The largest element, or NaN where there is one. */
  private static float max(long x, int n) {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector faults = FloatVector.zero(FLOATS); // NaN from the first NaN on
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      largest = largest.blend(a, a.compare(VectorOperators.GT, largest).and(mask));
      faults = faults.blend(a, a.compare(VectorOperators.NE, a));
    }
    boolean fault = faults.compare(VectorOperators.NE, faults).anyTrue();
    return fault ? Float.NaN : largest.reduceLanes(VectorOperators.MAX);
  }

  private static int firstAtLeast(long x, float bound, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask);
      long found = a.compare(VectorOperators.GE, bound).and(mask).toLong();
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found);
      }
    }
    throw new IllegalStateException("no element of at least " + bound);
  }

  private static void weigh(long logits, float max, float temperature, long weights, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, MEMORY, logits + at, ORDER, mask)
          .sub(max)
          .div(temperature)
          .intoMemorySegment(MEMORY, weights + at, ORDER, mask);
    }
    Exponential.exp(weights, 0, weights, n);
  }

  /** Sets to 0 the weights of what is below a bound. */
  private static void discard(long x, long weights, float bound, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER, mask);
      VectorMask<Float> low = a.compare(VectorOperators.LT, bound).and(mask);
      FloatVector.zero(FLOATS).intoMemorySegment(MEMORY, weights + at, ORDER, low);
    }
  }

  /** The key of the least likely token that top-k and top-p keep. */
  private static long lowestKept(
      long heap, long logits, long weights, int n, int topK, float topP, long lanes) {
    boolean limited = topK > 0 && topK < n;
    int kept = 0;
    if (limited) {
      kept = topK;
      Ranking.largest(logits, n, topK, heap);
      if (topP == 1) {
        return Ranking.get(heap, 0);
      }
    }
    if (topP == 1) {
      return Long.MIN_VALUE;
    }
    double mass;
    if (limited) {
      mass = 0;
      for (int i = 0; i < kept; i++) {
        mass += weight(weights, Ranking.get(heap, i));
      }
    } else {
      mass = Sums.sum(weights, n, lanes);
      // Those below have less than 1 - p together, so that the fewest reaching p are above.
      kept = Ranking.atLeast((float) (SLACK * (1 - topP) * mass / n), logits, weights, n, heap);
    }
    return topP(heap, kept, weights, topP * mass);
  }

  /** Takes tokens from the most likely on until they have the mass; the key of the last. */
  private static long topP(long heap, int size, long weights, double mass) {
    Ranking.reverse(heap, size);
    double reached = 0;
    while (true) {
      long key = ~Ranking.get(heap, 0);
      reached += weight(weights, key);
      if (reached >= mass || size == 1) {
        return key;
      }
      size--;
      Ranking.replaceRoot(heap, size, Ranking.get(heap, size));
    }
  }

  private static float weight(long weights, long key) {
    return Lanes.get(weights + (long) Ranking.index(key) * Float.BYTES);
  }

  /** The first index at which the weights up to it exceed {@code target}. */
  private static int draw(long weights, int n, double target, long lanes) {
    double reached = 0;
    int last = 0;
    for (int from = 0; from < n; from += BLOCK) {
      int to = Math.min(n, from + BLOCK);
      double sum = Sums.sum(weights + (long) from * Float.BYTES, to - from, lanes);
      if (sum > 0) {
        last = from;
      }
      if (reached + sum <= target) {
        reached += sum;
        continue;
      }
      for (int i = from; i < to; i++) {
        reached += Lanes.get(weights + (long) i * Float.BYTES);
        if (reached > target) {
          return i;
        }
      }
    }
    // Rounding alone kept the sum from being exceeded: the last token with any weight.
    int i = Math.min(n, last + BLOCK) - 1;
    while (Lanes.get(weights + (long) i * Float.BYTES) == 0) {
      i--;
    }
    return i;
  }

  void advance(Tensor next, Tensor history, Tensor lengths, Tensor positions) {
    TensorChecks.present("advance", "next", next);
    TensorChecks.present("advance", "history", history);
    long rows = next.elements();
    long limit = history.columns();
    TensorChecks.vector("advance", "next", next, rows, DType.I32);
    TensorChecks.matrix("advance", "history", history, rows, limit, DType.I32);
    TensorChecks.vector("advance", "lengths", lengths, rows, DType.I32);
    TensorChecks.vector("advance", "positions", positions, rows, DType.I32);
    stream.enqueueSingle(
        () -> {
          for (long row = 0; row < rows; row++) {
            long at = row * Integer.BYTES;
            int length = Lanes.getInt(lengths.address() + at);
            if (length < 0) {
              throw new IllegalArgumentException(
                  "advance: length " + length + " of row " + row + " is negative");
            }
            if (length < limit) {
              long slot = history.rowAddress(row) + (long) length * Integer.BYTES;
              Lanes.setInt(slot, Lanes.getInt(next.address() + at));
              Lanes.setInt(lengths.address() + at, length + 1);
              long position = positions.address() + at;
              Lanes.setInt(position, Lanes.getInt(position) + 1);
            }
          }
        });
  }
}
