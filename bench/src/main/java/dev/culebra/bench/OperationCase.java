package dev.culebra.bench;

import dev.culebra.runtime.Activation;
import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.Allocator;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Cost;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Device;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Ops;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The operations of a GPT-2 124M step at B = 4, T = 256, each alone: what is enqueued, and what it
 * must cost at the least.
 */
public enum OperationCase {
  MATMUL_QKV {
    @Override
    Prepared prepare(Fixture f) {
      return product(f, 3 * C, C, Epilogue.NONE);
    }
  },
  MATMUL_UP_GELU {
    @Override
    Prepared prepare(Fixture f) {
      Tensor preActivation = f.floats(ROWS, F);
      return product(f, F, C, new Epilogue(null, Activation.GELU, preActivation, false));
    }
  },
  MATMUL_DOWN {
    @Override
    Prepared prepare(Fixture f) {
      return product(f, C, F, Epilogue.NONE);
    }
  },
  MATMUL_BACKWARD_INPUT {
    @Override
    Prepared prepare(Fixture f) {
      Tensor dout = f.floats(ROWS, F);
      Weight weight = f.weight(F, C, WeightFormat.SOURCE, true);
      Tensor dx = f.floats(ROWS, C);
      return new Prepared(
          () -> f.ops().matmulBackwardInput(dout, weight, false, dx),
          Cost.matmul(ROWS, C, F, f.dtype()));
    }
  },
  MATMUL_BACKWARD_WEIGHT {
    @Override
    Prepared prepare(Fixture f) {
      Tensor dout = f.floats(ROWS, F);
      Tensor x = f.floats(ROWS, C);
      Tensor dweight = f.of(DType.F32, F, C);
      return new Prepared(
          () -> f.ops().matmulBackwardWeight(dout, x, false, dweight, null),
          Cost.matmul(F, C, ROWS, f.dtype()));
    }
  },
  DECODE_BF16 {
    @Override
    Prepared prepare(Fixture f) {
      return decodeProduct(f, WeightFormat.BF16);
    }
  },
  DECODE_INT8 {
    @Override
    Prepared prepare(Fixture f) {
      return decodeProduct(f, WeightFormat.INT8);
    }
  },
  ATTENTION {
    @Override
    Prepared prepare(Fixture f) {
      Tensor qkv = f.floats(ROWS, 3 * C);
      Tensor out = f.floats(ROWS, C);
      Tensor lse = f.of(DType.F32, BATCH, HEADS, LENGTH);
      return new Prepared(
          () ->
              f.ops()
                  .attention(
                      SHAPE,
                      AttentionMask.CAUSAL,
                      SCALE,
                      qkv.columns(0, C),
                      qkv.columns(C, 2 * C),
                      qkv.columns(2 * C, 3 * C),
                      null,
                      out,
                      lse),
          Cost.attention(SHAPE, true, f.dtype()));
    }
  },
  ATTENTION_BACKWARD {
    @Override
    Prepared prepare(Fixture f) {
      Tensor qkv = f.floats(ROWS, 3 * C);
      Tensor dqkv = f.floats(ROWS, 3 * C);
      Tensor out = f.floats(ROWS, C);
      Tensor dout = f.floats(ROWS, C);
      Tensor lse = f.of(DType.F32, BATCH, HEADS, LENGTH);
      Tensor q = qkv.columns(0, C);
      Tensor k = qkv.columns(C, 2 * C);
      Tensor v = qkv.columns(2 * C, 3 * C);
      f.ops().attention(SHAPE, AttentionMask.CAUSAL, SCALE, q, k, v, null, out, lse);
      return new Prepared(
          () ->
              f.ops()
                  .attentionBackward(
                      SHAPE,
                      AttentionMask.CAUSAL,
                      SCALE,
                      q,
                      k,
                      v,
                      null,
                      out,
                      lse,
                      dout,
                      dqkv.columns(0, C),
                      dqkv.columns(C, 2 * C),
                      dqkv.columns(2 * C, 3 * C)),
          Cost.attentionBackward(SHAPE, true, f.dtype()));
    }
  },
  DECODE_ATTENTION {
    @Override
    Prepared prepare(Fixture f) {
      Tensor keys = f.floats(CONTEXT, C);
      Tensor values = f.floats(CONTEXT, C);
      Tensor zero = f.integers(1, 1);
      Tensor position = f.of(DType.I32, 1);
      f.device().write(position, CONTEXT - 1);
      KeyValueCache cache = new KeyValueCache(keys, values, zero.reshape(1, 1), CONTEXT);
      Tensor q = f.floats(1, C);
      Tensor out = f.floats(1, C);
      return new Prepared(
          () -> f.ops().decodeAttention(q, zero, position, cache, HEADS, SCALE, 0, out),
          new Cost(4.0 * CONTEXT * C, 2.0 * CONTEXT * C * f.dtype().bytes()));
    }
  },
  LAYER_NORM {
    @Override
    Prepared prepare(Fixture f) {
      Tensor x = f.floats(ROWS, C);
      Tensor residual = f.floats(ROWS, C);
      Tensor sum = f.floats(ROWS, C);
      Tensor weight = f.floats(C);
      Tensor bias = f.floats(C);
      Tensor out = f.floats(ROWS, C);
      Tensor mean = f.of(DType.F32, ROWS);
      Tensor rstd = f.of(DType.F32, ROWS);
      return new Prepared(
          () -> f.ops().layerNorm(x, residual, sum, weight, bias, 1e-5f, out, mean, rstd),
          Cost.traffic(4.0 * ROWS * C, f.dtype()));
    }
  },
  LAYER_NORM_BACKWARD {
    @Override
    Prepared prepare(Fixture f) {
      Tensor dout = f.floats(ROWS, C);
      Tensor x = f.floats(ROWS, C);
      Tensor weight = f.floats(C);
      Tensor mean = f.of(DType.F32, ROWS);
      Tensor rstd = f.of(DType.F32, ROWS);
      Tensor dresidual = f.floats(ROWS, C);
      Tensor dx = f.floats(ROWS, C);
      Tensor dweight = f.of(DType.F32, C);
      Tensor dbias = f.of(DType.F32, C);
      return new Prepared(
          () ->
              f.ops().layerNormBackward(dout, x, weight, mean, rstd, dresidual, dx, dweight, dbias),
          Cost.traffic(4.0 * ROWS * C, f.dtype()));
    }
  },
  GELU_BACKWARD {
    @Override
    Prepared prepare(Fixture f) {
      Tensor dout = f.floats(ROWS, F);
      Tensor x = f.floats(ROWS, F);
      Tensor dx = f.floats(ROWS, F);
      return new Prepared(
          () -> f.ops().geluBackward(dout, x, dx), Cost.traffic(3.0 * ROWS * F, f.dtype()));
    }
  },
  SWIGLU {
    @Override
    Prepared prepare(Fixture f) {
      Tensor gateUp = f.floats(ROWS, 2 * F);
      Tensor out = f.floats(ROWS, F);
      return new Prepared(
          () -> f.ops().swiglu(gateUp, out), Cost.traffic(3.0 * ROWS * F, f.dtype()));
    }
  },
  ROPE {
    @Override
    Prepared prepare(Fixture f) {
      Tensor x = f.floats(ROWS, C);
      Tensor positions = f.integers(ROWS, LENGTH);
      Tensor frequencies = f.of(DType.F32, C / HEADS / 2);
      return new Prepared(
          () -> f.ops().rope(x, positions, frequencies, HEADS, false),
          Cost.traffic(2.0 * ROWS * C, f.dtype()));
    }
  },
  EMBEDDING {
    @Override
    Prepared prepare(Fixture f) {
      Tensor tokens = f.integers(ROWS, V);
      Tensor table = f.floats(V, C);
      Tensor out = f.floats(ROWS, C);
      return new Prepared(
          () -> f.ops().embedding(tokens, table, null, null, out),
          Cost.traffic(2.0 * ROWS * C, f.dtype()));
    }
  },
  CROSS_ENTROPY {
    @Override
    Prepared prepare(Fixture f) {
      Tensor logits = f.floats(ROWS, V);
      Tensor targets = f.integers(ROWS, V);
      Tensor scale = f.of(DType.F32, 1);
      Tensor losses = f.of(DType.F32, ROWS);
      return new Prepared(
          () -> f.ops().crossEntropyWithGradient(logits, targets, scale, losses),
          Cost.traffic(2.0 * ROWS * V, f.dtype()));
    }
  },
  GLOBAL_NORM {
    @Override
    Prepared prepare(Fixture f) {
      Tensor x = f.of(DType.F32, PARAMETERS);
      Tensor out = f.of(DType.F32, 1);
      return new Prepared(() -> f.ops().globalNorm(x, out), Cost.traffic(PARAMETERS, DType.F32));
    }
  },
  ADAMW {
    @Override
    Prepared prepare(Fixture f) {
      Tensor parameters = f.of(DType.F32, PARAMETERS);
      Tensor gradients = f.of(DType.F32, PARAMETERS);
      Tensor first = f.of(DType.F32, PARAMETERS);
      Tensor second = f.of(DType.F32, PARAMETERS);
      Tensor working = f.dtype() == DType.BF16 ? f.of(DType.BF16, PARAMETERS) : null;
      Tensor step = f.of(DType.I32, 1);
      f.device().write(step, 1);
      AdamW config =
          new AdamW(0.9f, 0.95f, 1e-8f, 0.1f, 1, f.of(DType.F32, 1), step, f.of(DType.F32, 1));
      double bytes = 7.0 * PARAMETERS * DType.F32.bytes() + (working == null ? 0 : working.bytes());
      return new Prepared(
          () -> f.ops().adamW(config, parameters, gradients, first, second, working),
          new Cost(0, bytes));
    }
  },
  SAMPLE_TOP_P {
    @Override
    Prepared prepare(Fixture f) {
      Tensor logits = f.floats(1, V);
      Tensor parameters = f.of(DType.F32, 1, 5);
      f.device().write(parameters, 0.8f, 0, 0.95f, 0, 1);
      Tensor seeds = f.integers(2, V);
      Tensor history = f.integers(CONTEXT, V).reshape(1, CONTEXT);
      Tensor lengths = f.of(DType.I32, 1);
      Tensor next = f.of(DType.I32, 1);
      return new Prepared(
          () -> f.ops().sample(logits, parameters, seeds, history, lengths, next),
          Cost.traffic(V, f.dtype()));
    }
  };

