package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.fixtures.ActivationReference;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.CentralDifferences;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.ProductReference;
import dev.culebra.fixtures.Shapes;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DeviceExtension.class)
class ProductContractTest {
  /** One token or a few, which a device may multiply in another way than many, some at a time. */
  private static final List<Integer> FEW_ROWS = List.of(1, 2, 3, 4, 5, 8, 12);

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  @Tag("short-vectors")
  void matmul_with_every_epilogue_equals_the_reference(WeightFormat format, DeviceFixture on) {
    on.repeat(16, () -> checkMatmul(on, format, Shapes.odd(on.random())));
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  @Tag("short-vectors")
  void matmul_of_the_few_rows_of_a_token_equals_the_reference(
      WeightFormat format, DeviceFixture on) {
    on.repeat(8, () -> FEW_ROWS.forEach(m -> checkMatmul(on, format, m)));
  }

  private static void checkMatmul(DeviceFixture on, WeightFormat format, int m) {
    DType dtype = on.floatType();
    DType outType = on.random().nextBoolean() ? dtype : DType.F32;
    int n = Shapes.columns(on.random(), m);
    int k = Shapes.odd(on.random());
    boolean gelu = on.random().nextBoolean();
    boolean accumulate = on.random().nextBoolean();
    GuardedTensor x = on.input(dtype, m, k);
    GuardedTensor source = on.input(dtype, n, k);
    GuardedTensor bias = on.random().nextBoolean() ? on.input(outType, n) : null;
    GuardedTensor before = on.random().nextBoolean() ? on.output(outType, m, n) : null;
    GuardedTensor out = accumulate ? on.inOut(outType, m, n) : on.output(outType, m, n);
    Bounded[] sums =
        ProductReference.product(
            Bounded.exact(x.values()),
            ProductReference.stored(source.values(), k, format),
            m,
            n,
            k);
    Bounded[] biased = bias == null ? sums : ProductReference.plusRow(sums, bias.values());
    Bounded[] expected = new Bounded[m * n];
    for (int i = 0; i < expected.length; i++) {
      // A device may go on from what it stored as pre-activation.
      expected[i] = gelu || before != null ? biased[i].roundedTo(outType) : biased[i];
      expected[i] = gelu ? ActivationReference.gelu(expected[i]) : expected[i];
      expected[i] = accumulate ? expected[i].roundedTo(outType) : expected[i];
    }
    Bounded[] stored = accumulate ? ProductReference.plus(expected, out.values()) : expected;
    Epilogue epilogue =
        new Epilogue(
            bias == null ? null : bias.tensor(),
            gelu ? Activation.GELU : Activation.NONE,
            before == null ? null : before.tensor(),
            accumulate);
    try (Weight weight = on.device().weight(source.tensor(), format, false)) {
      on.run(
          () -> {
            on.ops().refresh(weight);
            on.ops().matmul(x.tensor(), weight, epilogue, out.tensor());
          });
    }
    String what = " of m, n, k %d, %d, %d with %s".formatted(m, n, k, epilogue);
    out.assertEquals("out" + what, stored);
    if (before != null) {
      before.assertEquals("pre-activation" + what, biased);
    }
  }

  @Test
  @Tag("short-vectors")
  void quantised_weights_stay_within_half_a_step_of_the_source(DeviceFixture on) {
    GuardedTensor source = on.input(DType.F32, 17, 70);
    GuardedTensor unit = on.contiguousOutput(DType.F32, 70, 70);
    double[] identity = new double[70 * 70];
    for (int i = 0; i < 70; i++) {
      identity[i * 70 + i] = 1;
    }
    unit.set(identity);
    GuardedTensor out = on.output(DType.F32, 70, 17);
    try (Weight weight = on.device().weight(source.tensor(), WeightFormat.INT8, false)) {
      on.run(
          () -> {
            on.ops().refresh(weight);
            on.ops().matmul(unit.tensor(), weight, Epilogue.NONE, out.tensor());
          });
    }
    double[] w = source.values();
    double[] read = out.values();
    for (int row = 0; row < 17; row++) {
      for (int i = 0; i < 70; i++) {
        double largest = 0;
        for (int j = i / 32 * 32; j < Math.min(70, i / 32 * 32 + 32); j++) {
          largest = Math.max(largest, Math.abs(w[row * 70 + j]));
        }
        double halfStep = largest / 127 / 2 * (1 + 1e-5);
        assertEquals(w[row * 70 + i], read[i * 17 + row], halfStep, "row " + row + " input " + i);
      }
    }
  }

  @Test
  void a_weight_follows_its_source_when_refreshed(DeviceFixture on) {
    for (WeightFormat format : WeightFormat.values()) {
      GuardedTensor source = on.inOut(DType.F32, 5, 9);
      GuardedTensor x = on.input(DType.F32, 3, 9);
      GuardedTensor out = on.output(DType.F32, 3, 5);
      try (Weight weight = on.device().weight(source.tensor(), format, false)) {
        for (int change = 0; change < 3; change++) {
          source.set(on.normals(5, 9));
          on.run(
              () -> {
                on.ops().refresh(weight);
                on.ops().matmul(x.tensor(), weight, Epilogue.NONE, out.tensor());
              });
          Bounded[] stored = ProductReference.stored(source.values(), 9, format);
          out.assertEquals(
              format.name(), ProductReference.product(Bounded.exact(x.values()), stored, 3, 5, 9));
        }
      }
    }
  }

  @Test
  void narrower_weights_take_fewer_bytes_to_read(DeviceFixture on) {
    GuardedTensor source = on.input(DType.F32, 64, 128);
    try (Weight full = on.device().weight(source.tensor(), WeightFormat.SOURCE, false);
        Weight half = on.device().weight(source.tensor(), WeightFormat.BF16, false);
        Weight quarter = on.device().weight(source.tensor(), WeightFormat.INT8, false)) {
      assertEquals(64, full.outputs());
      assertEquals(128, full.inputs());
      assertEquals(DType.F32, quarter.sourceType());
      assertEquals(64 * 128 * 4, full.bytes());
      assertEquals(64 * 128 * 2, half.bytes());
      assertEquals(64 * 128 + 64 * 128 / 32 * 4, quarter.bytes());
    }
  }

  @Test
  void matmul_backward_input_equals_the_reference(DeviceFixture on) {
    on.repeat(
        12,
        () -> {
          DType dtype = on.floatType();
          int m = Shapes.odd(on.random());
          int n = Shapes.odd(on.random());
          int k = Shapes.odd(on.random());
          boolean accumulate = on.random().nextBoolean();
          GuardedTensor dout = on.input(dtype, m, n);
          GuardedTensor source = on.input(dtype, n, k);
          GuardedTensor dx = accumulate ? on.inOut(dtype, m, k) : on.output(dtype, m, k);
          Bounded[] product =
              ProductReference.backwardInput(dout.values(), source.values(), m, n, k);
          Bounded[] expected = accumulate ? ProductReference.plus(product, dx.values()) : product;
          try (Weight weight = on.device().weight(source.tensor(), WeightFormat.SOURCE, true)) {
            on.run(
                () -> {
                  on.ops().refresh(weight);
                  on.ops().matmulBackwardInput(dout.tensor(), weight, accumulate, dx.tensor());
                });
          }
          dx.assertEquals("dx of m, n, k " + m + ", " + n + ", " + k, expected);
        });
  }

  @Test
  void matmul_backward_weight_equals_the_reference(DeviceFixture on) {
    on.repeat(
        12,
        () -> {
          DType dtype = on.floatType();
          int m = Shapes.odd(on.random());
          int n = Shapes.odd(on.random());
          int k = Shapes.odd(on.random());
          boolean accumulate = on.random().nextBoolean();
          GuardedTensor dout = on.input(dtype, m, n);
          GuardedTensor x = on.input(dtype, m, k);
          GuardedTensor dweight =
              accumulate ? on.inOut(DType.F32, n, k) : on.output(DType.F32, n, k);
          GuardedTensor dbias =
              on.random().nextBoolean()
                  ? accumulate ? on.inOut(DType.F32, n) : on.output(DType.F32, n)
                  : null;
          Bounded[] expected = ProductReference.backwardWeight(dout.values(), x.values(), m, n, k);
          Bounded[] expectedBias = ProductReference.backwardBias(dout.values(), n);
          if (accumulate) {
            expected = ProductReference.plus(expected, dweight.values());
            expectedBias =
                dbias == null ? null : ProductReference.plus(expectedBias, dbias.values());
          }
          on.run(
              () ->
                  on.ops()
                      .matmulBackwardWeight(
                          dout.tensor(),
                          x.tensor(),
                          accumulate,
                          dweight.tensor(),
                          dbias == null ? null : dbias.tensor()));
          dweight.assertEquals("dweight of m, n, k " + m + ", " + n + ", " + k, expected);
          if (dbias != null) {
            dbias.assertEquals("dbias", expectedBias);
          }
        });
  }

  @Test
  @Tag("short-vectors")
  void bias_gradients_equal_the_reference_at_any_width(DeviceFixture on) {
    on.repeat(
        24,
        () -> {
          DType dtype = on.floatType();
          int m = Shapes.odd(on.random());
          int n = Shapes.odd(on.random());
          boolean accumulate = on.random().nextBoolean();
          GuardedTensor dout = on.input(dtype, m, n);
          GuardedTensor x = on.input(dtype, m, 1);
          GuardedTensor dweight = on.output(DType.F32, n, 1).set(new double[n]);
          GuardedTensor dbias = accumulate ? on.inOut(DType.F32, n) : on.output(DType.F32, n);
          Bounded[] sums = ProductReference.backwardBias(dout.values(), n);
          Bounded[] expected = accumulate ? ProductReference.plus(sums, dbias.values()) : sums;
          on.run(
              () ->
                  on.ops()
                      .matmulBackwardWeight(
                          dout.tensor(), x.tensor(), accumulate, dweight.tensor(), dbias.tensor()));
          dbias.assertEquals("dbias of m, n " + m + ", " + n, expected);
        });
  }

  @Test
  void no_rows_give_zero_gradients_or_leave_them(DeviceFixture on) {
    GuardedTensor dout = on.input(DType.F32, 0, 3);
    GuardedTensor x = on.input(DType.F32, 0, 4);
    GuardedTensor written = on.output(DType.F32, 3, 4);
    GuardedTensor kept = on.inOut(DType.F32, 3, 4);
    double[] before = kept.values();
    on.run(
        () -> {
          on.ops().matmulBackwardWeight(dout.tensor(), x.tensor(), false, written.tensor(), null);
          on.ops().matmulBackwardWeight(dout.tensor(), x.tensor(), true, kept.tensor(), null);
        });
    written.assertExactly("written", new double[12]);
    kept.assertExactly("kept", before);
  }

  @Test
  void products_give_the_same_bits_each_time(DeviceFixture on) {
    GuardedTensor x = on.input(DType.F32, 130, 97);
    GuardedTensor dout = on.input(DType.F32, 130, 65);
    GuardedTensor dweight = on.output(DType.F32, 65, 97);
    Runnable product =
        () ->
            on.ops().matmulBackwardWeight(dout.tensor(), x.tensor(), false, dweight.tensor(), null);
    on.run(product);
    byte[] first = dweight.bits();
    dweight.poison();
    on.run(product);
    assertArrayEquals(first, dweight.bits());
  }

  @Test
  void a_weight_is_accounted_for_until_it_is_closed(DeviceFixture on) {
    GuardedTensor source = on.input(DType.F32, 256, 256);
    long before = on.device().memory().used();
    try (Weight weight = on.device().weight(source.tensor(), WeightFormat.BF16, false)) {
      assertTrue(on.device().memory().used() >= before + weight.bytes());
    }
    assertEquals(before, on.device().memory().used());
  }

  @Test
  void reference_gradients_are_the_derivatives(DeviceFixture on) {
    int m = 4;
    int n = 5;
    int k = 3;
    double[] x = on.normals(m, k);
    double[] w = on.normals(n, k);
    double[] dout = on.normals(m, n);
    CentralDifferences.assertGradient(
        "dx",
        at -> loss(dout, at, w, m, n, k),
        x,
        ProductReference.backwardInput(dout, w, m, n, k),
        on.random());
    CentralDifferences.assertGradient(
        "dweight",
        at -> loss(dout, x, at, m, n, k),
        w,
        ProductReference.backwardWeight(dout, x, m, n, k),
        on.random());
  }

  private static double loss(double[] dout, double[] x, double[] w, int m, int n, int k) {
    Bounded[] out = ProductReference.product(Bounded.exact(x), Bounded.exact(w), m, n, k);
    double loss = 0;
    for (int i = 0; i < dout.length; i++) {
      loss += dout[i] * out[i].value();
    }
    return loss;
  }
}
