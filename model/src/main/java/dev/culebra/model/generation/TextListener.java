package dev.culebra.model.generation;

/** Hears of new text as soon as it is certain. */
@FunctionalInterface
public interface TextListener {
  /**
   * @param sequence index of the prompt
   * @param text whole characters, never part of a stop string
   * @return whether that sequence goes on
   */
  boolean onText(int sequence, String text);
}
