package dev.culebra.model.generation;

import dev.culebra.model.DecoderWeights;
import dev.culebra.model.ModelConfig;
import dev.culebra.model.ModelConfig.Mlp;
import dev.culebra.model.ModelConfig.Norm;
import dev.culebra.model.ModelConfig.Position;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;

/**
 * The decoder's forward pass over a cache: up to R new tokens go in, their keys and values are
 * kept, and their hidden states come out. One token of many sequences and many tokens of one are
 * the same to it.
 */
final class CachedDecoder {
  private final Device device;
  private final ModelConfig config;
  private final DecoderWeights weights;
  private final DecoderCache cache;
  private final Activations activations;
  private final float attentionScale;

  /** What a pass writes, for at most R rows; all F32. */
  private record Activations(
      Tensor hidden, // [R, C]
      Tensor normed, // [R, C]
      Tensor qkv, // [R, (H + 2 kvHeads) D]
      Tensor attention, // [R, H D]
      Tensor up, // [R, F] or [R, 2 F]
      Tensor gated, // [R, F], null without a gate
      Tensor frequencies) { // [D / 2], null without rotary positions

    static Activations allocate(Allocator allocator, ModelConfig config, int rows) {
      boolean gate = config.mlp() == Mlp.SWIGLU;
      return new Activations(
          allocator.allocate(DType.F32, rows, config.hiddenSize()),
          allocator.allocate(DType.F32, rows, config.hiddenSize()),
          allocator.allocate(DType.F32, rows, config.qkvSize()),
          allocator.allocate(DType.F32, rows, (long) config.heads() * config.headDim()),
          allocator.allocate(DType.F32, rows, gate ? 2L * config.mlpSize() : config.mlpSize()),
          gate ? allocator.allocate(DType.F32, rows, config.mlpSize()) : null,
          config.position() == Position.ROTARY
              ? allocator.allocate(DType.F32, config.headDim() / 2)
              : null);
    }
  }

  CachedDecoder(
      Device device,
      ModelConfig config,
      DecoderWeights weights,
      DecoderCache cache,
      Allocator allocator,
      int rows) {
    this.device = device;
    this.config = config;
    this.weights = weights;
    this.cache = cache;
    this.activations = Activations.allocate(allocator, config, rows);
    this.attentionScale = (float) (1 / Math.sqrt(config.headDim()));
  }

  /** Fills what does not change. */
  void prepare() {
    if (activations.frequencies != null) {
      device.write(activations.frequencies, config.rotary().frequencies(config.headDim()));
    }
  }

  /**
   * Enqueues a pass over {@code tokens.elements()} rows.
   *
   * @param tokens I32 {@code [R]}
   * @param sequences I32 {@code [R]}
   * @param positions I32 {@code [R]}
   * @return hidden states after the last block, before the last norm, {@code [R, C]}
   */
  Tensor forward(Tensor tokens, Tensor sequences, Tensor positions) {
    Ops ops = device.ops();
    long rows = tokens.elements();
    Tensor hidden = activations.hidden.rows(0, rows);
    boolean learned = config.position() == Position.LEARNED;
    ops.embedding(
        tokens,
        weights.tokenEmbedding(),
        learned ? positions : null,
        weights.positionEmbedding(),
        hidden);
    for (int i = 0; i < config.layers(); i++) {
      DecoderWeights.Layer layer = weights.layers().get(i);
      attention(layer, cache.layers().get(i), hidden, sequences, positions);
      mlp(layer, hidden);
    }
    return hidden;
  }

  /** The last norm and the head: {@code hidden} {@code [N, C]} to {@code logits} {@code [N, V]}. */
  void logits(Tensor hidden, Tensor logits) {
    Tensor normed = activations.normed.rows(0, hidden.rows());
    norm(hidden, weights.normWeight(), weights.normBias(), normed);
    device.ops().matmul(normed, weights.head(), Epilogue.NONE, logits);
  }

  private void attention(
      DecoderWeights.Layer layer,
      KeyValueCache cache,
      Tensor hidden,
      Tensor sequences,
      Tensor positions) {
    Ops ops = device.ops();
    long rows = hidden.rows();
    Tensor normed = activations.normed.rows(0, rows);
    norm(hidden, layer.attentionNormWeight(), layer.attentionNormBias(), normed);
    Tensor qkv = activations.qkv.rows(0, rows);
    ops.matmul(normed, layer.qkv(), Epilogue.bias(layer.qkvBias()), qkv);
    long queryEnd = (long) config.heads() * config.headDim();
    long keyEnd = queryEnd + (long) config.kvHeads() * config.headDim();
    Tensor q = qkv.columns(0, queryEnd);
    Tensor k = qkv.columns(queryEnd, keyEnd);
    Tensor v = qkv.columns(keyEnd, qkv.columns());
    if (activations.frequencies != null) {
      // Queries and keys are neighbours in the packed product: one call turns both.
      Tensor queriesAndKeys = qkv.columns(0, keyEnd);
      int heads = config.heads() + config.kvHeads();
      ops.rope(queriesAndKeys, positions, activations.frequencies, heads, false);
    }
    ops.storeKeyValue(k, v, sequences, positions, cache);
    Tensor out = activations.attention.rows(0, rows);
    ops.decodeAttention(
        q,
        sequences,
        positions,
        cache,
        config.heads(),
        attentionScale,
        config.slidingWindow(),
        out);
    ops.matmul(
        out, layer.attentionOutput(), Epilogue.residual(layer.attentionOutputBias()), hidden);
  }

  private void mlp(DecoderWeights.Layer layer, Tensor hidden) {
    Ops ops = device.ops();
    long rows = hidden.rows();
    Tensor normed = activations.normed.rows(0, rows);
    norm(hidden, layer.mlpNormWeight(), layer.mlpNormBias(), normed);
    Tensor up = activations.up.rows(0, rows);
    Tensor inner;
    if (config.mlp() == Mlp.SWIGLU) {
      inner = activations.gated.rows(0, rows);
      ops.matmul(normed, layer.up(), Epilogue.bias(layer.upBias()), up);
      ops.swiglu(up, inner);
    } else {
      inner = up;
      ops.matmul(normed, layer.up(), Epilogue.gelu(layer.upBias(), null), up);
    }
    ops.matmul(inner, layer.down(), Epilogue.residual(layer.downBias()), hidden);
  }

  private void norm(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    if (config.norm() == Norm.LAYER) {
      device.ops().layerNorm(x, null, null, weight, bias, config.normEpsilon(), out, null, null);
    } else {
      device.ops().rmsNorm(x, null, null, weight, config.normEpsilon(), out, null);
    }
  }
}
