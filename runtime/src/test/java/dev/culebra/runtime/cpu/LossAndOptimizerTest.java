package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Operands.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LossAndOptimizerTest {
  @Test
  void cross_entropy_and_its_gradient_are_those_of_the_softmax() {
    int[][] shapes = {{1, 1}, {3, 7}, {9, 131}, {4, 2048}, {5, 5003}, {0, 5}};
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int[] shape : shapes) {
          crossEntropy(o, dtype, shape[0], shape[1]);
        }
      }
    }
  }

  private static void crossEntropy(Operands o, DType dtype, int rows, int columns) {
    Tensor logits = o.normal(dtype, 3, rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      Operands.set(
          logits, i, 10 * Operands.get(logits, i)); // the maximum moves from block to block
    }
    int[] targets = o.indices(rows, columns);
    if (rows > 2) {
      targets[1] = -1;
    }
    double scale = 0.25;
    double[] losses = new double[rows];
    double[] gradient = values(logits);
    for (int r = 0; r < rows; r++) {
      double[] row = Arrays.copyOfRange(gradient, r * columns, (r + 1) * columns);
      double max = Arrays.stream(row).max().orElseThrow();
      double sum = Arrays.stream(row).map(x -> Math.exp(x - max)).sum();
      for (int c = 0; c < columns; c++) {
        double p = Math.exp(row[c] - max) / sum - (c == targets[r] ? 1 : 0);
        gradient[r * columns + c] = targets[r] < 0 ? 0 : p * scale;
      }
      losses[r] = targets[r] < 0 ? 0 : Math.log(sum) + (max - row[targets[r]]);
    }
    Tensor target = o.ints(targets);
    Tensor loss = o.poisoned(DType.F32, 0, 1, rows);
    o.ops.crossEntropy(logits, target, loss);
    o.check("loss", losses, loss, 1e-6);
    Tensor again = o.poisoned(DType.F32, 0, 1, rows);
    o.ops.crossEntropyWithGradient(logits, target, o.floats((float) scale), again);
    assertArrayEquals(values(loss), values(again));
    o.check("gradient", gradient, logits, 1e-6);
  }

  @Test
  void cross_entropy_of_impossible_tokens_and_of_nan() {
    try (Operands o = new Operands(1)) {
      float low = Float.NEGATIVE_INFINITY;
      Tensor logits = o.floats(low, 1, 1, low, Float.NaN, 1, 0, 0).reshape(2, 4);
      Tensor losses = o.zeros(2);
      o.ops.crossEntropy(logits, o.ints(1, 1), losses);
      assertEquals(Math.log(2), Operands.get(losses, 0), 1e-7);
      assertTrue(Double.isNaN(Operands.get(losses, 1)));
    }
  }

  @Test
  void a_target_outside_the_vocabulary_is_refused() {
    try (Operands o = new Operands(2)) {
      Tensor logits = o.normal(DType.F32, 0, 3, 5);
      Tensor losses = o.zeros(3);
      Tensor targets = o.ints(0, 5, 1);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> o.ops.crossEntropy(logits, targets, losses));
      assertEquals("crossEntropy: target 5 of row 1 is not in [0, 5)", e.getMessage());
    }
  }

  @Test
  void norm_and_sum_of_many_elements_keep_their_accuracy() {
    try (Operands o = new Operands(3)) {
      for (int n : new int[] {1, 17, 1000, 3_000_001}) {
        Tensor x = o.normal(DType.F32, 0, 1, n);
        for (int i = 0; i < n; i++) {
          Operands.set(x, i, 1 + Operands.get(x, i)); // a float accumulator would drift
        }
        Tensor out = o.floats(3);
        o.ops.sum(x, true, out);
        double sum = Arrays.stream(values(x)).sum();
        assertEquals(3 + sum, Operands.get(out, 0), 1e-7 * Math.abs(3 + sum) + 1e-6);
        o.ops.sum(x, false, out);
        assertEquals(sum, Operands.get(out, 0), 1e-7 * Math.abs(sum) + 1e-6);
        o.ops.globalNorm(x, out);
        double norm = Math.sqrt(Arrays.stream(values(x)).map(v -> v * v).sum());
        assertEquals(norm, Operands.get(out, 0), 1e-7 * norm);
      }
    }
  }

  @Test
  void adamW_follows_its_formula_over_several_steps() {
    try (Operands o = new Operands(3)) {
      for (int n : new int[] {1, 15, 40_001}) {
        adamW(o, n, 0);
        adamW(o, n, 0.5f);
      }
    }
  }

  private static void adamW(Operands o, int n, float maxGradNorm) {
    Tensor parameters = o.normal(DType.F32, 0, 1, n);
    Tensor gradients = o.normal(DType.F32, 0, 1, n);
    Tensor m = o.zeros(n);
    Tensor v = o.zeros(n);
    Tensor working = o.poisoned(DType.BF16, 0, 1, n);
    Tensor rate = o.floats(0.01f);
    Tensor step = o.ints(0);
    Tensor norm = o.zeros(1);
    var config = new AdamW(0.9f, 0.95f, 1e-8f, 0.1f, maxGradNorm, rate, step, norm);
    double[] p = values(parameters);
    double[] em = new double[n];
    double[] ev = new double[n];
    for (int t = 1; t <= 3; t++) {
      o.device.write(step, t);
      o.ops.globalNorm(gradients, norm);
      o.ops.adamW(config, parameters, gradients, m, v, working);
      double clip =
          maxGradNorm == 0 ? 1 : Math.min(1, maxGradNorm / (Operands.get(norm, 0) + 1e-6));
      for (int i = 0; i < n; i++) {
        double g = Operands.get(gradients, i) * clip;
        em[i] = 0.9f * em[i] + (1 - (double) 0.9f) * g;
        ev[i] = 0.95f * ev[i] + (1 - (double) 0.95f) * g * g;
        double direction =
            em[i] / (1 - Math.pow(0.9f, t)) / (Math.sqrt(ev[i] / (1 - Math.pow(0.95f, t))) + 1e-8f);
        p[i] = p[i] * (1 - (double) 0.01f * 0.1f) - 0.01f * direction;
      }
    }
    o.check("parameters", p, parameters, 1e-6);
    o.check("firstMoment", em, m, 1e-6);
    o.check("secondMoment", ev, v, 1e-6);
    o.check("working", values(parameters), working, 0);
  }

  @Test
  void adamW_leaves_everything_alone_when_the_norm_is_not_finite() {
    try (Operands o = new Operands(2)) {
      Tensor p = o.normal(DType.F32, 0, 1, 100);
      Tensor m = o.normal(DType.F32, 0, 1, 100);
      Tensor v = o.normal(DType.F32, 0, 1, 100);
      Tensor working = o.normal(DType.BF16, 0, 1, 100);
      double[][] before = {values(p), values(m), values(v), values(working)};
      for (float norm : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        var config = new AdamW(0.9f, 0.95f, 1e-8f, 0, 1, o.floats(1), o.ints(1), o.floats(norm));
        o.ops.adamW(config, p, o.normal(DType.F32, 0, 1, 100), m, v, working);
      }
      double[][] after = {values(p), values(m), values(v), values(working)};
      assertArrayEquals(before, after);
    }
  }
}
