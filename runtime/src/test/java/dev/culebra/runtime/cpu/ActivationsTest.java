package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Operands.values;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ActivationsTest {
  private static final int[][] SHAPES = {{1, 1}, {3, 7}, {5, 16}, {7, 131}, {200, 97}, {0, 8}};

  private static double gelu(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void gelu_is_the_tanh_form() {
    everyShape(
        (o, dtype, rows, columns) -> {
          for (int gap : new int[] {0, 3}) {
            Tensor x = o.normal(dtype, gap, rows, columns);
            Tensor out = o.poisoned(dtype, gap, rows, columns);
            o.ops.gelu(x, out);
            double[] expected = values(x);
            for (int i = 0; i < expected.length; i++) {
              expected[i] = gelu(expected[i]);
            }
            o.check("gelu", expected, out, 1e-6);
          }
        });
  }

  @Test
  void gelu_gradient_is_the_slope_by_central_differences() {
    everyShape(
        (o, dtype, rows, columns) -> {
          Tensor x = o.normal(dtype, 1, rows, columns);
          Tensor dx = o.normal(dtype, 2, rows, columns);
          double[] expected = values(dx);
          double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
          for (int i = 0; i < expected.length; i++) {
            double at = Operands.get(x, i);
            expected[i] *= (gelu(at + 1e-5) - gelu(at - 1e-5)) / 2e-5;
          }
          o.ops.geluBackward(dx, x, dx);
          o.check("geluBackward", expected, dx, 1e-6, largest);
        });
  }

  @Test
  void gelu_of_huge_values_is_linear_or_zero() {
    try (Operands o = new Operands(1)) {
      Tensor x = o.floats(1e30f, -1e30f, 3e38f, -3e38f, 50, -50);
      Tensor out = o.zeros(6);
      o.ops.gelu(x, out);
      o.check("gelu", new double[] {1e30f, 0, 3e38f, 0, 50, 0}, out, 0);
      Tensor ones = o.floats(1, 1, 1, 1, 1, 1);
      o.ops.geluBackward(ones, x, out);
      o.check("slope", new double[] {1, 0, 1, 0, 1, 0}, out, 0);
    }
  }

  @Test
  void swiglu_gates_the_second_half_with_the_first() {
    everyShape(
        (o, dtype, rows, columns) -> {
          Tensor gateUp = o.normal(dtype, 3, rows, 2L * columns);
          Tensor out = o.poisoned(dtype, 1, rows, columns);
          double[] expected = new double[rows * columns];
          for (int i = 0; i < expected.length; i++) {
            int at = i / columns * 2 * columns + i % columns;
            double g = Operands.get(gateUp, at);
            expected[i] = g * sigmoid(g) * Operands.get(gateUp, at + columns);
          }
          o.ops.swiglu(gateUp, out);
          o.check("swiglu", expected, out, 1e-6);
        });
  }

  @Test
  void swiglu_gradient_may_replace_its_input() {
    everyShape(
        (o, dtype, rows, columns) -> {
          Tensor gateUp = o.normal(dtype, 3, rows, 2L * columns);
          Tensor dout = o.normal(dtype, 0, rows, columns);
          double[] expected = new double[rows * columns * 2];
          for (int i = 0; i < rows * columns; i++) {
            int at = i / columns * 2 * columns + i % columns;
            double g = Operands.get(gateUp, at);
            double up = Operands.get(gateUp, at + columns);
            double s = sigmoid(g);
            expected[at] = Operands.get(dout, i) * up * s * (1 + g * (1 - s));
            expected[at + columns] = Operands.get(dout, i) * g * s;
          }
          o.ops.swigluBackward(dout, gateUp, gateUp);
          o.check("swigluBackward", expected, gateUp, 1e-6, 1);
        });
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
}
