package dev.culebra.runtime.cpu;

/**
 * A span of keys in whole tiles, and which of them the queries of a {@link ScoreTile} see. A tile
 * of attention has one that it sets anew for each span, for nothing may be allocated there.
 */
final class KeySpan {
  private int start;
  private int tiles;
  private int from;
  private int to;
  private long first;
  private long end;

  /**
   * Sets the span that begins at key {@code start}: as many tiles as it may have, or as there are
   * before {@code visibleTo}.
   *
   * @param start a multiple of {@link ScoreTile#KEYS}
   * @param visibleFrom first key that a query of the tile sees
   * @param visibleTo end of those keys
   * @param first visible keys of the tile's queries, see {@link VisibleKeys}
   * @param end likewise
   */
  void set(int start, int visibleFrom, int visibleTo, long first, long end) {
    this.start = start;
    this.first = first;
    this.end = end;
    tiles = Math.min(TileProducts.SPAN, (visibleTo - start + ScoreTile.KEYS - 1) / ScoreTile.KEYS);
    from = Math.max(visibleFrom, start);
    to = Math.min(visibleTo, end());
  }

  int start() {
    return start;
  }

  int tiles() {
    return tiles;
  }

  /** Where the next span begins. */
  int end() {
    return start + tiles * ScoreTile.KEYS;
  }

  int keys() {
    return tiles * ScoreTile.KEYS;
  }

  /** First key of the span that a query of the tile sees. */
  int from() {
    return from;
  }

  /** End of those keys. */
  int to() {
    return to;
  }

  /** First key of the span that a query sees, or one after it. */
  int from(int query) {
    return Math.clamp(Lanes.getInt(first + query * 4L), from, to);
  }

  /** End of the keys of the span that a query or one before it sees. */
  int to(int query) {
    return Math.clamp(Lanes.getInt(end + query * 4L), from, to);
  }

  /** Address of the queries' first visible keys from one query on. */
  long firsts(int query) {
    return first + query * 4L;
  }

  /** Address of the queries' ends of visible keys from one query on. */
  long ends(int query) {
    return end + query * 4L;
  }
}
