package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.SamplingReference;
import dev.culebra.fixtures.SamplingReference.Filters;
import dev.culebra.fixtures.Shapes;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class SamplingContractTest {
  private static final int HISTORY = 12;

  /** Samples rows with the same filters and checks each against the tokens it may choose. */
  private static void check(DeviceFixture on, Supplier<Filters> filters) {
    on.repeat(
        12,
        () -> {
          int rows = Shapes.small(on.random());
          int vocabulary = 2 + Shapes.odd(on.random()) * (1 + on.random().nextInt(3));
          Filters filter = filters.get();
          GuardedTensor logits = on.inOut(on.floatType(), rows, vocabulary);
          logits.set(Arrays.stream(logits.values()).map(x -> 3 * x).toArray());
          double[] before = logits.values();
          int[] history = on.below(vocabulary, rows * HISTORY);
          int[] lengths = on.below(HISTORY + 1, rows);
          int[] seeds = on.random().ints(2L * rows).toArray();
          int[] next = sample(on, logits, filter, seeds, history, lengths);
          for (int b = 0; b < rows; b++) {
            double[] row = Arrays.copyOfRange(before, b * vocabulary, (b + 1) * vocabulary);
            int[] past = Arrays.copyOfRange(history, b * HISTORY, b * HISTORY + lengths[b]);
            double u = SamplingReference.uniform(seeds[2 * b], seeds[2 * b + 1], lengths[b]);
            Set<Integer> choices = SamplingReference.choices(row, filter, past, u);
            assertTrue(
                choices.contains(next[b]),
                "row " + b + " chose " + next[b] + ", not one of " + choices + " by " + filter);
          }
        });
  }

  private static int[] sample(
      DeviceFixture on,
      GuardedTensor logits,
      Filters filters,
      int[] seeds,
      int[] history,
      int[] lengths) {
    int rows = lengths.length;
    double[] row = filters.asRow();
    double[] parameters = new double[rows * row.length];
    for (int i = 0; i < parameters.length; i++) {
      parameters[i] = row[i % row.length];
    }
    Tensor parameterTensor =
        on.contiguousInput(DType.F32, rows, row.length).set(parameters).tensor();
    Tensor seedTensor = on.indices(seeds).tensor().reshape(rows, 2);
    Tensor historyTensor = on.indices(history).tensor().reshape(rows, history.length / rows);
    Tensor lengthTensor = on.indices(lengths).tensor();
    GuardedTensor next = on.output(DType.I32, rows);
    on.run(
        () ->
            on.ops()
                .sample(
                    logits.tensor(),
                    parameterTensor,
                    seedTensor,
                    historyTensor,
                    lengthTensor,
                    next.tensor()));
    return next.integers();
  }

  @Test
  void unfiltered_draws_take_the_token_at_the_uniform_number(DeviceFixture on) {
    check(on, () -> Filters.OFF);
  }

  @Test
  void temperature_sharpens_and_flattens(DeviceFixture on) {
    check(on, () -> new Filters(0.3 + (float) on.random().nextDouble() * 2, 0, 1, 0, 1));
  }

  @Test
  void top_k_keeps_the_k_most_likely(DeviceFixture on) {
    check(on, () -> new Filters(1, 1 + on.random().nextInt(9), 1, 0, 1));
  }

  @Test
  void top_p_keeps_the_fewest_that_reach_p(DeviceFixture on) {
    check(on, () -> new Filters(1, 0, on.random().nextFloat(), 0, 1));
  }

  @Test
  void min_p_keeps_those_near_the_most_likely(DeviceFixture on) {
    check(on, () -> new Filters(1, 0, 1, on.random().nextFloat(), 1));
  }

  @Test
  void repetition_penalty_damps_tokens_of_the_history_only(DeviceFixture on) {
    check(on, () -> new Filters(1, 0, 1, 0, 1 + on.random().nextInt(8) / 4.0));
  }

  @Test
  @Tag("short-vectors")
  void all_filters_together_act_in_their_order(DeviceFixture on) {
    check(on, () -> new Filters(0.75, 20, 0.875, 0.0625, 1.25));
  }

  @Test
  void temperature_0_takes_the_largest_logit(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          int rows = Shapes.small(on.random());
          int vocabulary = Shapes.odd(on.random()) * 3;
          GuardedTensor logits = on.inOut(on.floatType(), rows, vocabulary);
          double[] before = logits.values();
          int[] history = on.below(vocabulary, rows * HISTORY);
          int[] lengths = on.below(HISTORY + 1, rows);
          int[] seeds = on.random().ints(2L * rows).toArray();
          // Penalty 2 is exact in F32, so that no rounding can turn the order.
          int[] next = sample(on, logits, new Filters(0, 3, 0.5, 0.5, 2), seeds, history, lengths);
          for (int b = 0; b < rows; b++) {
            double[] row = Arrays.copyOfRange(before, b * vocabulary, (b + 1) * vocabulary);
            int[] past = Arrays.copyOfRange(history, b * HISTORY, b * HISTORY + lengths[b]);
            assertEquals(SamplingReference.greedy(row, 2, past), next[b], "row " + b);
          }
        });
  }

  @Test
  void temperature_0_takes_the_first_of_equal_logits(DeviceFixture on) {
    int vocabulary = 301;
    double[] tied = new double[vocabulary];
    int first = on.random().nextInt(100);
    tied[first] = 2;
    tied[first + 1 + on.random().nextInt(100)] = 2;
    tied[vocabulary - 1] = 2;
    GuardedTensor logits = on.inOut(DType.F32, 1, vocabulary).set(tied);
    int[] next = sample(on, logits, new Filters(0, 0, 1, 0, 1), new int[2], new int[1], new int[1]);
    assertEquals(first, next[0]);
  }

  @Test
  void top_k_among_equal_logits_keeps_k_of_them(DeviceFixture on) {
    int rows = 400;
    GuardedTensor logits = on.inOut(DType.F32, rows, 10).set(new double[rows * 10]);
    int[] seeds = on.random().ints(2L * rows).toArray();
    int[] next =
        sample(on, logits, new Filters(1, 3, 1, 0, 1), seeds, new int[rows], new int[rows]);
    assertEquals(3, Arrays.stream(next).distinct().count());
  }

  @Test
  void minus_infinity_is_never_chosen(DeviceFixture on) {
    int rows = 200;
    double[] values = new double[rows * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 8 == 3 ? 1 : i % 8 == 5 ? 0 : Double.NEGATIVE_INFINITY;
    }
    GuardedTensor logits = on.inOut(DType.F32, rows, 8).set(values);
    int[] seeds = on.random().ints(2L * rows).toArray();
    for (int token : sample(on, logits, Filters.OFF, seeds, new int[rows], new int[rows])) {
      assertTrue(token == 3 || token == 5, "chose " + token);
    }
  }

  @Test
  void over_many_seeds_tokens_come_as_often_as_their_probability(DeviceFixture on) {
    int rows = 4000;
    int vocabulary = 7;
    double[] row = on.normals(vocabulary);
    double[] values = new double[rows * vocabulary];
    int[] seeds = new int[2 * rows];
    for (int b = 0; b < rows; b++) {
      System.arraycopy(row, 0, values, b * vocabulary, vocabulary);
      seeds[2 * b] = on.random().nextInt();
    }
    GuardedTensor logits = on.inOut(DType.F32, rows, vocabulary).set(values);
    int[] next = sample(on, logits, Filters.OFF, seeds, new int[rows], new int[rows]);
    double[] p = SamplingReference.probabilities(row, Filters.OFF, new int[0]);
    double chiSquare = 0;
    for (int token = 0; token < vocabulary; token++) {
      int chosen = token;
      double seen = Arrays.stream(next).filter(t -> t == chosen).count();
      chiSquare += Math.pow(seen - rows * p[token], 2) / (rows * p[token]);
    }
    // With 6 degrees of freedom a chi-square above 48 comes once in 80 million runs.
    assertTrue(chiSquare < 48, "chi-square " + chiSquare);
  }

  @Test
  void advance_appends_and_counts_until_the_history_is_full(DeviceFixture on) {
    GuardedTensor next = on.indices(7, 8, 9);
    GuardedTensor history = on.counters(1, 0, 0, 2, 2, 0, 3, 3, 3);
    GuardedTensor lengths = on.counters(1, 2, 3);
    GuardedTensor positions = on.counters(10, 20, 30);
    on.run(
        () ->
            on.ops()
                .advance(
                    next.tensor(),
                    history.tensor().reshape(3, 3),
                    lengths.tensor(),
                    positions.tensor()));
    history.assertExactly("history", 1, 7, 0, 2, 2, 8, 3, 3, 3);
    lengths.assertExactly("lengths", 2, 3, 3);
    positions.assertExactly("positions", 11, 21, 30);
  }
}
