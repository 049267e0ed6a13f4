package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AdamW;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;

/** Gradient norm and AdamW. */
final class Optimizers {
  private static final float CLIP_EPSILON = 1e-6f;

  private final CpuStream stream;

  Optimizers(CpuStream stream) {
    this.stream = stream;
  }

  void globalNorm(Tensor x, Tensor out) {
    TensorChecks.present("globalNorm", "x", x);
    TensorChecks.vector("globalNorm", "x", x, x.elements(), DType.F32);
    TensorChecks.vector("globalNorm", "out", out, 1, DType.F32);
    Sums.enqueue(
        stream, x, Sums::sumOfSquares, total -> Lanes.set(out.address(), (float) Math.sqrt(total)));
  }

  void adamW(
      AdamW config,
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Tensor working) {
    TensorChecks.require("adamW", config != null, "the config is missing");
    TensorChecks.present("adamW", "parameters", parameters);
    long n = parameters.elements();
    TensorChecks.vector("adamW", "parameters", parameters, n, DType.F32);
    TensorChecks.vector("adamW", "gradients", gradients, n, DType.F32);
    TensorChecks.vector("adamW", "firstMoment", firstMoment, n, DType.F32);
    TensorChecks.vector("adamW", "secondMoment", secondMoment, n, DType.F32);
    if (working != null) {
      TensorChecks.vector("adamW", "working", working, n, DType.BF16);
    }
    TensorChecks.vector("adamW", "learningRate", config.learningRate(), 1, DType.F32);
    TensorChecks.vector("adamW", "step", config.step(), 1, DType.I32);
    TensorChecks.vector("adamW", "gradNorm", config.gradNorm(), 1, DType.F32);
    Spans.enqueue(
        stream,
        (row, from, length, block) -> {
          float gradNorm = Lanes.get(config.gradNorm().address());
          if (Float.isFinite(gradNorm)) {
            long at = from * Float.BYTES;
            long second = Spans.block(block, 1);
            long third = Spans.block(block, 2);
            long p = Blocks.read(parameters.address() + at, Float.BYTES, block, length);
            long m = Blocks.read(firstMoment.address() + at, Float.BYTES, second, length);
            long v = Blocks.read(secondMoment.address() + at, Float.BYTES, third, length);
            long fourth = Spans.block(block, 3);
            long g = Blocks.read(gradients.address() + at, Float.BYTES, fourth, length);
            update(config, gradNorm, p, g, m, v, length);
            Blocks.written(parameters.address() + at, Float.BYTES, block, length);
            Blocks.written(firstMoment.address() + at, Float.BYTES, second, length);
            Blocks.written(secondMoment.address() + at, Float.BYTES, third, length);
            if (working != null) {
              Blocks.narrow(p, working.address() + from * DType.BF16.bytes(), length);
            }
          }
        },
        parameters.reshape(1, n));
  }

  /**
   * With g the clipped gradient: m += (1 - β1) (g - m); v = β2 v + (1 - β2) g²; p = (1 - lr λ) p -
   * lr m / (1 - β1^t) / (sqrt(v / (1 - β2^t)) + ε). What is the same for all elements is computed
   * in double.
   */
  private static void update(AdamW config, float gradNorm, long p, long g, long m, long v, int n) {
    double rate = Lanes.get(config.learningRate().address());
    int step = Lanes.getInt(config.step().address());
    double correction1 = 1 - Math.pow(config.beta1(), step);
    double correction2 = 1 - Math.pow(config.beta2(), step);
    double clip =
        config.maxGradNorm() > 0
            ? Math.min(1, config.maxGradNorm() / (gradNorm + CLIP_EPSILON))
            : 1;
    update(
        (float) clip,
        (float) (1 - (double) config.beta1()),
        config.beta2(),
        (float) (1 - (double) config.beta2()),
        (float) (1 - rate * config.weightDecay()),
        (float) (-rate / correction1),
        (float) (1 / Math.sqrt(correction2)),
        config.epsilon(),
        p,
        g,
        m,
        v,
        n);
  }

  /** 28 bytes an element to and from memory, 30 with a working copy. */
  private static void update(
      float clip,
      float gain1,
      float beta2,
      float gain2,
      float keep,
      float rate,
      float rootScale,
      float epsilon,
      long p,
      long g,
      long m,
      long v,
      int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector gradient = Lanes.load(g + at).mul(clip);
      FloatVector first = Lanes.load(m + at);
      first = gradient.sub(first).fma(Lanes.broadcast(gain1), first);
      FloatVector second = Lanes.load(v + at).mul(beta2);
      second = gradient.mul(gain2).fma(gradient, second);
      Lanes.store(first, m + at);
      Lanes.store(second, v + at);
      FloatVector root = second.sqrt().fma(Lanes.broadcast(rootScale), Lanes.broadcast(epsilon));
      FloatVector parameter = Lanes.load(p + at).mul(keep);
      parameter = first.mul(rate).div(root).add(parameter);
      Lanes.store(parameter, p + at);
    }
  }
}