  static final int BATCH = 4;
  static final int LENGTH = 256;
  static final int ROWS = BATCH * LENGTH;
  static final int HEADS = 12;
  static final int C = 768;
  static final int F = 4 * C;
  static final int V = 50257;
  static final int CONTEXT = 1024;

  /** Enough that no cache holds them. */
  static final int PARAMETERS = 32 << 20;

  static final AttentionShape SHAPE = new AttentionShape(BATCH, LENGTH, HEADS, HEADS, C / HEADS);
  static final float SCALE = (float) (1 / Math.sqrt((double) C / HEADS));

  /** An operation ready to be enqueued again and again, and its least cost. */
  record Prepared(Runnable enqueue, Cost cost) {}

  /** Makes tensors and weights of one dtype filled with random numbers. */
  record Fixture(Device device, DType dtype, Allocator allocator, SplittableRandom random) {
    Ops ops() {
      return device.ops();
    }

    Tensor of(DType type, long... shape) {
      return allocator.allocate(type, shape);
    }

    Tensor floats(long... shape) {
      Tensor tensor = of(dtype, shape);
      Tensor values = of(DType.F32, Math.min(tensor.columns(), CONTEXT));
      float[] host = new float[(int) values.elements()];
      for (int i = 0; i < host.length; i++) {
        host[i] = (float) random.nextGaussian();
      }
      device.write(values, host);
      ops().fill(tensor, 0.5f);
      if (tensor.rank() == 2) {
        // The first columns of a few rows vary: enough that nothing is constant or denormal.
        for (long row = 0; row < Math.min(tensor.rows(), ROWS); row++) {
          Tensor target = tensor.rows(row, row + 1).columns(0, values.columns());
          ops().convert(values.reshape(1, values.columns()), target);
        }
      }
      return tensor;
    }

