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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

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

    Problem(DeviceFixture on, DType dtype, int length, boolean masked, boolean dropping) {
      this.on = on;
      int kvHeads = 1 + on.random().nextInt(2);
      int heads = kvHeads * (1 + on.random().nextInt(3));
      int batch = 1 + on.random().nextInt(2);
      shape = new AttentionShape(batch, length, heads, kvHeads, on.oneOf(HEAD_DIMS));
      scale = (float) (1 / Math.sqrt(shape.headDim()));
      boolean causal = on.random().nextBoolean();
      int window = masked && on.random().nextBoolean() ? 1 + on.random().nextInt(length) : 0;
      int[] documents = masked && on.random().nextBoolean() ? documents(on, batch, length) : null;
      mask =
          new AttentionMask(
              causal,
              window,
              documents == null ? null : on.indices(documents).tensor().reshape(batch, length));
      int[] random = on.random().ints(3).toArray();
      dropout = dropping ? new Dropout(0.3f, on.indices(random).tensor(), 17) : null;
      LongToDoubleFunction factor =
          dropping ? i -> ActivationReference.dropoutFactor(dropout, random, i) : i -> 1;
      reference =
          new AttentionReference(
              shape,
              scale,
              AttentionReference.visible(causal, window, documents, length),
              factor,
              dtype);
      long rows = shape.rows();
      q = on.input(dtype, rows, (long) heads * shape.headDim());
      k = on.input(dtype, rows, (long) kvHeads * shape.headDim());
      v = on.input(dtype, rows, (long) kvHeads * shape.headDim());
      out = on.output(dtype, rows, (long) heads * shape.headDim());
      lse = on.contiguousOutput(DType.F32, batch, heads, length);
    }

    Problem(DeviceFixture on, boolean masked, boolean dropping) {
      this(on, on.floatType(), on.oneOf(LENGTHS), masked, dropping);
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

    private static int[] documents(DeviceFixture on, int batch, int length) {
      int[] documents = new int[batch * length];
      for (int i = 0; i < documents.length; i++) {
        boolean next = i % length == 0 || on.random().nextInt(9) == 0;
        documents[i] = i == 0 ? 5 : documents[i - 1] + (next ? 1 : 0);
      }
      return documents;
    }
  }

  @Test
  void attention_equals_the_reference(DeviceFixture on) {
    on.repeat(8, () -> new Problem(on, false, false).checkForward());
  }

  @Test
  void attention_sees_through_windows_and_documents(DeviceFixture on) {
    on.repeat(10, () -> new Problem(on, true, false).checkForward());
  }

  @Test
  void attention_drops_the_probabilities_that_philox_says(DeviceFixture on) {
    on.repeat(6, () -> new Problem(on, true, true).checkForward());
  }

  @Test
  void attention_backward_equals_the_reference(DeviceFixture on) {
    on.repeat(8, () -> new Problem(on, false, false).checkBackward());
  }

  @Test
  void attention_backward_sees_through_windows_and_documents(DeviceFixture on) {
    on.repeat(10, () -> new Problem(on, true, false).checkBackward());
  }

  @Test
  void attention_backward_drops_what_the_forward_pass_dropped(DeviceFixture on) {
    on.repeat(6, () -> new Problem(on, true, true).checkBackward());
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
    Problem problem = new Problem(on, DType.F32, 33, false, false);
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
    Problem problem = new Problem(on, DType.F32, 131, true, true);
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
