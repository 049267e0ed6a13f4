package dev.culebra.model;

import dev.culebra.runtime.Tensor;

/**
 * One product's queries, keys and values side by side, and the parts of it.
 *
 * @param all {@code [R, (H + 2 kvHeads) D]}
 * @param queries {@code [R, H D]}
 * @param keys {@code [R, kvHeads D]}
 * @param values {@code [R, kvHeads D]}
 * @param queriesAndKeys {@code [R, (H + kvHeads) D]}: neighbours, which one rotation turns
 */
record PackedQkv(Tensor all, Tensor queries, Tensor keys, Tensor values, Tensor queriesAndKeys) {
  static PackedQkv of(ModelConfig config, Tensor all) {
    long queryEnd = (long) config.heads() * config.headDim();
    long keyEnd = queryEnd + (long) config.kvHeads() * config.headDim();
    return new PackedQkv(
        all,
        all.columns(0, queryEnd),
        all.columns(queryEnd, keyEnd),
        all.columns(keyEnd, all.columns()),
        all.columns(0, keyEnd));
  }
}
