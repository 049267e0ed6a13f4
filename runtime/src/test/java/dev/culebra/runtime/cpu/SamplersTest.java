package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Operands.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Philox;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplersTest {
  private static final int HISTORY = 9;

  /** The documented order, in double with a full sort. */
  private static int reference(double[] logits, float[] p, int[] history, int length, int[] seed) {
    double[] x = logits.clone();
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < length; i++) {
      if (seen.add(history[i])) {
        double v = x[history[i]];
        x[history[i]] = (float) (v > 0 ? v / p[4] : v * p[4]);
      }
    }
    Integer[] ranked = IntStream.range(0, x.length).boxed().toArray(Integer[]::new);
    Arrays.sort(ranked, Comparator.comparingDouble(i -> -x[i]));
    if (p[0] == 0) {
      return ranked[0];
    }
    double max = x[ranked[0]];
    int kept = p[1] > 0 ? (int) Math.min(p[1], x.length) : x.length;
    double mass = 0;
    for (int i = 0; i < kept; i++) {
      mass += Math.exp((x[ranked[i]] - max) / p[0]);
    }
    if (p[2] < 1) {
      double reached = 0;
      int count = 0;
      while (count < kept && (count == 0 || reached < p[2] * mass)) {
        reached += Math.exp((x[ranked[count++]] - max) / p[0]);
      }
      kept = count;
    }
    double[] weights = new double[x.length];
    for (int i = 0; i < kept; i++) {
      double weight = Math.exp((x[ranked[i]] - max) / p[0]);
      weights[ranked[i]] = weight >= p[3] ? weight : 0;
    }
    double u = Philox.uniform(Philox.word(seed[0], seed[1], 0, 0, length, 0, 0));
    double target = u * Arrays.stream(weights).sum();
    double reached = 0;
    for (int i = 0; i < x.length; i++) {
      reached += weights[i];
      if (reached > target) {
        return i;
      }
    }
    throw new AssertionError("nothing drawn");
  }

  @Test
  void sampling_follows_the_documented_order_and_draw() {
    int differing = 0;
    int rows = 0;
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int vocabulary : new int[] {1, 2, 17, 131, 3001}) {
          for (int batch : new int[] {1, 40}) {
            differing += differing(o, dtype, vocabulary, batch);
            rows += batch;
          }
        }
      }
    }
    // A draw within float rounding of a boundary may fall to its other side: about one in 10^5.
    assertEquals(0, differing / 3, differing + " of " + rows + " rows differ");
  }

  private static int differing(Operands o, DType dtype, int vocabulary, int batch) {
    Tensor logits = o.normal(dtype, 3, batch, vocabulary);
    float[] parameters = new float[batch * 5];
    int[] history = o.indices(batch * HISTORY, vocabulary);
    int[] lengths = o.indices(batch, HISTORY + 1);
    int[] seeds = o.indices(batch * 2, Integer.MAX_VALUE);
    int[] expected = new int[batch];
    double[] all = values(logits);
    for (int b = 0; b < batch; b++) {
      float[] p = {
        pick(o, 0, 0.7f, 1, 3),
        pick(o, 0, 1, 5, 50),
        pick(o, 1, 0, 0.5f, 0.95f),
        pick(o, 0, 0, 0.05f, 0.3f),
        pick(o, 1, 1, 1.3f, 0.8f)
      };
      System.arraycopy(p, 0, parameters, b * 5, 5);
      expected[b] =
          reference(
              Arrays.copyOfRange(all, b * vocabulary, (b + 1) * vocabulary),
              p,
              Arrays.copyOfRange(history, b * HISTORY, (b + 1) * HISTORY),
              lengths[b],
              new int[] {seeds[2 * b], seeds[2 * b + 1]});
    }
    Tensor next = o.ints(new int[batch]);
    o.ops.sample(
        logits,
        o.floats(parameters).reshape(batch, 5),
        o.ints(seeds).reshape(batch, 2),
        o.ints(history).reshape(batch, HISTORY),
        o.ints(lengths),
        next);
    int[] actual = o.device.readInts(next);
    return (int) IntStream.range(0, batch).filter(b -> actual[b] != expected[b]).count();
  }

  private static float pick(Operands o, float... choices) {
    return choices[o.random.nextInt(choices.length)];
  }

  @Test
  void greedy_takes_the_first_of_equal_logits() {
    try (Operands o = new Operands(1)) {
      float[] logits = new float[100];
      logits[37] = logits[38] = logits[90] = 5;
      assertEquals(37, sampleOne(o, logits, 0, 0, 1, 0, 1));
      assertEquals(37, sampleOne(o, logits, 1, 1, 1, 0, 1));
      assertEquals(37, sampleOne(o, logits, 1, 0, 0, 0, 1));
    }
  }

  @Test
  void what_cannot_be_sampled_is_refused() {
    try (Operands o = new Operands(1)) {
      float[] good = {1, 2, 3};
      float nan = Float.NaN;
      float low = Float.NEGATIVE_INFINITY;
      for (float temperature : new float[] {0, 1}) {
        assertEquals(
            "sample: in row 0, a logit is NaN",
            refusal(() -> sampleOne(o, new float[] {1, nan, 3}, temperature, 0, 1, 0, 1)));
        assertEquals(
            "sample: in row 0, the largest logit is -Infinity",
            refusal(() -> sampleOne(o, new float[] {low, low}, temperature, 0, 1, 0, 1)));
      }
      assertEquals(2, sampleOne(o, new float[] {low, low, 0}, 1, 0, 1, 0, 1));
      assertEquals(
          "sample: in row 0, temperature -1.0 is not in [0, 3.4028235E38]",
          refusal(() -> sampleOne(o, good, -1, 0, 1, 0, 1)));
      assertEquals(
          "sample: in row 0, top-p 1.5 is not in [0, 1.0]",
          refusal(() -> sampleOne(o, good, 1, 0, 1.5f, 0, 1)));
      assertEquals(
          "sample: in row 0, the repetition penalty is 0; 1 means none",
          refusal(() -> sampleOne(o, good, 1, 0, 1, 0, 0)));
    }
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }

  private static int sampleOne(Operands o, float[] logits, float... parameters) {
    Tensor next = o.ints(-1);
    o.ops.sample(
        o.floats(logits).reshape(1, logits.length),
        o.floats(parameters).reshape(1, 5),
        o.ints(1, 2).reshape(1, 2),
        o.ints(0).reshape(1, 1),
        o.ints(0),
        next);
    return o.device.readInts(next)[0];
  }

  @Test
  void advance_appends_and_leaves_a_full_history_alone() {
    try (Operands o = new Operands(2)) {
      Tensor history = o.ints(7, 8, 9, 10, 11, 12);
      Tensor lengths = o.ints(1, 3);
      Tensor positions = o.ints(4, 2);
      o.ops.advance(o.ints(20, 21), history.reshape(2, 3), lengths, positions);
      assertArrayEquals(new int[] {7, 20, 9, 10, 11, 12}, o.device.readInts(history));
      assertArrayEquals(new int[] {2, 3}, o.device.readInts(lengths));
      assertArrayEquals(new int[] {5, 2}, o.device.readInts(positions));
    }
  }
}