    Tensor integers(int count, int bound) {
      Tensor tensor = of(DType.I32, count);
      int[] host = new int[count];
      Arrays.setAll(host, i -> count == 1 ? 0 : random.nextInt(bound));
      device.write(tensor, host);
      return tensor;
    }

    Weight weight(int outputs, int inputs, WeightFormat format, boolean gradients) {
      Weight weight = device.weight(floats(outputs, inputs), format, gradients);
      ops().refresh(weight);
      return weight;
    }
  }

  /** Allocates and fills what the operation needs. */
  abstract Prepared prepare(Fixture fixture);

  private static Prepared product(Fixture f, int outputs, int inputs, Epilogue epilogue) {
    Tensor x = f.floats(ROWS, inputs);
    Weight weight = f.weight(outputs, inputs, WeightFormat.SOURCE, false);
    Tensor out = f.floats(ROWS, outputs);
    return new Prepared(
        () -> f.ops().matmul(x, weight, epilogue, out),
        Cost.matmul(ROWS, outputs, inputs, f.dtype()));
  }

  /** One row against GPT-2's head, which no cache holds. */
  private static Prepared decodeProduct(Fixture f, WeightFormat format) {
    Tensor x = f.floats(1, C);
    Weight weight = f.weight(V, C, format, false);
    Tensor out = f.of(f.dtype(), 1, V);
    return new Prepared(
        () -> f.ops().matmul(x, weight, Epilogue.NONE, out), new Cost(2.0 * V * C, weight.bytes()));
  }
}
