package dev.culebra.bench;

import static dev.culebra.bench.BenchmarkFixture.C;
import static dev.culebra.bench.BenchmarkFixture.F;
import static dev.culebra.bench.BenchmarkFixture.ROWS;
import static dev.culebra.bench.BenchmarkFixture.V;

import dev.culebra.bench.BenchmarkFixture.Prepared;
import dev.culebra.runtime.Activation;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;

/** Matrix products of a step, and of one decoded token. */
final class ProductCases {
  private ProductCases() {}

  static Prepared matmulQkv(BenchmarkFixture f) {
    return product(f, 3 * C, C, Epilogue.NONE);
  }

  static Prepared matmulUpGelu(BenchmarkFixture f) {
    Tensor preActivation = f.floats(ROWS, F);
    return product(f, F, C, new Epilogue(null, Activation.GELU, preActivation, false));
  }

  static Prepared matmulDown(BenchmarkFixture f) {
    return product(f, C, F, Epilogue.NONE);
  }

  static Prepared matmulBackwardInput(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, F);
    Weight weight = f.weight(F, C, WeightFormat.SOURCE, true);
    Tensor dx = f.floats(ROWS, C);
    return new Prepared(
        () -> f.ops().matmulBackwardInput(dout, weight, false, dx),
        Cost.matmul(ROWS, C, F, f.dtype()));
  }

  static Prepared matmulBackwardWeight(BenchmarkFixture f) {
    Tensor dout = f.floats(ROWS, F);
    Tensor x = f.floats(ROWS, C);
    Tensor dweight = f.of(DType.F32, F, C);
    return new Prepared(
        () -> f.ops().matmulBackwardWeight(dout, x, false, dweight, null),
        Cost.matmul(F, C, ROWS, f.dtype()));
  }

  static Prepared refreshInt8(BenchmarkFixture f) {
    Tensor source = f.floats(F, C);
    Weight weight = f.device().weight(source, WeightFormat.INT8, false);
    return new Prepared(
        () -> f.ops().refresh(weight), new Cost(0, (double) source.bytes() + weight.bytes()));
  }

  static Prepared decodeBf16(BenchmarkFixture f) {
    return decodeProduct(f, WeightFormat.BF16);
  }

  static Prepared decodeInt8(BenchmarkFixture f) {
    return decodeProduct(f, WeightFormat.INT8);
  }

  private static Prepared product(BenchmarkFixture f, int outputs, int inputs, Epilogue epilogue) {
    Tensor x = f.floats(ROWS, inputs);
    Weight weight = f.weight(outputs, inputs, WeightFormat.SOURCE, false);
    Tensor out = f.floats(ROWS, outputs);
    return new Prepared(
        () -> f.ops().matmul(x, weight, epilogue, out),
        Cost.matmul(ROWS, outputs, inputs, f.dtype()));
  }

  /** One row against GPT-2's head, which no cache holds. */
  private static Prepared decodeProduct(BenchmarkFixture f, WeightFormat format) {
    Tensor x = f.floats(1, C);
    Weight weight = f.weight(V, C, format, false);
    Tensor out = f.of(f.dtype(), 1, V);
    return new Prepared(
        () -> f.ops().matmul(x, weight, Epilogue.NONE, out), new Cost(2.0 * V * C, weight.bytes()));
  }
}
