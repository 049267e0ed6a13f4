package dev.culebra.model.training;

/**
 * How well a model predicts a text.
 *
 * @param lossSum of all targets, in nats
 * @param targets tokens predicted
 */
public record Evaluation(double lossSum, long targets) {
  /** Mean loss, nats a token; NaN where there was nothing to predict. */
  public double loss() {
    return lossSum / targets;
  }

  public double perplexity() {
    return Math.exp(loss());
  }

  /**
   * @param bytes of the text that the targets stand for, in UTF-8
   */
  public double bitsPerByte(long bytes) {
    return lossSum / Math.log(2) / bytes;
  }
}
