package dev.culebra.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.fixtures.ActivationReference;
import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.CentralDifferences;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.Shapes;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DeviceExtension.class)
class ActivationContractTest {
  /** Wide enough to reach the flat ends of every activation. */
  private static final double SPREAD = 4;

  @Test
  @Tag("short-vectors")
  void gelu_equals_the_reference(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor x = spread(on.input(dtype, rows, columns));
          GuardedTensor out = on.output(dtype, rows, columns);
          on.run(() -> on.ops().gelu(x.tensor(), out.tensor()));
          out.assertEquals("gelu", map(x.values(), ActivationReference::gelu));
        });
  }

  @Test
  void gelu_and_its_gradient_are_right_at_the_ends(DeviceFixture on) {
    double[] ends = {0, -0.0, 1e-30, -1e-30, 9, -9, 30, -30, 1e4, -1e4};
    GuardedTensor x = on.output(DType.F32, 1, ends.length).set(ends);
    GuardedTensor ones = on.output(DType.F32, 1, ends.length);
    ones.set(Arrays.stream(ends).map(e -> 1).toArray());
    GuardedTensor out = on.output(DType.F32, 1, ends.length);
    GuardedTensor dx = on.output(DType.F32, 1, ends.length);
    on.run(
        () -> {
          on.ops().gelu(x.tensor(), out.tensor());
          on.ops().geluBackward(ones.tensor(), x.tensor(), dx.tensor());
        });
    double[] values = out.values();
    double[] slopes = dx.values();
    for (int i = 4; i < ends.length; i++) {
      assertEquals(Math.max(0, x.values()[i]), values[i], 1e-6, "gelu of " + ends[i]);
      assertEquals(ends[i] > 0 ? 1 : 0, slopes[i], 1e-6, "slope at " + ends[i]);
    }
    assertEquals(0.5, slopes[0], 1e-6);
  }

  @Test
  void gelu_backward_equals_the_reference_also_in_place(DeviceFixture on) {
    on.repeat(
        8,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor x = spread(on.input(dtype, rows, columns));
          boolean inPlace = on.random().nextBoolean();
          GuardedTensor dout =
              inPlace ? on.inOut(dtype, rows, columns) : on.input(dtype, rows, columns);
          GuardedTensor dx = inPlace ? dout : on.output(dtype, rows, columns);
          Bounded[] slopes = map(x.values(), ActivationReference::geluDerivative);
          Bounded[] expected = times(slopes, dout.values());
          on.run(() -> on.ops().geluBackward(dout.tensor(), x.tensor(), dx.tensor()));
          dx.assertEquals("dx", expected);
        });
  }

  @Test
  @Tag("short-vectors")
  void swiglu_and_its_gradient_equal_the_reference(DeviceFixture on) {
    on.repeat(
        10,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int f = Shapes.columns(on.random(), rows);
          boolean inPlace = on.random().nextBoolean();
          GuardedTensor gateUp =
              spread(inPlace ? on.inOut(dtype, rows, 2 * f) : on.input(dtype, rows, 2 * f));
          GuardedTensor out = on.output(dtype, rows, f);
          GuardedTensor dout = on.input(dtype, rows, f);
          GuardedTensor dgateUp = inPlace ? gateUp : on.output(dtype, rows, 2 * f);
          double[] x = gateUp.values();
          double[] gradient = dout.values();
          Bounded[] expected = new Bounded[rows * f];
          Bounded[] expectedGradient = new Bounded[2 * rows * f];
          for (int i = 0; i < expected.length; i++) {
            int gateAt = i / f * 2 * f + i % f;
            Bounded gate = Bounded.exact(x[gateAt]);
            double up = x[gateAt + f];
            expected[i] = ActivationReference.silu(gate).times(up);
            expectedGradient[gateAt] =
                ActivationReference.siluDerivative(gate).times(up).times(gradient[i]);
            expectedGradient[gateAt + f] = ActivationReference.silu(gate).times(gradient[i]);
          }
          on.run(() -> on.ops().swiglu(gateUp.tensor(), out.tensor()));
          on.run(() -> on.ops().swigluBackward(dout.tensor(), gateUp.tensor(), dgateUp.tensor()));
          out.assertEquals("swiglu", expected);
          dgateUp.assertEquals("dgateUp", expectedGradient);
        });
  }

  @Test
  void reference_slopes_are_the_derivatives(DeviceFixture on) {
    double[] x = Arrays.stream(on.normals(16)).map(value -> value * SPREAD).toArray();
    CentralDifferences.assertGradient(
        "gelu",
        at -> Arrays.stream(map(at, ActivationReference::gelu)).mapToDouble(Bounded::value).sum(),
        x,
        map(x, ActivationReference::geluDerivative),
        on.random());
    CentralDifferences.assertGradient(
        "silu",
        at -> Arrays.stream(map(at, ActivationReference::silu)).mapToDouble(Bounded::value).sum(),
        x,
        map(x, ActivationReference::siluDerivative),
        on.random());
  }

  @Test
  void dropout_keeps_exactly_the_elements_that_philox_says(DeviceFixture on) {
    on.repeat(
        10,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          int[] seedAndStep = on.random().ints(3).toArray();
          GuardedTensor random = on.indices(seedAndStep);
          Dropout dropout =
              new Dropout(on.random().nextFloat(), random.tensor(), on.random().nextInt(1000));
          boolean inPlace = on.random().nextBoolean();
          GuardedTensor x =
              inPlace ? on.inOut(dtype, rows, columns) : on.input(dtype, rows, columns);
          GuardedTensor out = inPlace ? x : on.output(dtype, rows, columns);
          Bounded[] expected = Bounded.exact(x.values());
          for (int i = 0; i < expected.length; i++) {
            double factor = ActivationReference.dropoutFactor(dropout, seedAndStep, i);
            // 1 / (1 - p) is itself rounded twice.
            expected[i] =
                factor == 0
                    ? Bounded.ZERO
                    : expected[i].times(
                        Bounded.ONE.over(Bounded.ONE.minus(Bounded.exact(dropout.probability()))));
          }
          on.run(() -> on.ops().dropout(x.tensor(), dropout, out.tensor()));
          out.assertEquals("dropped", expected);
          double[] kept = out.values();
          for (int i = 0; i < kept.length; i++) {
            assertEquals(expected[i].value() == 0, kept[i] == 0, "element " + i);
          }
        });
  }

  private static GuardedTensor spread(GuardedTensor tensor) {
    return tensor.set(Arrays.stream(tensor.values()).map(value -> value * SPREAD).toArray());
  }

  private static Bounded[] map(double[] x, UnaryOperator<Bounded> function) {
    return Arrays.stream(x).mapToObj(v -> function.apply(Bounded.exact(v))).toArray(Bounded[]::new);
  }

  private static Bounded[] times(Bounded[] a, double[] b) {
    Bounded[] products = new Bounded[a.length];
    for (int i = 0; i < a.length; i++) {
      products[i] = a[i].times(b[i]);
    }
    return products;
  }
}
