package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * What a block's forward pass leaves for its backward pass, R = B T rows, statistics of the norms
 * apart. About 16 C elements a row in GPT-2's form.
 *
 * @param input {@code [R, C]}, the residual stream as it enters
 * @param attentionNormed {@code [R, C]}
 * @param qkv the packed product, queries and keys turned where positions are rotary
 * @param attention {@code [R, H D]}
 * @param lse F32 {@code [B, H, T]}
 * @param middle {@code [R, C]}, the residual stream between the sublayers
 * @param mlpNormed {@code [R, C]}
 * @param up {@code [R, F]} before GELU, or {@code [R, 2 F]}: gate and up of SwiGLU
 * @param inner {@code [R, F]} after it
 */
record BlockActivations(
    Tensor input,
    Tensor attentionNormed,
    PackedQkv qkv,
    Tensor attention,
    Tensor lse,
    Tensor middle,
    Tensor mlpNormed,
    Tensor up,
    Tensor inner) {

  static BlockActivations allocate(
      Allocator allocator, ModelConfig config, DType dtype, int batch, int length) {
    long rows = (long) batch * length;
    long hidden = config.hiddenSize();
    boolean gated = config.mlp() == ModelConfig.Mlp.SWIGLU;
    return new BlockActivations(
        allocator.allocate(dtype, rows, hidden),
        allocator.allocate(dtype, rows, hidden),
        PackedQkv.of(config, allocator.allocate(dtype, rows, config.qkvSize())),
        allocator.allocate(dtype, rows, (long) config.heads() * config.headDim()),
        allocator.allocate(DType.F32, batch, config.heads(), length),
        allocator.allocate(dtype, rows, hidden),
        allocator.allocate(dtype, rows, hidden),
        allocator.allocate(dtype, rows, (gated ? 2L : 1L) * config.mlpSize()),
        allocator.allocate(dtype, rows, config.mlpSize()));
  }

  /** The same tensors, shared with another block, but for the input. */
  BlockActivations withInput(Tensor ownInput) {
    return new BlockActivations(
        ownInput, attentionNormed, qkv, attention, lse, middle, mlpNormed, up, inner);
  }
}
