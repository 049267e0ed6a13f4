package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.culebra.fixtures.ActivationReference;
import dev.culebra.fixtures.AttentionReference;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.CentralDifferences;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(DeviceExtension.class)
class AttentionContractTest {
  /** Lengths up to more than a tile; the reference's work grows with their square. */
  private static final List<Integer> LENGTHS = List.of(1, 2, 7, 16, 17, 33, 64, 65, 97, 131);

  private static final List<Integer> HEAD_DIMS = List.of(1, 3, 8, 16, 20, 32, 64);

  /** One random attention with all that goes into it. */
  private static final class Problem {
    final DeviceFixture on;
    final AttentionShape shape;
    final AttentionMask mask;
    final float scale;
    final Dropout dropout;
    final GuardedTensor q;
    final GuardedTensor k;
    final GuardedTensor v;
    final GuardedTensor out;
    final GuardedTensor lse;
    final AttentionReference reference;

    /**
     * @param window 0 for none
     * @param documents {@code [B, T]}, or null
     * @param probability of dropping; 0 for no dropout
     */
    Problem(
        DeviceFixture on,
        DType dtype,
        AttentionShape shape,
        boolean causal,
        int window,
        int[] documents,
        float probability) {
      this.on = on;
      this.shape = shape;
      int batch = shape.batch();
      int length = shape.length();
      scale = (float) (1 / Math.sqrt(shape.headDim()));
      mask =
          new AttentionMask(
              causal,
              window,
              documents == null ? null : on.indices(documents).tensor().reshape(batch, length));
      int[] random = on.random().ints(3).toArray();
      dropout = probability > 0 ? new Dropout(probability, on.indices(random).tensor(), 17) : null;
      LongToDoubleFunction factor =
          dropout == null ? i -> 1 : i -> ActivationReference.dropoutFactor(dropout, random, i);
      reference =
          new AttentionReference(
              shape,
              scale,
              AttentionReference.visible(causal, window, documents, length),
              factor,
              dtype);
      long rows = shape.rows();
      q = on.input(dtype, rows, (long) shape.heads() * shape.headDim());
      k = on.input(dtype, rows, (long) shape.kvHeads() * shape.headDim());
      v = on.input(dtype, rows, (long) shape.kvHeads() * shape.headDim());
      out = on.output(dtype, rows, (long) shape.heads() * shape.headDim());
      lse = on.contiguousOutput(DType.F32, batch, shape.heads(), length);
    }

    static Problem random(
        DeviceFixture on, DType dtype, int length, boolean masked, boolean dropping) {
      int kvHeads = 1 + on.random().nextInt(2);
      int heads = kvHeads * (1 + on.random().nextInt(3));
      int batch = 1 + on.random().nextInt(2);
      AttentionShape shape = new AttentionShape(batch, length, heads, kvHeads, on.oneOf(HEAD_DIMS));
      boolean causal = on.random().nextBoolean();
      int window = masked && on.random().nextBoolean() ? 1 + on.random().nextInt(length) : 0;
      int[] documents = masked && on.random().nextBoolean() ? documents(on, batch, length) : null;
      return new Problem(on, dtype, shape, causal, window, documents, dropping ? 0.3f : 0);
    }

    static Problem random(DeviceFixture on, boolean masked, boolean dropping) {
      return random(on, on.floatType(), on.oneOf(LENGTHS), masked, dropping);
    }

    void forward(boolean keep) {
      on.ops()
          .attention(
              shape,
              mask,
              scale,
              q.tensor(),
              k.tensor(),
              v.tensor(),
              dropout,
              out.tensor(),
              keep ? lse.tensor() : null);
    }

    void checkForward() {
      AttentionReference.Forward expected = reference.forward(q.values(), k.values(), v.values());
      on.run(() -> forward(true));
      out.assertEquals("out", expected.out());
      lse.assertEquals("lse", expected.lse());
    }

    void checkBackward() {
      AttentionReference.Forward forward = reference.forward(q.values(), k.values(), v.values());
      out.set(Bounded.values(forward.out()));
      lse.set(Bounded.values(forward.lse()));
      GuardedTensor dout = on.input(q.tensor().dtype(), q.tensor().shape());
      GuardedTensor dq = on.output(q.tensor().dtype(), q.tensor().shape());
      GuardedTensor dk = on.output(k.tensor().dtype(), k.tensor().shape());
      GuardedTensor dv = on.output(v.tensor().dtype(), v.tensor().shape());
      AttentionReference.Backward expected =
          reference.backward(
              q.values(), k.values(), v.values(), out.values(), lse.values(), dout.values());
      on.run(
          () ->
              on.ops()
                  .attentionBackward(
                      shape,
                      mask,
                      scale,
                      q.tensor(),
                      k.tensor(),
                      v.tensor(),
                      dropout,
                      out.tensor(),
                      lse.tensor(),
                      dout.tensor(),
                      dq.tensor(),
                      dk.tensor(),
                      dv.tensor()));
      dq.assertEquals("dq", expected.dq());
      dk.assertEquals("dk", expected.dk());
      dv.assertEquals("dv", expected.dv());
    }

