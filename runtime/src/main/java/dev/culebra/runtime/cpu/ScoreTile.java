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

  /** Tiles of keys in the span that begins at {@code start}, where {@code to} ends what is seen. */
  static int spanTiles(int start, int to) {
    return Math.min(TileProducts.SPAN, (to - start + KEYS - 1) / KEYS);
  }

  /** First key of {@code [from, to)} that a vector of queries sees. */
  static int vectorFrom(long first, int query, int from, int to) {
    return Math.clamp(Lanes.getInt(first + query * 4L), from, to);
  }

  /** End of the keys of {@code [from, to)} that a vector of queries sees. */
  static int vectorTo(long end, int query, int from, int to) {
    return Math.clamp(Lanes.getInt(lastLane(end, query)), from, to);
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
   * @param scores of the span that begins at key {@code start}
   */
  static void mask(
      long scores, float scale, int query, int start, int from, int to, long first, long end) {
    float hidden = scale < 0 ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
    long offset = query * 4L;
    long zero = scores + offset - bytes(start, Float.BYTES);
    int allFrom = Math.clamp(Lanes.getInt(lastLane(first, query)), from, to);
    int allTo = Math.clamp(Lanes.getInt(end + offset), allFrom, to);
    ScoreColumn.mask(
        zero + bytes(from, Float.BYTES), from, allFrom, first + offset, end + offset, hidden);
    ScoreColumn.mask(
        zero + bytes(allTo, Float.BYTES), allTo, to, first + offset, end + offset, hidden);
  }

  private static long lastLane(long bounds, int query) {
    return bounds + (query + LENGTH - 1) * 4L;
  }
}
