package dev.culebra.model.tokenizer;

import java.util.Arrays;

/**
 * What a model's tokenizer puts around a text.
 *
 * @param before ids in front of it, such as a beginning-of-sequence token
 * @param after ids behind it; generation goes on from the text and leaves them out
 */
record PromptTemplate(int[] before, int[] after) {
  static final PromptTemplate NONE = new PromptTemplate(new int[0], new int[0]);

  int[] prompt(int[] ids) {
    int[] all = Arrays.copyOf(before, before.length + ids.length);
    System.arraycopy(ids, 0, all, before.length, ids.length);
    return all;
  }
}
