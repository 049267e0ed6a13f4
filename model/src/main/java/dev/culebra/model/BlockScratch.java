package dev.culebra.model;

import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/**
 * What passes from operation to operation, shared by all blocks. The gradients are null where there
 * is no backward pass.
 *
 * @param sublayer {@code [R, C]}: a sublayer's output before it is added to the residual stream;
 *     backward, the gradient of that after dropout
 * @param dresidual {@code [R, C]}: gradient of the residual stream
 * @param dnormed {@code [R, C]}: gradient of what a norm put out
 * @param dqkv gradient of the packed product
 * @param dattention {@code [R, H D]}
 * @param dinner {@code [R, F]}
 */
record BlockScratch(
    Tensor sublayer,
    Tensor dresidual,
    Tensor dnormed,
    PackedQkv dqkv,
    Tensor dattention,
    Tensor dinner) {

  static BlockScratch allocate(
      Allocator allocator, ModelConfig config, DType dtype, long rows, boolean training) {
    long hidden = config.hiddenSize();
    Tensor sublayer = allocator.allocate(dtype, rows, hidden);
    if (!training) {
      return new BlockScratch(sublayer, null, null, null, null, null);
    }
    return new BlockScratch(
        sublayer,
        allocator.allocate(dtype, rows, hidden),
        allocator.allocate(dtype, rows, hidden),
        PackedQkv.of(config, allocator.allocate(dtype, rows, config.qkvSize())),
        allocator.allocate(dtype, rows, (long) config.heads() * config.headDim()),
        allocator.allocate(dtype, rows, config.mlpSize()));
  }
}
