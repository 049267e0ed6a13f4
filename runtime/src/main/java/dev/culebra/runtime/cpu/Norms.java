package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;

/** Layer and root-mean-square normalisation. */
final class Norms {
  private final CpuStream stream;

  Norms(CpuStream stream) {
    this.stream = stream;
  }

  void layerNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      Tensor bias,
      float epsilon,
      Tensor out,
      Tensor mean,
      Tensor rstd) {
    throw new UnsupportedOperationException("layerNorm");
  }

  void layerNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor mean,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight,
      Tensor dbias) {
    throw new UnsupportedOperationException("layerNormBackward");
  }

  void rmsNorm(
      Tensor x,
      Tensor residual,
      Tensor sum,
      Tensor weight,
      float epsilon,
      Tensor out,
      Tensor rstd) {
    throw new UnsupportedOperationException("rmsNorm");
  }

  void rmsNormBackward(
      Tensor dout,
      Tensor x,
      Tensor weight,
      Tensor rstd,
      Tensor dresidual,
      Tensor dx,
      Tensor dweight) {
    throw new UnsupportedOperationException("rmsNormBackward");
  }
}
