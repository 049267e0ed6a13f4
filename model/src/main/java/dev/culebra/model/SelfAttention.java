package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/**
 * A block's first sublayer: packed product of queries, keys and values, rotation, attention, output
 * product.
 */
final class SelfAttention {
  private final Ops ops;
  private final AttentionShape shape;
  private final float scale;
  private final Linear qkv;
  private final Linear output;
  private final RotaryPositions rotary;
  private final Dropout dropout;

  /**
   * What rotation needs.
   *
   * @param positions I32 {@code [R]}
   * @param frequencies F32 {@code [D / 2]}
   */
  record RotaryPositions(Tensor positions, Tensor frequencies) {}

  /**
   * @param rotary null for none
   * @param dropout of the probabilities, null for none
   */
  SelfAttention(
      Parameters parameters,
      Allocator allocator,
      int layer,
      AttentionShape shape,
      RotaryPositions rotary,
      Dropout dropout) {
    DecoderWeights.Layer weights = parameters.decoder().layers().get(layer);
    String prefix = "layers." + layer + ".attention.";
    this.ops = parameters.device().ops();
    this.shape = shape;
    this.scale = (float) (1 / Math.sqrt(shape.headDim()));
    this.qkv = new Linear(parameters, allocator, prefix + "qkv", weights.qkv(), weights.qkvBias());
    this.output =
        new Linear(
            parameters,
            allocator,
            prefix + "output",
            weights.attentionOutput(),
            weights.attentionOutputBias());
    this.rotary = rotary;
    this.dropout = dropout;
  }

  /** {@code a.attentionNormed()} to {@code out}, {@code [R, C]}. */
  void forward(BlockActivations a, AttentionMask mask, boolean dropping, Tensor out) {
    qkv.forward(a.attentionNormed(), a.qkv().all());
    rotate(a.qkv().queriesAndKeys(), false);
    ops.attention(
        shape,
        mask,
        scale,
        a.qkv().queries(),
        a.qkv().keys(),
        a.qkv().values(),
        dropping ? dropout : null,
        a.attention(),
        a.lse());
    output.forward(a.attention(), out);
  }

  /** {@code dout} {@code [R, C]} to {@code s.dnormed()}. */
  void backward(
      Tensor dout, BlockActivations a, BlockScratch s, AttentionMask mask, boolean accumulate) {
    output.backward(dout, a.attention(), accumulate, s.dattention());
    ops.attentionBackward(
        shape,
        mask,
        scale,
        a.qkv().queries(),
        a.qkv().keys(),
        a.qkv().values(),
        dropout,
        a.attention(),
        a.lse(),
        s.dattention(),
        s.dqkv().queries(),
        s.dqkv().keys(),
        s.dqkv().values());
    rotate(s.dqkv().queriesAndKeys(), true);
    qkv.backward(s.dqkv().all(), a.attentionNormed(), accumulate, s.dnormed());
  }

  private void rotate(Tensor queriesAndKeys, boolean inverse) {
    if (rotary != null) {
      int heads = shape.heads() + shape.kvHeads();
      ops.rope(queriesAndKeys, rotary.positions(), rotary.frequencies(), heads, inverse);
    }
  }
}
