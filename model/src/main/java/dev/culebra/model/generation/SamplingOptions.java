package dev.culebra.model.generation;

import java.util.List;

/**
 * How the next tokens are chosen and when generation ends.
 *
 * @param temperature divides the logits; 0 takes the most likely token
 * @param topK keeps the k most likely tokens; 0 for all
 * @param topP keeps the fewest most likely tokens whose probabilities reach p; 1 for all
 * @param minP keeps tokens of at least this share of the largest probability; 0 for all
 * @param repetitionPenalty weakens tokens that were there already; 1 for not
 * @param seed of the random draws; sequence i of a batch draws with {@code seed + i}
 * @param maxTokens the most new tokens; 0 for as many as the context holds
 * @param stop texts that end the generation; they are not part of the result
 */
public record SamplingOptions(
    float temperature,
    int topK,
    float topP,
    float minP,
    float repetitionPenalty,
    long seed,
    int maxTokens,
    List<String> stop) {
  /** The most likely token each time, until the context is full. */
  public static final SamplingOptions GREEDY = new SamplingOptions(0, 0, 1, 0, 1, 0, 0, List.of());

  public SamplingOptions {
    require(
        temperature >= 0 && Float.isFinite(temperature), "temperature", temperature, "0 or more");
    require(topK >= 0, "top-k", topK, "0 (off) or more");
    require(topP > 0 && topP <= 1, "top-p", topP, "above 0 and at most 1 (off)");
    require(minP >= 0 && minP <= 1, "min-p", minP, "from 0 (off) to 1");
    require(
        repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
        "repetition-penalty",
        repetitionPenalty,
        "above 0; 1 is off");
    require(maxTokens >= 0, "max-tokens", maxTokens, "0 (no limit) or more");
    require(stop.stream().noneMatch(String::isEmpty), "stop", "''", "a text that is not empty");
    stop = List.copyOf(stop);
  }

  private static void require(boolean holds, String option, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(option + " is " + value + ", expected " + expected);
    }
  }

  /** The same with another limit. */
  public SamplingOptions withMaxTokens(int tokens) {
    return new SamplingOptions(
        temperature, topK, topP, minP, repetitionPenalty, seed, tokens, stop);
  }

  /** The row of {@link dev.culebra.runtime.Ops#sample}'s parameters. */
  float[] parameters() {
    return new float[] {temperature, topK, topP, minP, repetitionPenalty};
  }
}
