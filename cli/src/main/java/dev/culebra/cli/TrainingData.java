package dev.culebra.cli;

import dev.culebra.data.CorpusException;
import dev.culebra.data.TokenRange;
import dev.culebra.data.TokenShard;
import dev.culebra.model.tokenizer.Tokenizer;

/**
 * The tokens of a run in two.
 *
 * @param training more than a sequence
 * @param validation null where none is wanted
 */
record TrainingData(TokenRange training, TokenRange validation) {
  /**
   * Divides a run's tokens.
   *
   * @param length tokens of a sequence
   * @throws CorpusException if they are too few
   */
  static TrainingData of(TokenShard shard, RunSettings settings, Tokenizer tokenizer, int length) {
    TrainingData parts = split(shard, settings.validationShare(), tokenizer);
    if (parts.training.size() <= length) {
      throw new CorpusException(
          ("%s: %d tokens to train on are too few for sequences of %d and the token after; more"
                  + " text, a smaller --length or a smaller --validation is needed")
              .formatted(String.join(", ", settings.data()), parts.training.size(), length));
    }
    if (parts.validation != null && parts.validation.size() < 2) {
      throw new CorpusException(
          ("%s: of %d tokens a share of %s leaves nothing for validation; give more text, a larger"
                  + " --validation, or 0 for none")
              .formatted(
                  String.join(", ", settings.data()), shard.size(), settings.validationShare()));
    }
    return parts;
  }

  private static TrainingData split(TokenShard shard, double share, Tokenizer tokenizer) {
    if (share == 0) {
      return new TrainingData(shard.all(), null);
    }
    TokenRange[] parts = shard.split(share, tokenizer);
    return new TrainingData(parts[0], parts[1]);
  }
}
