package dev.culebra.model.generation;

import java.util.List;

/**
 * What became of one prompt.
 *
 * @param promptIds tokens of the prompt
 * @param ids new tokens, the end-of-text token not among them
 * @param text of the new tokens, up to the stop string if one came
 * @param reason why it ended
 */
public record GeneratedText(
    List<Integer> promptIds, List<Integer> ids, String text, FinishReason reason) {}
