package dev.culebra.data;

/** A token shard that is damaged, none at all, or made with another tokenizer. */
public final class ShardFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ShardFormatException(String message) {
    super(message);
  }
}
