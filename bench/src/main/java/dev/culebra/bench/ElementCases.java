package dev.culebra.bench;

import static dev.culebra.bench.BenchmarkFixture.C;
import static dev.culebra.bench.BenchmarkFixture.F;
import static dev.culebra.bench.BenchmarkFixture.PARAMETERS;
import static dev.culebra.bench.BenchmarkFixture.ROWS;
import static dev.culebra.bench.BenchmarkFixture.V;

import dev.culebra.bench.BenchmarkFixture.Prepared;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;

/** Norms, activations and moves: bound by memory. */
final class ElementCases {
  private ElementCases() {}

  static Prepared layerNorm(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, C);
    Tensor residual = f.floats(ROWS, C);
    Tensor sum = f.floats(ROWS, C);
    Tensor weight = f.floats(C);
    Tensor bias = f.floats(C);
    Tensor out = f.floats(ROWS, C);
    Tensor mean = f.of(DType.F32, ROWS);
    Tensor rstd = f.of(DType.F32, ROWS);
    return new Prepared(
        () -> f.ops().layerNorm(x, residual, sum, weight, bias, 1e-5f, out, mean, rstd),
        Cost.traffic(4.0 * ROWS * C, f.dtype()));
  }

  static Prepared layerNormBackward(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, C);
    Tensor x = f.floats(ROWS, C);
    Tensor weight = f.floats(C);
    Tensor mean = f.of(DType.F32, ROWS);
    Tensor rstd = f.of(DType.F32, ROWS);
    Tensor dresidual = f.floats(ROWS, C);
    Tensor dx = f.floats(ROWS, C);
    Tensor dweight = f.of(DType.F32, C);
    Tensor dbias = f.of(DType.F32, C);
    return new Prepared(
        () -> f.ops().layerNormBackward(dout, x, weight, mean, rstd, dresidual, dx, dweight, dbias),
        Cost.traffic(4.0 * ROWS * C, f.dtype()));
  }

  static Prepared rmsNorm(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, C);
    Tensor residual = f.floats(ROWS, C);
    Tensor sum = f.floats(ROWS, C);
    Tensor weight = f.floats(C);
    Tensor out = f.floats(ROWS, C);
    Tensor rstd = f.of(DType.F32, ROWS);
    return new Prepared(
        () -> f.ops().rmsNorm(x, residual, sum, weight, 1e-5f, out, rstd),
        Cost.traffic(4.0 * ROWS * C, f.dtype()));
  }

  static Prepared rmsNormBackward(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, C);
    Tensor x = f.floats(ROWS, C);
    Tensor weight = f.floats(C);
    Tensor rstd = f.of(DType.F32, ROWS);
    Tensor dresidual = f.floats(ROWS, C);
    Tensor dx = f.floats(ROWS, C);
    Tensor dweight = f.of(DType.F32, C);
    return new Prepared(
        () -> f.ops().rmsNormBackward(dout, x, weight, rstd, dresidual, dx, dweight),
        Cost.traffic(4.0 * ROWS * C, f.dtype()));
  }

  static Prepared gelu(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, F);
    Tensor out = f.floats(ROWS, F);
    return new Prepared(() -> f.ops().gelu(x, out), Cost.traffic(2.0 * ROWS * F, f.dtype()));
  }

  static Prepared geluBackward(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, F);
    Tensor x = f.floats(ROWS, F);
    Tensor dx = f.floats(ROWS, F);
    return new Prepared(
        () -> f.ops().geluBackward(dout, x, dx), Cost.traffic(3.0 * ROWS * F, f.dtype()));
  }

  static Prepared swiglu(BenchmarkFixture f) {
    Tensor gateUp = f.floats(ROWS, 2 * F);
    Tensor out = f.floats(ROWS, F);
    return new Prepared(() -> f.ops().swiglu(gateUp, out), Cost.traffic(3.0 * ROWS * F, f.dtype()));
  }

  static Prepared swigluBackward(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, F);
    Tensor gateUp = f.floats(ROWS, 2 * F);
    Tensor dgateUp = f.floats(ROWS, 2 * F);
    return new Prepared(
        () -> f.ops().swigluBackward(dout, gateUp, dgateUp),
        Cost.traffic(5.0 * ROWS * F, f.dtype()));
  }

  static Prepared dropout(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, C);
    Tensor out = f.floats(ROWS, C);
    Dropout dropout = new Dropout(0.1f, f.integers(3, V), 1);
    return new Prepared(
        () -> f.ops().dropout(x, dropout, out), Cost.traffic(2.0 * ROWS * C, f.dtype()));
  }

  static Prepared fill(BenchmarkFixture f) {
    Tensor out = f.floats(ROWS, F);
    return new Prepared(() -> f.ops().fill(out, 0), Cost.traffic(1.0 * ROWS * F, f.dtype()));
  }

  static Prepared convert(BenchmarkFixture f) {
    Tensor x = f.floats(ROWS, F);
    Tensor out = f.of(f.dtype() == DType.F32 ? DType.BF16 : DType.F32, ROWS, F);
    return new Prepared(
        () -> f.ops().convert(x, out), new Cost(0, (double) x.bytes() + out.bytes()));
  }

  static Prepared add(BenchmarkFixture f) {
    Tensor a = f.floats(ROWS, F);
    Tensor b = f.floats(ROWS, F);
    Tensor out = f.floats(ROWS, F);
    return new Prepared(() -> f.ops().add(a, b, out), Cost.traffic(3.0 * ROWS * F, f.dtype()));
  }

  static Prepared gatherRows(BenchmarkFixture f) {
    Tensor x = f.floats(V, C);
    Tensor indices = f.integers(ROWS, V);
    Tensor out = f.floats(ROWS, C);
    return new Prepared(
        () -> f.ops().gatherRows(x, indices, out), Cost.traffic(2.0 * ROWS * C, f.dtype()));
  }

  static Prepared sum(BenchmarkFixture f) {
    Tensor x = f.of(DType.F32, PARAMETERS);
    Tensor out = f.of(DType.F32, 1);
    return new Prepared(() -> f.ops().sum(x, false, out), Cost.traffic(PARAMETERS, DType.F32));
  }
}
