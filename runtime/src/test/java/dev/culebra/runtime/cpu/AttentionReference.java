package dev.culebra.runtime.cpu;

import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.Philox;

/** Attention in double, one query after the other, with the whole row of scores. */
final class AttentionReference {
  /** Who sees whom, by the words of AttentionMask. */
  record Mask(boolean causal, int window, int[] documents) {
    boolean sees(int sequence, int length, int i, int j) {
      return (!causal || j <= i)
          && (window == 0 || Math.abs(i - j) < window)
          && (documents == null
              || documents[sequence * length + i] == documents[sequence * length + j]);
    }
  }

  /** Dropout's arguments on the host. */
  record Dropped(float probability, int[] random, int site) {
    double factor(long element) {
      long block = element / 4;
      int word =
          Philox.word(
              random[0],
              random[1],
              (int) block,
              (int) (block >>> 32),
              random[2],
              site,
              (int) (element % 4));
      return Philox.uniform(word) >= probability ? 1 / (1 - (double) probability) : 0;
    }
  }

  record Forward(double[] out, double[] lse) {}

  record Gradients(double[] dq, double[] dk, double[] dv) {}

  private final AttentionShape shape;
  private final Mask mask;
  private final double scale;
  private final Dropped dropped;

  AttentionReference(AttentionShape shape, Mask mask, double scale, Dropped dropped) {
    this.shape = shape;
    this.mask = mask;
    this.scale = scale;
    this.dropped = dropped;
  }

  Forward forward(double[] q, double[] k, double[] v) {
    double[] out = new double[q.length];
    double[] lse = new double[shape.batch() * shape.heads() * shape.length()];
    for (int row = 0; row < lse.length; row++) {
      lse[row] = logSum(row, q, k);
      for (int j = 0; j < shape.length(); j++) {
        double p = Math.exp(score(row, j, q, k) - lse[row]) * factor(row, j);
        for (int d = 0; d < shape.headDim(); d++) {
          out[query(row) + d] += p * v[key(row, j) + d];
        }
      }
    }
    return new Forward(out, lse);
  }

  Gradients backward(double[] q, double[] k, double[] v, double[] dout) {
    Gradients g = new Gradients(new double[q.length], new double[k.length], new double[v.length]);
    int length = shape.length();
    for (int row = 0; row < shape.batch() * shape.heads() * length; row++) {
      double lse = logSum(row, q, k);
      double[] p = new double[length];
      double[] dp = new double[length];
      double mean = 0;
      for (int j = 0; j < length; j++) {
        p[j] = Math.exp(score(row, j, q, k) - lse);
        for (int d = 0; d < shape.headDim(); d++) {
          dp[j] += dout[query(row) + d] * v[key(row, j) + d] * factor(row, j);
          g.dv[key(row, j) + d] += p[j] * factor(row, j) * dout[query(row) + d];
        }
        mean += p[j] * dp[j];
      }
      for (int j = 0; j < length; j++) {
        double ds = scale * p[j] * (dp[j] - mean);
        for (int d = 0; d < shape.headDim(); d++) {
          g.dq[query(row) + d] += ds * k[key(row, j) + d];
          g.dk[key(row, j) + d] += ds * q[query(row) + d];
        }
      }
    }
    return g;
  }

  private double logSum(int row, double[] q, double[] k) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < shape.length(); j++) {
      largest = Math.max(largest, score(row, j, q, k));
    }
    double sum = 0;
    for (int j = 0; j < shape.length(); j++) {
      sum += Math.exp(score(row, j, q, k) - largest);
    }
    return largest + Math.log(sum);
  }

  /** Row of {@code [B, H, T]} against key j of its sequence. */
  private double score(int row, int j, double[] q, double[] k) {
    if (!mask.sees(sequence(row), shape.length(), row % shape.length(), j)) {
      return Double.NEGATIVE_INFINITY;
    }
    double sum = 0;
    for (int d = 0; d < shape.headDim(); d++) {
      sum += q[query(row) + d] * k[key(row, j) + d];
    }
    return scale * sum;
  }

  private double factor(int row, int j) {
    return dropped == null ? 1 : dropped.factor((long) row * shape.length() + j);
  }

  private int sequence(int row) {
    return row / shape.length() / shape.heads();
  }

  private int head(int row) {
    return row / shape.length() % shape.heads();
  }

  private int query(int row) {
    int token = sequence(row) * shape.length() + row % shape.length();
    return (token * shape.heads() + head(row)) * shape.headDim();
  }

  private int key(int row, int j) {
    int token = sequence(row) * shape.length() + j;
    int kvHead = head(row) / (shape.heads() / shape.kvHeads());
    return (token * shape.kvHeads() + kvHead) * shape.headDim();
  }
}
