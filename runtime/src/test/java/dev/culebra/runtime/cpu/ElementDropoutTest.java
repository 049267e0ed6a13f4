package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Philox;
import dev.culebra.runtime.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HexFormat;
import jdk.incubator.vector.IntVector;
import org.junit.jupiter.api.Test;

class ElementDropoutTest {
  /** Of Random123's kat_vectors: counter, key, result. */
  private static final int[][] KNOWN = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {-1, -1, -1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
    {
      0x243f6a88,
      0x85a308d3,
      0x13198a2e,
      0x03707344,
      0xa4093822,
      0x299f31d0,
      0xd16cfe09,
      0x94fdcceb,
      0x5001e420,
      0x24126ea1
    }
  };

  @Test
  void philox_gives_the_published_numbers_in_words_and_in_lanes() {
    try (Arena arena = Arena.ofConfined()) {
      long words = arena.allocate(6L * Lanes.LENGTH * Integer.BYTES, 64).address();
      for (int[] k : KNOWN) {
        long counters = words + 4L * Lanes.LENGTH * Integer.BYTES;
        Lanes.storeInts(IntVector.broadcast(Lanes.INTS, k[0]), counters);
        Lanes.storeInts(
            IntVector.broadcast(Lanes.INTS, k[1]), counters + (long) Lanes.LENGTH * Integer.BYTES);
        PhiloxLanes.block(k[4], k[5], counters, k[2], k[3], words);
        for (int word = 0; word < 4; word++) {
          String expected = HexFormat.of().toHexDigits(k[6 + word]);
          int scalar = Philox.word(k[4], k[5], k[0], k[1], k[2], k[3], word);
          assertEquals(expected, HexFormat.of().toHexDigits(scalar));
          for (int lane = 0; lane < Lanes.LENGTH; lane++) {
            int vector = Lanes.getInt(words + (word * Lanes.LENGTH + lane) * 4L);
            assertEquals(expected, HexFormat.of().toHexDigits(vector));
          }
        }
      }
    }
  }

  @Test
  void an_element_is_kept_as_the_contract_draws_it() {
    int[][] shapes = {{1, 1}, {3, 7}, {5, 16}, {7, 131}, {90, 97}, {2, 4096}, {0, 8}};
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int[] shape : shapes) {
          for (float probability : new float[] {0, 0.1f, 0.5f}) {
            check(o, dtype, shape[0], shape[1], probability);
          }
        }
      }
    }
  }

  private static void check(Operands o, DType dtype, int rows, int columns, float probability) {
    int[] random = o.indices(3, Integer.MAX_VALUE);
    int site = o.random.nextInt(1000);
    Tensor x = o.normal(dtype, 3, rows, columns);
    double[] expected = Operands.values(x);
    for (int i = 0; i < expected.length; i++) {
      int word = Philox.word(random[0], random[1], i / 4, 0, random[2], site, i % 4);
      boolean kept = Philox.uniform(word) >= probability;
      expected[i] = kept ? (float) expected[i] / (1 - probability) : 0;
    }
    o.ops.dropout(x, new Dropout(probability, o.ints(random), site), x);
    o.check("dropout", expected, x, 0);
  }

  @Test
  void the_mask_depends_on_step_and_site_only_through_the_device() {
    try (Operands o = new Operands(2)) {
      Tensor x = o.normal(DType.F32, 0, 5, 50);
      Tensor random = o.ints(1, 2, 3);
      Tensor out = o.poisoned(DType.F32, 0, 5, 50);
      var graph = o.device.capture(() -> o.ops.dropout(x, new Dropout(0.5f, random, 4), out));
      graph.launch();
      double[] first = Operands.values(out);
      o.device.write(random, 1, 2, 4);
      graph.launch();
      double[] second = Operands.values(out);
      o.device.write(random, 1, 2, 3);
      graph.launch();
      assertArrayEquals(first, Operands.values(out));
      assertFalse(Arrays.equals(first, second));
    }
  }
}
