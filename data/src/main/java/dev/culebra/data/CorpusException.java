package dev.culebra.data;

/** Text that can't be used: missing, empty, binary or no UTF-8. The message names the file. */
public final class CorpusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CorpusException(String message) {
    super(message);
  }
}
