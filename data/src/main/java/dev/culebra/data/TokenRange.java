package dev.culebra.data;

/**
 * Some of a shard's tokens.
 *
 * @param from first token
 * @param to one behind the last
 * @param textBytes UTF-8 bytes of their text, separators left out
 */
public record TokenRange(TokenShard shard, long from, long to, long textBytes) {
  public TokenRange {
    if (from < 0 || from > to || to > shard.size()) {
      throw new IllegalArgumentException(
          "range [" + from + ", " + to + ") of " + shard.size() + " tokens");
    }
  }

  /** Number of tokens. */
  public long size() {
    return to - from;
  }

  /** Which tokens these are, wherever they are stored: never the same for other tokens. */
  String identity() {
    return "tokens %d to %d of %s".formatted(from, to, shard.header().digest());
  }

  int get(long index) {
    return shard.get(from + index);
  }
}
