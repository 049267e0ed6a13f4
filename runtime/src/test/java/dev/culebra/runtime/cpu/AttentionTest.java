package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the contract does not ask of every device. Results are held against the definition there, in
 * {@code AttentionContractTest}.
 */
class AttentionTest {
  private final long seed = Long.getLong("culebra.test.seed", System.nanoTime());

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
            new AttentionCase(
                device, shape, AttentionMask.CAUSAL, null, 0.1f, DType.F32, new Random(seed))) {
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
                device, shape, AttentionMask.BIDIRECTIONAL, documents, 0, DType.F32, random)) {
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
            new AttentionCase(
                device, shape, AttentionMask.CAUSAL, null, 0.1f, DType.F32, new Random(seed));
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
            new AttentionCase(
                device, shape, AttentionMask.CAUSAL, null, 0, DType.F32, new Random(seed))) {
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  device
                      .ops()
                      .attention(
                          shape,
                          AttentionMask.CAUSAL,
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
}
