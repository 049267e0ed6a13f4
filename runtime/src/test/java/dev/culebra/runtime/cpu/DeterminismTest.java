package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every operation gives the same bits for the same number of threads. */
class DeterminismTest {
  @Test
  void the_same_number_of_threads_gives_the_same_bits() {
    try (Operands first = new Operands(3);
        Operands second = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        Map<String, OperationCases.Case> again = OperationCases.of(second, dtype);
        OperationCases.of(first, dtype)
            .forEach(
                (name, c) -> {
                  c.work().run();
                  again.get(name).work().run();
                  for (int i = 0; i < c.outputs().length; i++) {
                    double[] expected = values(c.outputs()[i]);
                    double[] actual = values(again.get(name).outputs()[i]);
                    assertArrayEquals(expected, actual, name + " " + dtype);
                  }
                });
      }
    }
  }

  private static double[] values(Tensor x) {
    return x.dtype() == DType.I32
        ? Arrays.stream(((CpuDevice) x.device()).readInts(x)).asDoubleStream().toArray()
        : Operands.values(x);
  }
}
