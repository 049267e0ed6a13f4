package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/**
 * One transformer block: {@code m = x + attention(norm(x))}, {@code y = m + mlp(norm(m))}. Each
 * residual addition is done by the norm that follows it, so that the stream is read and written
 * once for both; a block therefore ends with {@code y} still in two parts, {@code middle} and
 * {@code sublayer}.
 */
final class Block {
  /** Dropouts in a block: of attention probabilities, and of both sublayers' outputs. */
  private static final int DROPOUT_SITES = 3;

  private final Ops ops;
  private final BlockActivations activations;
  private final BlockScratch scratch;
  private final Normalization attentionNorm;
  private final SelfAttention attention;
  private final Dropout attentionDropout;
  private final Normalization mlpNorm;
  private final MultilayerPerceptron mlp;
  private final Dropout mlpDropout;

  /**
   * @param rotary null for none
   * @param random of {@link Dropout}, null for none
   */
  Block(
      Parameters parameters,
      Allocator allocator,
      int layer,
      AttentionShape shape,
      SelfAttention.RotaryPositions rotary,
      Tensor random,
      BlockActivations activations,
      BlockScratch scratch) {
    DecoderWeights.Layer weights = parameters.decoder().layers().get(layer);
    String prefix = "layers." + layer;
    this.ops = parameters.device().ops();
    this.activations = activations;
    this.scratch = scratch;
    // Site 0 is the embedding's.
    int site = 1 + layer * DROPOUT_SITES;
    float probability = parameters.config().dropout();
    attentionNorm =
        new Normalization(
            parameters,
            allocator,
            prefix + ".attention.norm",
            weights.attentionNormWeight(),
            weights.attentionNormBias(),
            shape.rows());
    attention =
        new SelfAttention(
            parameters, allocator, layer, shape, rotary, dropout(probability, random, site));
    attentionDropout = dropout(probability, random, site + 1);
    mlpNorm =
        new Normalization(
            parameters,
            allocator,
            prefix + ".mlp.norm",
            weights.mlpNormWeight(),
            weights.mlpNormBias(),
            shape.rows());
    mlp = new MultilayerPerceptron(parameters, allocator, layer, activations);
    mlpDropout = dropout(probability, random, site + 2);
  }

  /** Null where there is nothing to drop. */
  static Dropout dropout(float probability, Tensor random, int site) {
    return probability == 0 || random == null ? null : new Dropout(probability, random, site);
  }

  /** {@code [R, C]}: where the residual stream enters. */
  Tensor input() {
    return activations.input();
  }

  /** {@code [R, C]}: the residual stream before the MLP's output is added. */
  Tensor middle() {
    return activations.middle();
  }

  /**
   * Leaves its output in {@link #middle()} plus {@code sublayer}.
   *
   * @param previous the block before, whose output is still in two parts; null for the first block,
   *     whose input is there
   */
  void forward(Block previous, AttentionMask mask, boolean dropping) {
    if (previous == null) {
      attentionNorm.forward(input(), null, null, activations.attentionNormed());
    } else {
      attentionNorm.forward(
          scratch.sublayer(), previous.middle(), input(), activations.attentionNormed());
    }
    forwardFromNormed(mask, dropping);
    mlp.forwardOutput(activations, scratch.sublayer());
    drop(scratch.sublayer(), dropping ? mlpDropout : null);
  }

  /** Brings the activations back from the input alone, dropouts included. */
  void recompute(AttentionMask mask) {
    attentionNorm.forward(input(), null, null, activations.attentionNormed());
    forwardFromNormed(mask, true);
  }

  private void forwardFromNormed(AttentionMask mask, boolean dropping) {
    attention.forward(activations, mask, dropping, scratch.sublayer());
    drop(scratch.sublayer(), dropping ? attentionDropout : null);
    mlpNorm.forward(scratch.sublayer(), input(), middle(), activations.mlpNormed());
    mlp.forwardInner(activations);
  }

  private void drop(Tensor x, Dropout dropout) {
    if (dropout != null) {
      ops.dropout(x, dropout, x);
    }
  }

  /** Turns {@code dresidual} from the gradient of the block's output into that of its input. */
  void backward(AttentionMask mask, boolean accumulate) {
    Tensor dresidual = scratch.dresidual();
    mlp.backward(dropped(mlpDropout), activations, scratch, accumulate);
    mlpNorm.backward(scratch.dnormed(), middle(), dresidual, dresidual);
    attention.backward(dropped(attentionDropout), activations, scratch, mask, accumulate);
    attentionNorm.backward(scratch.dnormed(), input(), dresidual, dresidual);
  }

  private Tensor dropped(Dropout dropout) {
    if (dropout == null) {
      return scratch.dresidual();
    }
    ops.dropout(scratch.dresidual(), dropout, scratch.sublayer());
    return scratch.sublayer();
  }
}