    /** Documents of random lengths, some of them longer than a tile where the sequence is. */
    private static int[] documents(DeviceFixture on, int batch, int length) {
      int[] documents = new int[batch * length];
      int typical = Math.max(9, length / 4);
      for (int i = 0; i < documents.length; i++) {
        boolean next = i % length == 0 || on.random().nextInt(typical) == 0;
        documents[i] = i == 0 ? 5 : documents[i - 1] + (next ? 1 : 0);
      }
      return documents;
    }
  }

  @Test
  void attention_equals_the_reference(DeviceFixture on) {
    on.repeat(8, () -> Problem.random(on, false, false).checkForward());
  }

  @Test
  @Tag("short-vectors")
  void attention_sees_through_windows_and_documents(DeviceFixture on) {
    on.repeat(10, () -> Problem.random(on, true, false).checkForward());
  }

  @Test
  void attention_drops_the_probabilities_that_philox_says(DeviceFixture on) {
    on.repeat(6, () -> Problem.random(on, true, true).checkForward());
  }

  @Test
  void attention_backward_equals_the_reference(DeviceFixture on) {
    on.repeat(8, () -> Problem.random(on, false, false).checkBackward());
  }

  @Test
  @Tag("short-vectors")
  void attention_backward_sees_through_windows_and_documents(DeviceFixture on) {
    on.repeat(10, () -> Problem.random(on, true, false).checkBackward());
  }

  @Test
  void attention_backward_drops_what_the_forward_pass_dropped(DeviceFixture on) {
    on.repeat(6, () -> Problem.random(on, true, true).checkBackward());
  }

  /** Heads of several widths, and lengths of several tiles and of more keys than fit one span. */
  @ParameterizedTest
  @CsvSource({
    // batch, length, heads, kvHeads, headDim, causal, window, documents, dropout, dtype
    "1, 1, 1, 1, 1, true, 0, false, 0, F32",
    "2, 64, 4, 4, 32, true, 0, false, 0, F32",
    "1, 65, 3, 3, 33, true, 0, false, 0.2, F32",
    "2, 200, 2, 2, 24, true, 17, false, 0, F32",
    "1, 197, 2, 1, 17, false, 33, false, 0.1, F32",
    "2, 193, 2, 2, 8, true, 0, true, 0.1, F32",
    "1, 130, 2, 2, 80, false, 0, true, 0, F32",
    "2, 259, 2, 1, 12, true, 70, true, 0.3, F32",
    "1, 300, 1, 1, 128, true, 1, false, 0, F32",
    "1, 321, 1, 1, 16, false, 0, false, 0, F32",
    "1, 129, 4, 2, 64, true, 0, true, 0.1, BF16",
    "1, 67, 3, 1, 31, false, 9, false, 0, BF16",
    "1, 270, 2, 1, 20, true, 0, false, 0, BF16",
  })
  void attention_and_its_gradients_equal_the_reference_over_many_tiles(
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
      DeviceFixture on) {
    Problem problem =
        new Problem(
            on,
            dtype,
            new AttentionShape(batch, length, heads, kvHeads, headDim),
            causal,
            window,
            documents ? Problem.documents(on, batch, length) : null,
            dropout);
    problem.checkForward();
    problem.checkBackward();
  }

  @Test
  void attention_reads_slices_of_one_packed_product(DeviceFixture on) {
    AttentionShape shape = new AttentionShape(2, 19, 4, 2, 8);
    GuardedTensor qkv = on.input(DType.F32, 38, (4 + 2 + 2) * 8);
    GuardedTensor q = on.input(DType.F32, 38, 32);
    GuardedTensor k = on.input(DType.F32, 38, 16);
    GuardedTensor v = on.input(DType.F32, 38, 16);
    GuardedTensor packed = on.output(DType.F32, 38, 32);
    GuardedTensor apart = on.output(DType.F32, 38, 32);
    q.set(columns(qkv, 64, 0, 32));
    k.set(columns(qkv, 64, 32, 48));
    v.set(columns(qkv, 64, 48, 64));
    on.run(
        () -> {
          Tensor all = qkv.tensor();
          on.ops()
              .attention(
                  shape,
                  AttentionMask.CAUSAL,
                  0.3f,
                  all.columns(0, 32),
                  all.columns(32, 48),
                  all.columns(48, 64),
                  null,
                  packed.tensor(),
                  null);
          on.ops()
              .attention(
                  shape,
                  AttentionMask.CAUSAL,
                  0.3f,
                  q.tensor(),
                  k.tensor(),
                  v.tensor(),
                  null,
                  apart.tensor(),
                  null);
        });
    assertArrayEquals(apart.values(), packed.values(), 1e-6);
  }

