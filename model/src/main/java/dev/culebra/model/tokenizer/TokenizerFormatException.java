package dev.culebra.model.tokenizer;

/** A tokenizer file that is damaged, no tokenizer, or of a kind that is not supported. */
public final class TokenizerFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TokenizerFormatException(String message) {
    super(message);
  }

  public TokenizerFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
