package dev.culebra.runtime;

import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every operation of a training step, of GPT-2's form and of Llama's, replayed as one graph in a
 * virtual machine of its own, see {@link ReplayAllocationTest}.
 */
@Tag("fresh-virtual-machine")
@ExtendWith(DeviceExtension.class)
class TrainingStepReplayTest {
  private static final int LAUNCHES = 1500;

  /** Three tiles of queries; not whole vectors. */
  private static final int ROWS = 140;

  private static final int HIDDEN = 64;
  private static final int INNER = 96;
  private static final int VOCABULARY = 97;
  private static final int HEADS = 2;
  private static final float EPSILON = 1e-5f;

  @Test
  void a_training_step_in_f32_allocates_nothing_when_replayed(DeviceFixture on) {
    replay(on, DType.F32);
  }

  @Test
  void a_training_step_in_bf16_allocates_nothing_when_replayed(DeviceFixture on) {
    replay(on, DType.BF16);
  }

  private static void replay(DeviceFixture on, DType dtype) {
    try (Step step = new Step(on, dtype);
        Graph graph = on.device().capture(step::enqueue)) {
      ReplayAllocationTest.assertAllocatesNothing(on, graph, LAUNCHES);
    }
  }

  /** A layer of each form between an embedding and a loss, backwards and updated. */
  private static final class Step implements AutoCloseable {
    private final DeviceFixture on;
    private final Ops ops;
    private final DType dtype;
    private final Tensor tokens;
    private final Tensor targets;
    private final Tensor positions;
    private final Tensor random;
    private final Tensor scalar;
    private final Tensor count;
    private final Tensor weights;
    private final Tensor[] hidden = new Tensor[5];
    private final Tensor qkv;
    private final Tensor dqkv;
    private final Tensor up;
    private final Tensor inner;
    private final Tensor dinner;
    private final Tensor gateUp;
    private final Tensor logits;
    private final Tensor losses;
    private final Tensor mean;
    private final Tensor rstd;
    private final Tensor lse;
    private final Tensor table;
    private final Tensor gradients;
    private final Tensor[] states = new Tensor[3];
    private final Tensor working;
    private final Weight toQkv;
    private final Weight toInner;
    private final Weight toGateUp;
    private final Weight toHidden;
    private final Weight toLogits;

    Step(DeviceFixture on, DType dtype) {
      this.on = on;
      this.dtype = dtype;
      ops = on.ops();
      tokens = on.indices(on.below(VOCABULARY, ROWS)).tensor();
      targets = on.indices(on.below(VOCABULARY, ROWS)).tensor();
      int[] places = new int[ROWS];
      Arrays.setAll(places, i -> i);
      positions = on.indices(places).tensor();
      random = on.indices(1, 2, 3).tensor();
      scalar = on.input(DType.F32, 1).set(new double[] {1e-3}).tensor();
      count = on.indices(1).tensor();
      weights = on.input(dtype, INNER).tensor();
      Arrays.setAll(hidden, i -> on.inOut(dtype, ROWS, HIDDEN).tensor());
      qkv = on.inOut(dtype, ROWS, 3 * HIDDEN).tensor();
      dqkv = on.inOut(dtype, ROWS, 3 * HIDDEN).tensor();
      up = on.inOut(dtype, ROWS, INNER).tensor();
      inner = on.inOut(dtype, ROWS, INNER).tensor();
      dinner = on.inOut(dtype, ROWS, INNER).tensor();
      gateUp = on.inOut(dtype, ROWS, 2 * INNER).tensor();
      logits = on.inOut(dtype, ROWS, VOCABULARY).tensor();
      losses = on.inOut(DType.F32, ROWS).tensor();
      mean = on.inOut(DType.F32, ROWS).tensor();
      rstd = on.inOut(DType.F32, ROWS).tensor();
      lse = on.inOut(DType.F32, ROWS * HEADS).tensor();
      table = on.input(dtype, ROWS, HIDDEN).tensor();
      gradients = on.inOut(DType.F32, 3 * HIDDEN, INNER).tensor();
      Arrays.setAll(states, i -> on.inOut(DType.F32, gradients.elements()).tensor());
      on.device().write(states[2], new float[(int) gradients.elements()]); // a variance
      working = on.inOut(DType.BF16, gradients.elements()).tensor();
      toQkv = weight(3 * HIDDEN, HIDDEN);
      toInner = weight(INNER, HIDDEN);
      toGateUp = weight(2 * INNER, HIDDEN);
      toHidden = weight(HIDDEN, INNER);
      toLogits = weight(VOCABULARY, HIDDEN);
    }

    private Weight weight(int outputs, int inputs) {
      return on.device()
          .weight(on.input(dtype, outputs, inputs).tensor(), WeightFormat.SOURCE, true);
    }

    private Tensor bias(int columns) {
      return weights.slice(0, columns);
    }

    private Tensor gradient(int columns) {
      return gradients.reshape(gradients.elements()).slice(0, columns);
    }

