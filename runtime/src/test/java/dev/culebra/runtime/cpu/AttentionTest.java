package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionTest {
  private static final AttentionReference.Mask CAUSAL = new AttentionReference.Mask(true, 0, null);

  private final long seed = Long.getLong("culebra.test.seed", System.nanoTime());

  @ParameterizedTest
  @CsvSource({
    // batch, length, heads, kvHeads, headDim, causal, window, documents, dropout, dtype, threads
    "1, 1, 1, 1, 1, true, 0, false, 0, F32, 1",
    "2, 7, 2, 1, 5, true, 0, false, 0, F32, 2",
    "2, 64, 4, 4, 32, true, 0, false, 0, F32, 2",
    "1, 65, 3, 3, 33, true, 0, false, 0.2, F32, 2",
    "1, 131, 6, 2, 64, true, 0, false, 0, F32, 2",
    "1, 131, 4, 2, 16, false, 0, false, 0.5, F32, 2",
    "2, 200, 2, 2, 24, true, 17, false, 0, F32, 3",
    "1, 197, 2, 1, 17, false, 33, false, 0.1, F32, 2",
    "2, 193, 2, 2, 8, true, 0, true, 0.1, F32, 2",
    "2, 130, 2, 2, 80, false, 0, true, 0, F32, 2",
    "2, 259, 2, 1, 12, true, 70, true, 0.3, F32, 3",
    "1, 300, 1, 1, 128, true, 1, false, 0, F32, 4",
    "2, 129, 4, 2, 64, true, 0, true, 0.1, BF16, 2",
    "1, 67, 3, 1, 31, false, 9, false, 0, BF16, 1",
  })
  void attention_and_its_gradients_equal_the_definition_in_double(
      int batch,
      int length,
      int heads,
      int kvHeads,
      int headDim,
      boolean causal,
      int window,
      boolean documents,
      float dropout,
      DType dtype,
      int threads) {
    Random random = new Random(seed);
    AttentionShape shape = new AttentionShape(batch, length, heads, kvHeads, headDim);
    AttentionReference.Mask mask =
        new AttentionReference.Mask(
            causal, window, documents ? documents(batch, length, random) : null);
    try (CpuDevice device = new CpuDevice(threads);
        AttentionCase attention = new AttentionCase(device, shape, mask, dropout, dtype, random)) {
      attention.forward();
      attention.backward();
      var forward = attention.reference.forward(attention.q, attention.k, attention.v);
      var gradients =
          attention.reference.backward(attention.q, attention.k, attention.v, attention.dout);
      // BF16: the output is rounded once, to 2^-9 of itself, and so are the probabilities; the
      // gradients' delta is a sum of D products with such outputs, and is subtracted from a dp of
      // its own size.
      assertClose("out", forward.out(), attention.out, 1, dtype == DType.BF16 ? 8e-3 : 4e-6);
      double tolerance = dtype == DType.BF16 ? 3e-2 : 4e-6;
      assertClose("lse", forward.lse(), attention.lse, 1, 4e-6);
      assertClose(
          "dq", gradients.dq(), attention.query(attention.packedGradient), headDim, tolerance);
      assertClose(
          "dk", gradients.dk(), attention.key(attention.packedGradient), headDim, tolerance);
      assertClose(
          "dv", gradients.dv(), attention.value(attention.packedGradient), headDim, tolerance);
    }
  }

  @Test
  void gradients_equal_central_differences() {
    Random random = new Random(seed);
    AttentionShape shape = new AttentionShape(1, 6, 2, 1, 3);
    try (CpuDevice device = new CpuDevice(2);
        AttentionCase attention =
            new AttentionCase(device, shape, CAUSAL, 0.25f, DType.F32, random)) {
      attention.forward();
      attention.backward();
      double[][] inputs = {attention.q, attention.k, attention.v};
      double[][] gradients = {
        AttentionCase.values(attention.query(attention.packedGradient)),
        AttentionCase.values(attention.key(attention.packedGradient)),
        AttentionCase.values(attention.value(attention.packedGradient))
      };
      for (int tensor = 0; tensor < inputs.length; tensor++) {
        for (int i = 0; i < inputs[tensor].length; i++) {
          double value = inputs[tensor][i];
          inputs[tensor][i] = value + 1e-4;
          double above = loss(attention);
          inputs[tensor][i] = value - 1e-4;
          double below = loss(attention);
          inputs[tensor][i] = value;
          double expected = (above - below) / 2e-4;
          assertEquals(
              expected, gradients[tensor][i], 1e-5, "seed " + seed + ", " + tensor + ", " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 16})
  void results_do_not_depend_on_the_number_of_threads(int threads) {
    AttentionShape shape = new AttentionShape(1, 333, 6, 2, 40);
    double[][] one = results(shape, 1);
    double[][] many = results(shape, threads);
    for (int i = 0; i < one.length; i++) {
      assertArrayEquals(one[i], many[i], "seed " + seed + ", result " + i);
    }
  }

  private double[][] results(AttentionShape shape, int threads) {
    try (CpuDevice device = new CpuDevice(threads);
        AttentionCase attention =
            new AttentionCase(device, shape, CAUSAL, 0.1f, DType.F32, new Random(seed))) {
      attention.forward();
      attention.backward();
      return new double[][] {
        AttentionCase.values(attention.out),
        AttentionCase.values(attention.lse),
        AttentionCase.values(attention.query(attention.packedGradient)),
        AttentionCase.values(attention.key(attention.packedGradient)),
        AttentionCase.values(attention.value(attention.packedGradient))
      };
    }
  }

  @Test
  void attention_ignores_tokens_of_other_documents() {
    AttentionShape shape = new AttentionShape(1, 150, 1, 1, 16);
    int[] documents = new int[150];
    java.util.Arrays.fill(documents, 70, 150, 9);
    Random random = new Random(seed);
    try (CpuDevice device = new CpuDevice(2);
        AttentionCase attention =
            new AttentionCase(
                device,
                shape,
                new AttentionReference.Mask(false, 0, documents),
                0,
                DType.F32,
                random)) {
      attention.forward();
      double[] before = AttentionCase.values(attention.out.rows(70, 150));
      AttentionCase.randomize(attention.packedRows(0, 70), random);
      attention.forward();
      double[] after = AttentionCase.values(attention.out.rows(70, 150));
      assertArrayEquals(before, after, "seed " + seed);
    }
  }

  @Test
  void a_replayed_graph_draws_the_dropout_of_the_new_step() {
    AttentionShape shape = new AttentionShape(2, 100, 4, 2, 32);
    try (CpuDevice device = new CpuDevice(1);
        AttentionCase attention =
            new AttentionCase(device, shape, CAUSAL, 0.1f, DType.F32, new Random(seed));
        var graph =
            device.capture(
                () -> {
                  attention.forward();
                  attention.backward();
                })) {
      graph.launch();
      double[] before = AttentionCase.values(attention.out);
      attention.setStep(4711);
      graph.launch();
      assertTrue(!java.util.Arrays.equals(before, AttentionCase.values(attention.out)));
    }
  }

  @Test
  void wrong_shapes_are_refused_with_the_tensor_named() {
    AttentionShape shape = new AttentionShape(2, 10, 2, 1, 8);
    try (CpuDevice device = new CpuDevice(1);
        AttentionCase attention =
            new AttentionCase(device, shape, CAUSAL, 0, DType.F32, new Random(seed))) {
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  device
                      .ops()
                      .attention(
                          shape,
                          dev.culebra.runtime.AttentionMask.CAUSAL,
                          1,
                          attention.out,
                          attention.out,
                          attention.out,
                          null,
                          attention.out,
                          null));
      assertTrue(error.getMessage().startsWith("attention: k is F32[20, 16]"), error.getMessage());
    }
  }

  private double loss(AttentionCase attention) {
    double[] out = attention.reference.forward(attention.q, attention.k, attention.v).out();
    double loss = 0;
    for (int i = 0; i < out.length; i++) {
      loss += out[i] * attention.dout[i];
    }
    return loss;
  }

  /** Adjacent documents of random lengths. */
  private static int[] documents(int batch, int length, Random random) {
    int[] documents = new int[batch * length];
    int number = 5;
    for (int i = 0; i < documents.length; i++) {
      if (i % length == 0 || random.nextInt(40) == 0) {
        number += 1 + random.nextInt(3);
      }
      documents[i] = number;
    }
    return documents;
  }

  /**
   * Errors are relative to the root mean square of the expected values, or, where those are smaller
   * by cancellation (a query that sees only itself has no gradient), to what is taken from each
   * other there: sums of D products of normal numbers, single ones of which are not small.
   */
  private void assertClose(
      String what, double[] expected, Tensor tensor, int headDim, double tolerance) {
    double[] actual = AttentionCase.values(tensor);
    double square = 0;
    for (double value : expected) {
      square += value * value;
    }
    double unit = Math.max(Math.sqrt(square / expected.length), 1 + 0.2 * Math.sqrt(headDim));
    for (int i = 0; i < expected.length; i++) {
      double allowed = tolerance * (unit + Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
        throw new AssertionError(
            what + "[" + i + "] is " + actual[i] + ", expected " + expected[i] + ", seed " + seed);
      }
    }
  }
}
