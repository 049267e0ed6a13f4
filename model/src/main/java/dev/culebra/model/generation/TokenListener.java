package dev.culebra.model.generation;

/** Hears of each token as it is chosen. */
@FunctionalInterface
public interface TokenListener {
  /**
   * @param sequence index of the prompt
   * @param token the new id; never the end-of-text token
   * @return whether that sequence goes on
   */
  boolean onToken(int sequence, int token);
}
