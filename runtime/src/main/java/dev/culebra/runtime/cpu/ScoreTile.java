package dev.culebra.runtime.cpu;

/**
 * The tile of scores between {@link #QUERIES} queries and a span of keys, in whole {@link #KEYS},
 * the unit of attention's work: it stays in cache and is never written to a tensor.
 *
 * <p>It is kept with the queries along the lanes, {@code scores[key, query]}: the softmax of 16
 * queries then runs down the keys with no sum across lanes, and masks are comparisons with two
 * vectors of bounds. What is done to such a {@link ScoreColumn column} is done in units of log 2,
 * so that exponentials are powers of two.
 */
final class ScoreTile {
  static final int QUERIES = 64;
  static final int KEYS = 64;

  static final float LOG2_E = 1.44269504f;
  static final float LN_2 = 0.69314718f;

  private static final int LENGTH = Lanes.LENGTH;
  private static final long ALIGNMENT = 64;

  private ScoreTile() {}

  /** Bytes of the scores of a span of keys, in elements of so many bytes. */
  static long bytes(int keys, int elementBytes) {
    return (long) keys * QUERIES * elementBytes;
  }

  /** Bytes of scratch memory rounded up, so that what follows is aligned to lines of cache. */
  static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Rounded down to a whole tile of keys. */
  static int tileStart(int key) {
    return key / KEYS * KEYS;
  }

  /** Rounded up to a whole tile of keys. */
  static int tileEnd(int key) {
    return tileStart(key + KEYS - 1);
  }

  /**
   * The factor that takes products of queries and keys to units of log 2. Never 0, which would make
   * hidden scores NaN: with the smallest normal number all exponents round to 0 just the same.
   */
  static float log2Scale(float scale) {
    return scale == 0 ? Float.MIN_NORMAL : scale * LOG2_E;
  }

  /**
   * Hides keys of {@code [from, to)}, what one vector of queries sees, from those that do not see
   * them: only those at either end are looked at.
   *
   * @param scores of the span
   */
  static void mask(long scores, float scale, int query, KeySpan span, int from, int to) {
    float hidden = scale < 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
    long zero = scores + query * 4L - bytes(span.start(), Float.BYTES);
    long firsts = span.firsts(query);
    long ends = span.ends(query);
    int allFrom = Math.clamp(span.from(query + LENGTH - 1), from, to);
    int allTo = Math.clamp(span.to(query), allFrom, to);
    ScoreColumn.mask(zero + bytes(from, Float.BYTES), from, allFrom, firsts, ends, hidden);
    ScoreColumn.mask(zero + bytes(allTo, Float.BYTES), allTo, to, firsts, ends, hidden);
  }
}
