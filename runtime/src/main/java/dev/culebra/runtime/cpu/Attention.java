package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;

/**
 * Attention forward and backward: checks, then {@link AttentionForward}, {@link AttentionBackward}.
 */
final class Attention {
  private final CpuStream stream;
  private final MatmulPrimitives primitives;

  Attention(CpuStream stream, MatmulPrimitives primitives) {
    this.stream = stream;
    this.primitives = primitives;
  }

  void attention(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse) {
    AttentionProblem problem =
        AttentionProblem.of("attention", shape, mask, scale, q, k, v, dropout);
    problem.checkQueryLike("attention", "out", out);
    if (lse != null) {
      problem.checkLse("attention", lse);
    }
    stream.enqueue(
        new AttentionForward(problem, out, lse, products(problem, false), stream.workers()));
    primitives.trim();
  }

  void attentionBackward(
      AttentionShape shape,
      AttentionMask mask,
      float scale,
      Tensor q,
      Tensor k,
      Tensor v,
      Dropout dropout,
      Tensor out,
      Tensor lse,
      Tensor dout,
      Tensor dq,
      Tensor dk,
      Tensor dv) {
    String operation = "attentionBackward";
    AttentionProblem problem = AttentionProblem.of(operation, shape, mask, scale, q, k, v, dropout);
    problem.checkQueryLike(operation, "out", out);
    problem.checkLse(operation, lse);
    problem.checkQueryLike(operation, "dout", dout);
    problem.checkQueryLike(operation, "dq", dq);
    problem.checkKeyLike(operation, "dk", dk);
    problem.checkKeyLike(operation, "dv", dv);
    stream.enqueue(
        new AttentionBackward(
            problem, out, lse, dout, dq, dk, dv, products(problem, true), stream.workers()));
    primitives.trim();
  }

  private TileProducts products(AttentionProblem problem, boolean backward) {
    return TileProducts.choose(primitives, stream.capturing(), problem, backward);
  }
}
