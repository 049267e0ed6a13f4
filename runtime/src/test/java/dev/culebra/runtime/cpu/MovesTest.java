package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Operands.values;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MovesTest {
  private static final int[][] SHAPES = {{1, 1}, {3, 7}, {5, 16}, {7, 131}, {200, 97}, {0, 8}};

  @Test
  void fill_convert_and_add_reach_every_element() {
    try (Operands o = new Operands(3)) {
      for (int[] shape : SHAPES) {
        for (int gap : new int[] {0, 5}) {
          for (DType dtype : Operands.FLOATING) {
            Tensor a = o.normal(dtype, gap, shape[0], shape[1]);
            Tensor b = o.normal(dtype, 0, shape[0], shape[1]);
            double[] total = values(a);
            Arrays.setAll(total, i -> total[i] + Operands.get(b, i));
            o.ops.add(a, b, b);
            o.check("add", total, b, 1e-7);
            for (DType other : Operands.FLOATING) {
              Tensor out = o.poisoned(other, gap, shape[0], shape[1]);
              o.ops.convert(a, out);
              o.check("convert", values(a), out, 0);
            }
            o.ops.fill(a, 1.5f);
            double[] filled = new double[shape[0] * shape[1]];
            Arrays.fill(filled, 1.5);
            o.check("fill", filled, a, 0);
          }
        }
      }
    }
  }

  @Test
  void an_operation_leaves_the_gaps_between_rows_alone() {
    try (Operands o = new Operands(2)) {
      Tensor whole = o.normal(DType.BF16, 0, 9, 20);
      double[] before = values(whole);
      o.ops.fill(whole.columns(3, 10), 0);
      for (int i = 0; i < before.length; i++) {
        boolean inside = i % 20 >= 3 && i % 20 < 10;
        assertEquals(inside ? 0 : before[i], Operands.get(whole, i));
      }
    }
  }

  @Test
  void embedding_adds_token_and_position_rows() {
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int rows : new int[] {0, 1, 13, 300}) {
          Tensor table = o.normal(dtype, 2, 50, 37);
          Tensor positionTable = o.normal(dtype, 0, 11, 37);
          int[] tokens = o.indices(rows, 50);
          int[] positions = o.indices(rows, 11);
          double[] expected = new double[rows * 37];
          double[] alone = new double[rows * 37];
          for (int i = 0; i < expected.length; i++) {
            alone[i] = Operands.get(table, tokens[i / 37] * 37 + i % 37);
            expected[i] = alone[i] + Operands.get(positionTable, positions[i / 37] * 37 + i % 37);
          }
          Tensor out = o.poisoned(dtype, 1, rows, 37);
          o.ops.embedding(o.ints(tokens), table, o.ints(positions), positionTable, out);
          o.check("embedding", expected, out, 1e-7);
          o.ops.embedding(o.ints(tokens), table, null, null, out);
          assertArrayEquals(alone, values(out));
          o.ops.gatherRows(table, o.ints(tokens), out);
          assertArrayEquals(alone, values(out));
        }
      }
    }
  }

  @Test
  void embedding_gradient_adds_up_for_tokens_that_repeat() {
    try (Operands o = new Operands(3)) {
      for (DType dtype : Operands.FLOATING) {
        for (int columns : new int[] {1, 37, 200}) {
          Tensor dout = o.normal(dtype, 3, 90, columns);
          Tensor dtable = o.normal(DType.F32, 0, 7, columns);
          int[] tokens = o.indices(90, 7);
          double[] expected = values(dtable);
          for (int i = 0; i < 90 * columns; i++) {
            expected[tokens[i / columns] * columns + i % columns] += Operands.get(dout, i);
          }
          o.ops.embeddingBackward(o.ints(tokens), dout, dtable);
          o.check("embeddingBackward", expected, dtable, 1e-6);
        }
      }
    }
  }

  @Test
  void an_index_outside_the_table_is_refused() {
    try (Operands o = new Operands(2)) {
      Tensor table = o.normal(DType.F32, 0, 5, 4);
      Tensor out = o.normal(DType.F32, 0, 3, 4);
      for (int bad : new int[] {5, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        Tensor indices = o.ints(0, 4, bad);
        String where = bad + " at 2 is not in [0, 5)";
        assertEquals(
            "embedding: token " + where,
            refusal(() -> o.ops.embedding(indices, table, null, null, out)));
        assertEquals(
            "embeddingBackward: index " + where,
            refusal(() -> o.ops.embeddingBackward(indices, out, table)));
        assertEquals(
            "gatherRows: index " + where, refusal(() -> o.ops.gatherRows(table, indices, out)));
      }
    }
  }

  @Test
  void shapes_that_do_not_fit_are_refused_by_name() {
    try (Operands o = new Operands(1)) {
      Tensor a = o.normal(DType.F32, 0, 2, 3);
      Tensor b = o.normal(DType.F32, 0, 3, 2);
      assertEquals("add: b is F32[3, 2], expected [2, 3]", refusal(() -> o.ops.add(a, b, a)));
      assertEquals("gelu: out is F32[3, 2], expected [2, 3]", refusal(() -> o.ops.gelu(a, b)));
      assertEquals("convert: out is missing", refusal(() -> o.ops.convert(a, null)));
    }
  }

  private static String refusal(Runnable work) {
    return assertThrows(IllegalArgumentException.class, work::run).getMessage();
  }
}
