package dev.culebra.runtime.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The tile of scores between {@link #QUERIES} queries and {@link #KEYS} keys, the unit of
 * attention's work: it stays in the first level of cache and is never written to a tensor.
 *
 * <p>It is kept with the queries along the lanes, {@code scores[key, query]}: the softmax of 16
 * queries then runs down the keys with no sum across lanes, masks are comparisons with two vectors
 * of bounds, and no key or value is ever transposed. Scores are in units of log 2 (the queries are
 * scaled by {@code scale / ln 2}), so that exponentials are powers of two.
 */
final class ScoreTile {
  static final int QUERIES = 64;
  static final int KEYS = 64;

  /** Bytes from key to key. */
  static final long ROW = QUERIES * (long) Float.BYTES;

  static final long BYTES = KEYS * ROW;
  static final float LOG2_E = 1.44269504f;
  static final float LN_2 = 0.69314718f;

  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = LENGTH * (long) Float.BYTES;
  private static final int BLOCK = TileProducts.ROWS;

  private ScoreTile() {}

  /** Rounded down to a whole block of keys. */
  static int blockStart(int key) {
    return key / BLOCK * BLOCK;
  }

  /** Rounded up to a whole block of keys. */
  static int blockEnd(int key) {
    return (key + BLOCK - 1) / BLOCK * BLOCK;
  }

  /**
   * {@code products[key, query] = rows[key] · queries[query]}, for each block of four keys only
   * those vectors of queries in which one sees one of the keys.
   *
   * @param rows {@code [KEYS, D]}, those of the tile's first key first, {@code rowBytes} apart
   * @param queries transposed, {@code [D, QUERIES]}
   * @param products {@code [KEYS, QUERIES]}
   * @param tileStart the tile's first key
   * @param from first key wanted, to the end of the tile
   * @param first the queries' first visible keys, see {@link VisibleKeys}
   * @param end the queries' ends of visible keys
   */
  static void products(
      long rows,
      long rowBytes,
      int headDim,
      long queries,
      long products,
      int tileStart,
      int from,
      int to,
      long first,
      long end) {
    for (int key = blockStart(from); key < to; key += BLOCK) {
      int vectorStart = 0;
      while (vectorStart < QUERIES && Lanes.getInt(lastLane(end, vectorStart)) <= key) {
        vectorStart += LENGTH;
      }
      int vectorEnd = QUERIES;
      while (vectorEnd > vectorStart
          && Lanes.getInt(first + (vectorEnd - LENGTH) * 4L) >= key + BLOCK) {
        vectorEnd -= LENGTH;
      }
      long block = products + (key - tileStart) * ROW;
      for (int row = 0; row < BLOCK; row++) {
        TileRows.clear(block + row * ROW + vectorStart * 4L, block + row * ROW + vectorEnd * 4L);
      }
      TileProducts.addProduct(
          rows + (key - tileStart) * rowBytes,
          rowBytes,
          Float.BYTES,
          queries + vectorStart * 4L,
          ROW,
          block + vectorStart * 4L,
          ROW,
          (vectorEnd - vectorStart) / LENGTH,
          headDim);
    }
  }

  /** First key, in whole blocks, that a vector of queries sees from {@code from} on. */
  static int vectorFrom(long first, int query, int from) {
    return blockStart(Math.max(from, Lanes.getInt(first + query * 4L)));
  }

  /** End of the keys, in whole blocks, that a vector of queries sees before {@code to}. */
  static int vectorTo(long end, int query, int to) {
    return blockEnd(Math.min(to, Lanes.getInt(lastLane(end, query))));
  }

  /** Whether one of the vector's queries does not see one of the keys. */
  static boolean partlyMasked(long first, long end, int query, int from, int to) {
    return Lanes.getInt(lastLane(first, query)) > from || Lanes.getInt(end + query * 4L) < to;
  }

  /**
   * Sets a column of scores, one vector wide, to minus infinity where a query does not see a key.
   *
   * @param scores address of the column at key {@code from}
   */
  static void mask(long scores, int from, int to, long first, long end) {
    IntVector firsts = Lanes.loadInts(first);
    IntVector ends = Lanes.loadInts(end);
    for (int key = from; key < to; key++) {
      VectorMask<Float> visible = VisibleKeys.of(firsts, ends, key);
      FloatVector masked =
          Lanes.broadcast(Float.NEGATIVE_INFINITY).blend(Lanes.load(scores), visible);
      Lanes.store(masked, scores);
      scores += ROW;
    }
  }

  /**
   * The largest of a column of scores and of what {@code before} holds, NaN ignored, goes to {@code
   * maximum}. (Results are passed through memory: a vector returned from a method that the compiler
   * does not inline would be boxed on the heap.)
   */
  static void maximum(long before, long scores, int keys, long maximum) {
    FloatVector m0 = Lanes.load(before);
    FloatVector m1 = m0;
    for (int key = 0; key < keys; key += 2) {
      FloatVector s0 = Lanes.load(scores);
      FloatVector s1 = Lanes.load(scores + ROW);
      m0 = m0.blend(s0, s0.compare(VectorOperators.GT, m0));
      m1 = m1.blend(s1, s1.compare(VectorOperators.GT, m1));
      scores += 2 * ROW;
    }
    Lanes.store(m0.blend(m1, m1.compare(VectorOperators.GT, m0)), maximum);
  }

  /** Replaces a column of scores by {@code 2^(score - shift)} and adds them to {@code sum}. */
  static void exponentials(long shift, long sum, long scores, int keys) {
    FloatVector subtracted = Lanes.load(shift);
    FloatVector total = Lanes.load(sum);
    for (int key = 0; key < keys; key++) {
      FloatVector p = Lanes.exp2(Lanes.load(scores).sub(subtracted));
      Lanes.store(p, scores);
      total = total.add(p);
      scores += ROW;
    }
    Lanes.store(total, sum);
  }

  private static long lastLane(long bounds, int query) {
    return bounds + query * 4L + VECTOR - 4;
  }
}