  @Test
  void attention_survives_scores_that_would_overflow_an_exponential(DeviceFixture on) {
    Problem problem = Problem.random(on, DType.F32, 33, false, false);
    problem.q.set(Arrays.stream(problem.q.values()).map(x -> 40 * x).toArray());
    problem.k.set(Arrays.stream(problem.k.values()).map(x -> 40 * x).toArray());
    problem.checkForward();
  }

  @Test
  void attention_ignores_tokens_of_other_documents_bit_for_bit(DeviceFixture on) {
    AttentionShape shape = new AttentionShape(1, 70, 2, 2, 16);
    int[] documents = new int[70];
    Arrays.fill(documents, 30, 70, 1);
    AttentionMask mask = new AttentionMask(true, 0, on.indices(documents).tensor().reshape(1, 70));
    GuardedTensor q = on.input(DType.F32, 70, 32);
    GuardedTensor k = on.input(DType.F32, 70, 32);
    GuardedTensor v = on.input(DType.F32, 70, 32);
    GuardedTensor out = on.output(DType.F32, 70, 32);
    Runnable attend =
        () ->
            on.ops()
                .attention(
                    shape,
                    mask,
                    0.25f,
                    q.tensor(),
                    k.tensor(),
                    v.tensor(),
                    null,
                    out.tensor(),
                    null);
    on.run(attend);
    double[] before = out.values();
    k.set(withOtherFirstRows(on, k.values(), 30 * 32));
    v.set(withOtherFirstRows(on, v.values(), 30 * 32));
    on.run(attend);
    double[] after = out.values();
    assertArrayEquals(
        Arrays.copyOfRange(before, 30 * 32, 70 * 32), Arrays.copyOfRange(after, 30 * 32, 70 * 32));
  }

  @Test
  void attention_and_its_gradient_give_the_same_bits_each_time(DeviceFixture on) {
    Problem problem = Problem.random(on, DType.F32, 131, true, true);
    on.run(() -> problem.forward(true));
    byte[] first = problem.out.bits();
    problem.out.poison();
    on.run(() -> problem.forward(true));
    assertArrayEquals(first, problem.out.bits());
  }

  @Test
  void reference_gradients_are_the_derivatives(DeviceFixture on) {
    AttentionShape shape = new AttentionShape(2, 9, 4, 2, 3);
    int[] random = on.random().ints(3).toArray();
    GuardedTensor seeds = on.indices(random);
    Dropout dropout = new Dropout(0.2f, seeds.tensor(), 3);
    AttentionReference reference =
        new AttentionReference(
            shape,
            0.5,
            AttentionReference.visible(true, 6, null, 9),
            i -> ActivationReference.dropoutFactor(dropout, random, i),
            DType.F32);
    double[] q = on.normals(18, 12);
    double[] k = on.normals(18, 6);
    double[] v = on.normals(18, 6);
    double[] dout = on.normals(18, 12);
    AttentionReference.Forward forward = reference.forward(q, k, v);
    AttentionReference.Backward gradient =
        reference.backward(
            q, k, v, Bounded.values(forward.out()), Bounded.values(forward.lse()), dout);
    CentralDifferences.assertGradient(
        "dq", at -> loss(dout, reference.forward(at, k, v)), q, gradient.dq(), on.random());
    CentralDifferences.assertGradient(
        "dk", at -> loss(dout, reference.forward(q, at, v)), k, gradient.dk(), on.random());
    CentralDifferences.assertGradient(
        "dv", at -> loss(dout, reference.forward(q, k, at)), v, gradient.dv(), on.random());
  }

  private static double loss(double[] dout, AttentionReference.Forward forward) {
    double loss = 0;
    for (int i = 0; i < dout.length; i++) {
      loss += dout[i] * forward.out()[i].value();
    }
    return loss;
  }

  private static double[] columns(GuardedTensor tensor, int width, int from, int to) {
    double[] values = tensor.values();
    double[] slice = new double[values.length / width * (to - from)];
    for (int i = 0; i < slice.length; i++) {
      slice[i] = values[i / (to - from) * width + from + i % (to - from)];
    }
    return slice;
  }

  private static double[] withOtherFirstRows(DeviceFixture on, double[] values, int count) {
    double[] changed = values.clone();
    System.arraycopy(on.normals(count), 0, changed, 0, count);
    return changed;
  }
}