    void enqueue() {
      ops.fill(gradients, 0);
      ops.embedding(tokens, table, positions, table, hidden[0]);
      ops.dropout(hidden[0], new Dropout(0.1f, random, 0), hidden[0]);
      attention(AttentionMask.CAUSAL, 1, null);
      attention(AttentionMask.CAUSAL, ROWS / 70, new Dropout(0.1f, random, 1));
      multilayerPerceptrons();
      loss();
      update();
    }

    private void attention(AttentionMask mask, int batch, Dropout dropout) {
      AttentionShape shape = new AttentionShape(batch, ROWS / batch, HEADS, HEADS, HIDDEN / HEADS);
      Tensor q = qkv.columns(0, HIDDEN);
      Tensor k = qkv.columns(HIDDEN, 2 * HIDDEN);
      Tensor v = qkv.columns(2 * HIDDEN, 3 * HIDDEN);
      Tensor frequencies = states[0].slice(0, HIDDEN / HEADS / 2);
      ops.layerNorm(
          hidden[0],
          hidden[1],
          hidden[2],
          bias(HIDDEN),
          bias(HIDDEN),
          EPSILON,
          hidden[3],
          mean,
          rstd);
      ops.matmul(hidden[3], toQkv, Epilogue.NONE, qkv);
      ops.rope(qkv.columns(0, 2 * HIDDEN), positions, frequencies, 2 * HEADS, false);
      ops.attention(shape, mask, 0.2f, q, k, v, dropout, hidden[4], lse);
      ops.attentionBackward(
          shape,
          mask,
          0.2f,
          q,
          k,
          v,
          dropout,
          hidden[4],
          lse,
          hidden[1],
          dqkv.columns(0, HIDDEN),
          dqkv.columns(HIDDEN, 2 * HIDDEN),
          dqkv.columns(2 * HIDDEN, 3 * HIDDEN));
      ops.rope(dqkv.columns(0, 2 * HIDDEN), positions, frequencies, 2 * HEADS, true);
      ops.matmulBackwardWeight(
          dqkv, hidden[3], true, gradients.columns(0, HIDDEN), gradient(3 * HIDDEN));
      ops.matmulBackwardInput(dqkv, toQkv, false, hidden[3]);
      ops.layerNormBackward(
          hidden[3],
          hidden[2],
          bias(HIDDEN),
          mean,
          rstd,
          hidden[1],
          hidden[4],
          gradient(HIDDEN),
          gradient(HIDDEN));
    }

    private void multilayerPerceptrons() {
      ops.matmul(hidden[3], toInner, Epilogue.gelu(bias(INNER), up), inner);
      ops.matmul(inner, toHidden, Epilogue.bias(bias(HIDDEN)), hidden[4]);
      ops.matmulBackwardInput(hidden[4], toHidden, false, dinner);
      ops.geluBackward(dinner, up, dinner);
      ops.rmsNorm(hidden[1], hidden[0], hidden[2], bias(HIDDEN), EPSILON, hidden[3], rstd);
      ops.matmul(hidden[3], toGateUp, Epilogue.NONE, gateUp);
      ops.swiglu(gateUp, inner);
      ops.matmul(inner, toHidden, Epilogue.NONE, hidden[4]);
      ops.matmulBackwardInput(hidden[4], toHidden, false, dinner);
      ops.swigluBackward(dinner, gateUp, gateUp);
      ops.matmulBackwardWeight(
          gateUp, hidden[3], false, gradients.rows(0, 2 * INNER).columns(0, HIDDEN), null);
      ops.matmulBackwardInput(gateUp, toGateUp, false, hidden[3]);
      ops.rmsNormBackward(
          hidden[3], hidden[2], bias(HIDDEN), rstd, hidden[1], hidden[4], gradient(HIDDEN));
    }

    private void loss() {
      ops.matmul(hidden[3], toLogits, Epilogue.NONE, logits);
      ops.crossEntropyWithGradient(logits, targets, scalar, losses);
      ops.sum(losses, false, mean.slice(0, 1));
      ops.matmulBackwardWeight(
          logits, hidden[3], false, gradients.rows(0, VOCABULARY).columns(0, HIDDEN), null);
      ops.embeddingBackward(tokens, hidden[4], gradients.rows(0, VOCABULARY).columns(0, HIDDEN));
    }

    private void update() {
      Tensor flat = gradients.reshape(gradients.elements());
      Tensor gradNorm = mean.slice(1, 2);
      ops.globalNorm(flat, gradNorm);
      ops.adamW(
          new AdamW(0.9f, 0.95f, 1e-8f, 0.1f, 1, scalar, count, gradNorm),
          states[0],
          flat,
          states[1],
          states[2],
          dtype == DType.BF16 ? working : null);
      ops.refresh(toQkv);
    }

    @Override
    public void close() {
      toQkv.close();
      toInner.close();
      toGateUp.close();
      toHidden.close();
      toLogits.close();
    }
  }
}
