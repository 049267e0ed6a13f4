package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RopeTest {
  private final long seed = Long.getLong("culebra.test.seed", System.nanoTime());

  @ParameterizedTest
  @CsvSource({
    "1, 1, 2, F32",
    "7, 3, 10, F32",
    "33, 4, 64, F32",
    "5, 2, 126, F32",
    "9, 2, 36, BF16"
  })
  void pairs_are_turned_by_position_times_frequency_and_back(
      int rows, int heads, int headDim, DType dtype) {
    Random random = new Random(seed);
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("rope", 1 << 20)) {
      Tensor packed = arena.allocate(dtype, rows, heads * headDim + 5L);
      double[] before = AttentionCase.randomize(packed, random);
      Tensor x = packed.columns(3, 3 + heads * headDim);
      int[] positions = random.ints(rows, 0, 131073).toArray();
      float[] frequencies = new float[headDim / 2];
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] = (float) Math.pow(10000, -2.0 * i / headDim);
      }
      Tensor positionTensor = arena.allocate(DType.I32, rows);
      Tensor frequencyTensor = arena.allocate(DType.F32, frequencies.length);
      device.write(positionTensor, positions);
      device.write(frequencyTensor, frequencies);
      device.ops().rope(x, positionTensor, frequencyTensor, heads, false);
      double[] turned = AttentionCase.values(packed);
      double relative = dtype == DType.BF16 ? 4e-3 : 3e-7;
      for (int row = 0; row < rows; row++) {
        int start = row * (int) packed.columns() + 3;
        for (int i = 0; i < heads * headDim; i++) {
          int inHead = i % headDim;
          int pair = inHead % (headDim / 2);
          double a = before[start + i - inHead + pair];
          double b = before[start + i - inHead + pair + headDim / 2];
          double angle = positions[row] * (double) frequencies[pair];
          double expected =
              inHead < headDim / 2
                  ? a * Math.cos(angle) - b * Math.sin(angle)
                  : b * Math.cos(angle) + a * Math.sin(angle);
          assertEquals(
              expected, turned[start + i], relative * Math.hypot(a, b), "seed " + seed + " " + i);
        }
        assertEquals(before[start - 1], turned[start - 1], "column before the slice");
        assertEquals(
            before[start + heads * headDim], turned[start + heads * headDim], "column after it");
      }
      device.ops().rope(x, positionTensor, frequencyTensor, heads, true);
      double[] back = AttentionCase.values(packed);
      for (int i = 0; i < back.length; i++) {
        assertEquals(before[i], back[i], 10 * relative, "seed " + seed + ", element " + i);
      }
    }
  }

  @Test
  void heads_of_odd_size_are_refused() {
    try (CpuDevice device = new CpuDevice(1);
        Arena arena = device.memory().arena("rope", 1 << 12)) {
      Tensor x = arena.allocate(DType.F32, 2, 15);
      Tensor positions = arena.allocate(DType.I32, 2);
      Tensor frequencies = arena.allocate(DType.F32, 2);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> device.ops().rope(x, positions, frequencies, 3, false));
      assertTrue(error.getMessage().contains("3 heads of 5 elements"), error.getMessage());
    }
  }
}
