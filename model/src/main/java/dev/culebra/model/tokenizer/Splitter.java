package dev.culebra.model.tokenizer;

import java.util.List;

/**
 * Cuts text into the pieces that byte-pair merges never cross: words with the space before them,
 * numbers, punctuation, white space.
 *
 * <p>Text is UTF-8 in an array. Bytes that are no valid UTF-8 count as one symbol each, so that any
 * bytes can be split, and the pieces laid end to end are always the text.
 */
public sealed interface Splitter
    permits Gpt2Splitter, Cl100kSplitter, O200kSplitter, RegexSplitter {
  /** Takes the pieces of a text in order. */
  interface Pieces {
    void piece(byte[] text, int from, int to);
  }

  /** GPT-2's rule. */
  Splitter GPT2 = new Gpt2Splitter();

  /** GPT-4's and Llama 3's rule: numbers in groups of up to three digits. */
  Splitter CL100K = new Cl100kSplitter(3);

  /** GPT-4o's rule, which knows upper and lower case. */
  Splitter O200K = new O200kSplitter();

  /** Hands every piece of {@code text[from, to)} to {@code pieces}. */
  void split(byte[] text, int from, int to, Pieces pieces);

  /** The rule as the regular expression that it is published as. */
  String pattern();

  /**
   * The splitter of a regular expression; a hand-written one where the expression is a published
   * one.
   *
   * @throws java.util.regex.PatternSyntaxException if Java does not read the expression
   */
  static Splitter of(String pattern) {
    for (Splitter known : List.of(GPT2, CL100K, new Cl100kSplitter(1), O200K)) {
      if (known.pattern().equals(pattern)) {
        return known;
      }
    }
    return new RegexSplitter(pattern);
  }
}
