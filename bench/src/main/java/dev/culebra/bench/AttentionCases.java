package dev.culebra.bench;

import static dev.culebra.bench.BenchmarkFixture.BATCH;
import static dev.culebra.bench.BenchmarkFixture.C;
import static dev.culebra.bench.BenchmarkFixture.CONTEXT;
import static dev.culebra.bench.BenchmarkFixture.HEADS;
import static dev.culebra.bench.BenchmarkFixture.LENGTH;
import static dev.culebra.bench.BenchmarkFixture.ROWS;
import static dev.culebra.bench.BenchmarkFixture.SCALE;
import static dev.culebra.bench.BenchmarkFixture.SHAPE;

import dev.culebra.bench.BenchmarkFixture.Prepared;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;

/** Attention in training and over a cache, and what surrounds it. */
final class AttentionCases {
  private AttentionCases() {}

  static Prepared attention(BenchmarkFixture f) {
    Tensor qkv = f.floats(ROWS, 3 * C);
    Tensor out = f.floats(ROWS, C);
    Tensor lse = f.of(DType.F32, BATCH, HEADS, LENGTH);
    return new Prepared(
        () ->
            f.ops()
                .attention(
                    SHAPE,
                    AttentionMask.CAUSAL,
                    SCALE,
                    qkv.columns(0, C),
                    qkv.columns(C, 2 * C),
                    qkv.columns(2 * C, 3 * C),
                    null,
                    out,
                    lse),
        Cost.attention(SHAPE, true, f.dtype()));
  }

  static Prepared attentionBackward(BenchmarkFixture f) {
    Tensor qkv = f.floats(ROWS, 3 * C);
    Tensor dqkv = f.floats(ROWS, 3 * C);
    Tensor out = f.floats(ROWS, C);
    Tensor dout = f.floats(ROWS, C);
    Tensor lse = f.of(DType.F32, BATCH, HEADS, LENGTH);
    Tensor q = qkv.columns(0, C);
    Tensor k = qkv.columns(C, 2 * C);
    Tensor v = qkv.columns(2 * C, 3 * C);
    f.ops().attention(SHAPE, AttentionMask.CAUSAL, SCALE, q, k, v, null, out, lse);
    return new Prepared(
        () ->
            f.ops()
                .attentionBackward(
                    SHAPE,
                    AttentionMask.CAUSAL,
                    SCALE,
                    q,
                    k,
                    v,
                    null,
                    out,
                    lse,
                    dout,
                    dqkv.columns(0, C),
                    dqkv.columns(C, 2 * C),
                    dqkv.columns(2 * C, 3 * C)),
        Cost.attentionBackward(SHAPE, true, f.dtype()));
  }

  static Prepared rope(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, C);
    Tensor positions = f.integers(ROWS, LENGTH);
    Tensor frequencies = f.of(DType.F32, C / HEADS / 2);
    return new Prepared(
        () -> f.ops().rope(x, positions, frequencies, HEADS, false),
        Cost.traffic(2.0 * ROWS * C, f.dtype()));
  }

  static Prepared storeKeyValue(BenchmarkFixture f) {
    Tensor qkv = f.floats(ROWS, 3 * C);
    KeyValueCache cache =
        new KeyValueCache(
            f.floats(CONTEXT, C), f.floats(CONTEXT, C), f.integers(1, 1).reshape(1, 1), CONTEXT);
    Tensor sequences = f.of(DType.I32, ROWS);
    Tensor positions = f.counting(ROWS);
    return new Prepared(
        () ->
            f.ops()
                .storeKeyValue(
                    qkv.columns(C, 2 * C), qkv.columns(2 * C, 3 * C), sequences, positions, cache),
        Cost.traffic(4.0 * ROWS * C, f.dtype()));
  }

  static Prepared decodeAttention(BenchmarkFixture f) {
    Tensor keys = f.floats(CONTEXT, C);
    Tensor values = f.floats(CONTEXT, C);
    Tensor zero = f.integers(1, 1);
    Tensor position = f.of(DType.I32, 1);
    f.device().write(position, CONTEXT - 1);
    KeyValueCache cache = new KeyValueCache(keys, values, zero.reshape(1, 1), CONTEXT);
    Tensor q = f.floats(1, C);
    Tensor out = f.floats(1, C);
    return new Prepared(
        () -> f.ops().decodeAttention(q, zero, position, cache, HEADS, SCALE, 0, out),
        new Cost(4.0 * CONTEXT * C, 2.0 * CONTEXT * C * f.dtype().bytes()));
  }
}
