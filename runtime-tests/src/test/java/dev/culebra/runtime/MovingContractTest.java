package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.BFloat16;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.Shapes;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class MovingContractTest {
  @Test
  void fill_sets_every_element_and_no_other(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor out = on.output(on.floatType(), rows, columns);
          on.run(() -> on.ops().fill(out.tensor(), -0.75f));
          double[] expected = new double[rows * columns];
          Arrays.fill(expected, -0.75);
          out.assertExactly("filled", expected);
        });
  }

  @Test
  void convert_rounds_to_nearest_even(DeviceFixture on) {
    // 1 + 2^-8 lies halfway between two bfloat16 and goes to the even one, 1; 1 + 3 2^-8 goes up.
    GuardedTensor x = on.contiguousOutput(DType.F32, 1, 6);
    x.set(1 + 0x1p-8, 1 + 3 * 0x1p-8, -1 - 0x1p-8, 1 + 0x1.1p-8, 0, 3.0e38);
    GuardedTensor out = on.output(DType.BF16, 1, 6);
    on.run(() -> on.ops().convert(x.tensor(), out.tensor()));
    out.assertExactly(
        "rounded", 1, 1 + 0x1p-6, -1, 1 + 0x1p-7, 0, BFloat16.value(BFloat16.bits(3.0e38f)));
  }

  @Test
  @Tag("short-vectors")
  void convert_rounds_each_element_as_the_definition_does(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor x = on.input(on.floatType(), rows, columns);
          GuardedTensor narrow = on.output(DType.BF16, rows, columns);
          GuardedTensor wide = on.output(DType.F32, rows, columns);
          on.run(
              () -> {
                on.ops().convert(x.tensor(), narrow.tensor());
                on.ops().convert(x.tensor(), wide.tensor());
              });
          wide.assertExactly("widened", x.values());
          double[] rounded = x.values();
          for (int i = 0; i < rounded.length; i++) {
            rounded[i] = BFloat16.value(BFloat16.bits((float) rounded[i]));
          }
          narrow.assertExactly("narrowed", rounded);
        });
  }

  @Test
  void add_adds_each_pair(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor a = on.input(dtype, rows, columns);
          GuardedTensor b = on.input(dtype, rows, columns);
          GuardedTensor out = on.output(dtype, rows, columns);
          on.run(() -> on.ops().add(a.tensor(), b.tensor(), out.tensor()));
          out.assertEquals("sum", sums(a.values(), b.values()));
        });
  }

  @Test
  void add_may_write_to_either_operand(DeviceFixture on) {
    on.repeat(
        4,
        () -> {
          DType dtype = on.floatType();
          int columns = Shapes.odd(on.random());
          GuardedTensor a = on.inOut(dtype, 3, columns);
          GuardedTensor b = on.input(dtype, 3, columns);
          Bounded[] first = sums(a.values(), b.values());
          on.run(() -> on.ops().add(a.tensor(), b.tensor(), a.tensor()));
          a.assertEquals("a + b in a", first);
          Bounded[] second = sums(a.values(), b.values());
          on.run(() -> on.ops().add(b.tensor(), a.tensor(), a.tensor()));
          a.assertEquals("b + a in a", second);
        });
  }

  @Test
  void gather_rows_takes_rows_by_index_in_any_order_and_repeatedly(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          int[] picked = on.below(rows, Shapes.odd(on.random()));
          GuardedTensor x = on.input(dtype, rows, columns);
          GuardedTensor indices = on.indices(picked);
          GuardedTensor out = on.output(dtype, picked.length, columns);
          on.run(() -> on.ops().gatherRows(x.tensor(), indices.tensor(), out.tensor()));
          double[] expected = new double[picked.length * columns];
          for (int i = 0; i < picked.length; i++) {
            System.arraycopy(x.values(), picked[i] * columns, expected, i * columns, columns);
          }
          out.assertExactly("gathered", expected);
        });
  }

  @Test
  @Tag("short-vectors")
  void sum_adds_all_elements(DeviceFixture on) {
    on.repeat(
        10,
        () -> {
          int elements = 1 + on.random().nextInt(5000);
          GuardedTensor x = on.contiguousInput(DType.F32, elements);
          GuardedTensor out = on.output(DType.F32, 1);
          Bounded expected = Bounded.sum(Bounded.exact(x.values()));
          on.run(() -> on.ops().sum(x.tensor(), false, out.tensor()));
          out.assertEquals("sum", expected);
          double before = out.values()[0];
          on.run(() -> on.ops().sum(x.tensor(), true, out.tensor()));
          out.assertEquals("accumulated", expected.plus(Bounded.exact(before)));
        });
  }

  @Test
  void sum_gives_the_same_bits_each_time(DeviceFixture on) {
    GuardedTensor x = on.contiguousInput(DType.F32, 100_003);
    GuardedTensor out = on.output(DType.F32, 1);
    on.run(() -> on.ops().sum(x.tensor(), false, out.tensor()));
    byte[] first = out.bits();
    for (int i = 0; i < 10; i++) {
      out.poison();
      on.run(() -> on.ops().sum(x.tensor(), false, out.tensor()));
      assertArrayEquals(first, out.bits());
    }
  }

  @Test
  void a_write_comes_after_the_work_enqueued_before_it(DeviceFixture on) {
    GuardedTensor x = on.contiguousInOut(DType.F32, 1 << 20);
    GuardedTensor out = on.output(DType.F32, 1);
    Bounded expected = Bounded.sum(Bounded.exact(x.values()));
    on.run(
        () -> {
          on.ops().sum(x.tensor(), false, out.tensor());
          on.device().write(x.tensor(), new float[1 << 20]);
        });
    out.assertEquals("sum before the write", expected);
    x.assertExactly("written", new double[1 << 20]);
  }

  @Test
  void an_index_out_of_range_is_refused_by_the_next_wait_at_the_latest(DeviceFixture on) {
    GuardedTensor table = on.input(DType.F32, 5, 3);
    GuardedTensor out = on.output(DType.F32, 2, 3);
    for (int wrong : new int[] {-1, 5, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      GuardedTensor indices = on.indices(4, wrong);
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> {
                    on.ops().gatherRows(table.tensor(), indices.tensor(), out.tensor());
                    on.device().stream().synchronize();
                  })
              .getMessage();
      assertTrue(message.contains("gatherRows") && message.contains("" + wrong), message);
      GuardedTensor right = on.indices(4, 0);
      on.run(() -> on.ops().gatherRows(table.tensor(), right.tensor(), out.tensor()));
      assertEquals(table.values()[12], out.values()[0]);
    }
  }

  @Test
  void no_rows_are_no_work(DeviceFixture on) {
    GuardedTensor none = on.output(DType.F32, 0, 7);
    GuardedTensor noIndices = on.indices();
    GuardedTensor table = on.input(DType.F32, 3, 7);
    on.run(
        () -> {
          on.ops().fill(none.tensor(), 1);
          on.ops().add(none.tensor(), none.tensor(), none.tensor());
          on.ops().gatherRows(table.tensor(), noIndices.tensor(), none.tensor());
          on.ops().embedding(noIndices.tensor(), table.tensor(), null, null, none.tensor());
        });
  }

  private static Bounded[] sums(double[] a, double[] b) {
    Bounded[] sums = new Bounded[a.length];
    for (int i = 0; i < a.length; i++) {
      sums[i] = Bounded.exact(a[i]).plus(Bounded.exact(b[i]));
    }
    return sums;
  }
}
