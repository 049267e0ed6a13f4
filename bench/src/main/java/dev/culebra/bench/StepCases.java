package dev.culebra.bench;

import static dev.culebra.bench.BenchmarkFixture.C;
import static dev.culebra.bench.BenchmarkFixture.CONTEXT;
import static dev.culebra.bench.BenchmarkFixture.PARAMETERS;
import static dev.culebra.bench.BenchmarkFixture.ROWS;
import static dev.culebra.bench.BenchmarkFixture.V;

import dev.culebra.bench.BenchmarkFixture.Prepared;
import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;

/** The ends of a step: embedding, loss, optimizer, choice of a token. */
final class StepCases {
  private StepCases() {}

  static Prepared embedding(BenchmarkFixture f) {
    Tensor tokens = f.integers(ROWS, V);
    Tensor table = f.floats(V, C);
    Tensor out = f.floats(ROWS, C);
    return new Prepared(
        () -> f.ops().embedding(tokens, table, null, null, out),
        Cost.traffic(2.0 * ROWS * C, f.dtype()));
  }

  static Prepared embeddingBackward(BenchmarkFixture f) {
    Tensor tokens = f.integers(ROWS, V);
    Tensor dout = f.floats(ROWS, C);
    Tensor dtable = f.of(DType.F32, V, C);
    return new Prepared(
        () -> f.ops().embeddingBackward(tokens, dout, dtable),
        new Cost(0, 1.0 * ROWS * C * (f.dtype().bytes() + 2 * DType.F32.bytes())));
  }

  static Prepared crossEntropyForward(BenchmarkFixture f) {
    Tensor logits = f.floats(ROWS, V);
    Tensor targets = f.integers(ROWS, V);
    Tensor losses = f.of(DType.F32, ROWS);
    return new Prepared(
        () -> f.ops().crossEntropy(logits, targets, losses),
        Cost.traffic(1.0 * ROWS * V, f.dtype()));
  }

  static Prepared crossEntropy(BenchmarkFixture f) {
    Tensor logits = f.floats(ROWS, V);
    Tensor targets = f.integers(ROWS, V);
    Tensor scale = f.of(DType.F32, 1);
    Tensor losses = f.of(DType.F32, ROWS);
    return new Prepared(
        () -> f.ops().crossEntropyWithGradient(logits, targets, scale, losses),
        Cost.traffic(2.0 * ROWS * V, f.dtype()));
  }

  static Prepared globalNorm(BenchmarkFixture f) {
    Tensor x = f.of(DType.F32, PARAMETERS);
    Tensor out = f.of(DType.F32, 1);
    return new Prepared(() -> f.ops().globalNorm(x, out), Cost.traffic(PARAMETERS, DType.F32));
  }

  static Prepared adamw(BenchmarkFixture f) {
    Tensor parameters = f.of(DType.F32, PARAMETERS);
    Tensor gradients = f.of(DType.F32, PARAMETERS);
    Tensor first = f.of(DType.F32, PARAMETERS);
    Tensor second = f.of(DType.F32, PARAMETERS);
    Tensor working = f.dtype() == DType.BF16 ? f.of(DType.BF16, PARAMETERS) : null;
    Tensor step = f.of(DType.I32, 1);
    f.device().write(step, 1);
    AdamW config =
        new AdamW(0.9f, 0.95f, 1e-8f, 0.1f, 1, f.of(DType.F32, 1), step, f.of(DType.F32, 1));
    double bytes = 7.0 * PARAMETERS * DType.F32.bytes() + (working == null ? 0 : working.bytes());
    return new Prepared(
        () -> f.ops().adamW(config, parameters, gradients, first, second, working),
        new Cost(0, bytes));
  }

  static Prepared sampleTopP(BenchmarkFixture f) {
    Tensor logits = f.floats(1, V);
    Tensor parameters = f.of(DType.F32, 1, 5);
    f.device().write(parameters, 0.8f, 0, 0.95f, 0, 1);
    Tensor seeds = f.integers(2, V);
    Tensor history = f.integers(CONTEXT, V).reshape(1, CONTEXT);
    Tensor lengths = f.of(DType.I32, 1);
    Tensor next = f.of(DType.I32, 1);
    return new Prepared(
        () -> f.ops().sample(logits, parameters, seeds, history, lengths, next),
        Cost.traffic(V, f.dtype()));
  }

  static Prepared advance(BenchmarkFixture f) {
    Tensor next = f.integers(1, 1);
    Tensor history = f.of(DType.I32, 1, CONTEXT);
    Tensor lengths = f.of(DType.I32, 1);
    Tensor positions = f.of(DType.I32, 1);
    return new Prepared(
        () -> f.ops().advance(next, history, lengths, positions), Cost.traffic(6, DType.I32));
  }
}
