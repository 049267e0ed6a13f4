package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Operands.values;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NormsTest {
  private static final int[][] SHAPES = {{1, 1}, {3, 7}, {5, 16}, {7, 131}, {64, 768}, {0, 8}};
  private static final float EPSILON = 1e-5f;

  @Test
  void layer_norm_normalises_the_sum_with_the_residual() {
    everyShape((o, dtype, rows, columns) -> forward(o, dtype, rows, columns, true));
  }

  @Test
  void rms_norm_scales_the_sum_with_the_residual() {
    everyShape((o, dtype, rows, columns) -> forward(o, dtype, rows, columns, false));
  }

  @Test
  void layer_norm_gradients_are_those_of_the_formula() {
    everyShape((o, dtype, rows, columns) -> backward(o, dtype, rows, columns, true));
  }

  @Test
  void rms_norm_gradients_are_those_of_the_formula() {
    everyShape((o, dtype, rows, columns) -> backward(o, dtype, rows, columns, false));
  }

  private interface Case {
    void run(Operands o, DType dtype, int rows, int columns);
  }

  private static void everyShape(Case test) {
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int[] shape : SHAPES) {
          test.run(o, dtype, shape[0], shape[1]);
        }
      }
    }
  }

  private static void forward(Operands o, DType dtype, int rows, int columns, boolean centered) {
    Tensor x = o.normal(dtype, 3, rows, columns);
    Tensor residual = o.normal(dtype, 0, rows, columns);
    Tensor weight = o.normal(dtype, 0, 1, columns);
    Tensor bias = o.normal(dtype, 0, 1, columns);
    Tensor out = o.poisoned(dtype, 5, rows, columns);
    Tensor mean = o.poisoned(DType.F32, 0, 1, rows);
    Tensor rstd = o.poisoned(DType.F32, 0, 1, rows);
    double[] total = values(x);
    double[] added = values(residual);
    Arrays.setAll(total, i -> total[i] + added[i]);
    if (centered) {
      o.ops.layerNorm(x, residual, x, weight, bias, EPSILON, out, mean, rstd);
    } else {
      o.ops.rmsNorm(x, residual, x, weight, EPSILON, out, rstd);
    }
    o.check("sum", total, x, 1e-7);
    double[] source = values(x);
    double[] expected = new double[rows * columns];
    double[] means = new double[rows];
    double[] scales = new double[rows];
    for (int r = 0; r < rows; r++) {
      double[] row = Arrays.copyOfRange(source, r * columns, (r + 1) * columns);
      double mu = centered ? Arrays.stream(row).average().orElseThrow() : 0;
      means[r] = mu;
      scales[r] =
          1 / Math.sqrt(Arrays.stream(row).map(v -> (v - mu) * (v - mu)).sum() / columns + EPSILON);
      for (int c = 0; c < columns; c++) {
        expected[r * columns + c] =
            (row[c] - mu) * scales[r] * Operands.get(weight, c)
                + (centered ? Operands.get(bias, c) : 0);
      }
    }
    o.check("out", expected, out, 1e-5);
    o.check("rstd", scales, rstd, 1e-5);
    if (centered) {
      o.check("mean", means, mean, 1e-6);
    }
  }

  private static void backward(Operands o, DType dtype, int rows, int columns, boolean centered) {
    Tensor dout = o.normal(dtype, 2, rows, columns);
    Tensor x = o.normal(dtype, 3, rows, columns);
    Tensor weight = o.normal(dtype, 0, 1, columns);
    Tensor mean = o.normal(DType.F32, 0, 1, rows);
    Tensor rstd = o.normal(DType.F32, 0, 1, rows);
    Tensor dx = o.normal(dtype, 1, rows, columns);
    Tensor dweight = o.normal(DType.F32, 0, 1, columns);
    Tensor dbias = o.normal(DType.F32, 0, 1, columns);
    double[] dxExpected = values(dx);
    double[] dweightExpected = values(dweight);
    double[] dbiasExpected = values(dbias);
    double[] normalised = values(x);
    for (int r = 0; r < rows; r++) {
      double mu = centered ? Operands.get(mean, r) : 0;
      double scale = Operands.get(rstd, r);
      double sumG = 0;
      double sumGx = 0;
      for (int c = 0; c < columns; c++) {
        int i = r * columns + c;
        normalised[i] = (normalised[i] - mu) * scale;
        double dy = Operands.get(dout, i);
        sumG += centered ? dy * Operands.get(weight, c) : 0;
        sumGx += dy * Operands.get(weight, c) * normalised[i];
        dweightExpected[c] += dy * normalised[i];
        dbiasExpected[c] += dy;
      }
      for (int c = 0; c < columns; c++) {
        int i = r * columns + c;
        double g = Operands.get(dout, i) * Operands.get(weight, c);
        dxExpected[i] += scale * (g - sumG / columns - normalised[i] * sumGx / columns);
      }
    }
    if (centered) {
      o.ops.layerNormBackward(dout, x, weight, mean, rstd, dx, dx, dweight, dbias);
      o.check("dbias", dbiasExpected, dbias, 1e-5);
    } else {
      o.ops.rmsNormBackward(dout, x, weight, rstd, dx, dx, dweight);
    }
    o.check("dx", dxExpected, dx, 1e-5);
    o.check("dweight", dweightExpected, dweight, 1e-5);
  }
}
