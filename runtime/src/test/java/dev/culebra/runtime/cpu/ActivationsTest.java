package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import org.junit.jupiter.api.Test;

/**
 * What the contract does not ask of every device. Results are held against the definition there, in
 * {@code ActivationContractTest}.
 */
class ActivationsTest {
  @Test
  void gelu_of_huge_values_is_linear_or_zero() {
    try (Operands o = new Operands(1)) {
      Tensor x = o.floats(1e30f, -1e30f, 3e38f, -3e38f, 50, -50);
      Tensor out = o.zeros(6);
      o.ops.gelu(x, out);
      o.check("gelu", new double[] {1e30f, 0, 3e38f, 0, 50, 0}, out, 0);
      Tensor ones = o.floats(1, 1, 1, 1, 1, 1);
      o.ops.geluBackward(ones, x, out);
      o.check("slope", new double[] {1, 0, 1, 0, 1, 0}, out, 0);
    }
  }

  @Test
  void tensors_without_rows_are_passed_over() {
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        Tensor x = o.normal(dtype, 3, 0, 8);
        Tensor half = o.normal(dtype, 1, 0, 4);
        o.ops.gelu(x, x);
        o.ops.geluBackward(x, x, x);
        o.ops.swiglu(x, half);
        o.ops.swigluBackward(half, x, x);
      }
    }
  }
}
