package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;

/** Matrix products by oneDNN, and the weights in its form. */
final class Products {
  private final CpuStream stream;
  private final CpuMemory memory;

  Products(CpuStream stream, CpuMemory memory) {
    this.stream = stream;
    this.memory = memory;
  }

  void refresh(Weight weight) {
    throw new UnsupportedOperationException("refresh");
  }

  void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor out) {
    throw new UnsupportedOperationException("matmul");
  }

  void matmulBackwardInput(Tensor dout, Weight weight, boolean accumulate, Tensor dx) {
    throw new UnsupportedOperationException("matmulBackwardInput");
  }

  void matmulBackwardWeight(
      Tensor dout, Tensor x, boolean accumulate, Tensor dweight, Tensor dbias) {
    throw new UnsupportedOperationException("matmulBackwardWeight");
  }

  Weight weight(Tensor source, WeightFormat format, boolean gradients) {
    throw new UnsupportedOperationException("weight");
  }

  void close() {}
}
