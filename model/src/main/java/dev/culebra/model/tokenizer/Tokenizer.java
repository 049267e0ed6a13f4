package dev.culebra.model.tokenizer;

import java.util.Map;

/** Text to token ids and back. */
public interface Tokenizer {
  /** One more than the largest id. */
  int vocabularySize();

  /**
   * Token ids of a text. Special tokens that occur in the text are recognised as such, and whatever
   * a model's tokenizer puts around a text (a beginning-of-sequence token, say) is not added.
   */
  int[] encode(String text);

  /**
   * Token ids of text that goes on behind other text: as {@link #encode}, but nothing is put in
   * front of it (SentencePiece's space, say). Where ordinary text was cut and no token crosses the
   * cut, both parts' ids are those of the whole.
   */
  int[] encodeContinuation(String text);

  /** Token ids of a text taken literally: what looks like a special token is ordinary text. */
  int[] encodeOrdinary(String text);

  /**
   * The ids that generation starts from: what the model's tokenizer puts before a text, and the
   * text.
   */
  int[] encodePrompt(String text);

  /** The bytes of tokens; {@code encode} and {@code decode} round-trip any valid text. */
  byte[] decode(int[] ids, int from, int to);

  /** Special tokens by their text. */
  Map<String, Integer> specialTokens();

  /** The id that separates documents and ends a generated text, or -1 where there is none. */
  int endOfText();

  /** A number that tells this tokenizer from others; data made with one carries it. */
  long fingerprint();
}
