package dev.culebra.runtime;

import dev.culebra.fixtures.Bounded;
import dev.culebra.fixtures.CentralDifferences;
import dev.culebra.fixtures.DeviceExtension;
import dev.culebra.fixtures.DeviceFixture;
import dev.culebra.fixtures.GuardedTensor;
import dev.culebra.fixtures.NormReference;
import dev.culebra.fixtures.ProductReference;
import dev.culebra.fixtures.Shapes;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both norms: {@code centred} is the layer norm, the other the root-mean-square norm. */
@ExtendWith(DeviceExtension.class)
class NormContractTest {
  private static final float EPSILON = 1e-5f;

  /** Where x + residual goes. */
  private enum Sum {
    NO_RESIDUAL,
    OWN_TENSOR,
    INTO_X,
    INTO_RESIDUAL
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("short-vectors")
  void norm_equals_the_reference(boolean centred, DeviceFixture on) {
    on.repeat(
        16,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          Sum where = on.oneOf(List.of(Sum.values()));
          boolean keep = on.random().nextBoolean();
          boolean biased = centred && on.random().nextBoolean();
          GuardedTensor x =
              where == Sum.INTO_X ? on.inOut(dtype, rows, columns) : on.input(dtype, rows, columns);
          GuardedTensor residual =
              switch (where) {
                case NO_RESIDUAL -> null;
                case INTO_RESIDUAL -> on.inOut(dtype, rows, columns);
                default -> on.input(dtype, rows, columns);
              };
          GuardedTensor sum =
              switch (where) {
                case NO_RESIDUAL -> null;
                case OWN_TENSOR -> on.output(dtype, rows, columns);
                case INTO_X -> x;
                case INTO_RESIDUAL -> residual;
              };
          GuardedTensor weight = on.input(dtype, columns);
          GuardedTensor bias = biased ? on.input(dtype, columns) : null;
          GuardedTensor out = on.output(dtype, rows, columns);
          GuardedTensor mean = keep && centred ? on.output(DType.F32, rows) : null;
          GuardedTensor rstd = keep ? on.output(DType.F32, rows) : null;
          if (residual != null) {
            // In eighths the sum is exact in BF16 too: whether a device norms it before or after
            // rounding makes no difference.
            x.set(eighths(x.values()));
            residual.set(eighths(residual.values()));
          }
          Bounded[] expectedSum =
              NormReference.sum(x.values(), residual == null ? null : residual.values());
          NormReference.Forward expected =
              NormReference.forward(
                  expectedSum, columns, centred, weight.values(), values(bias), EPSILON);
          on.run(
              () -> {
                if (centred) {
                  on.ops()
                      .layerNorm(
                          x.tensor(),
                          tensor(residual),
                          tensor(sum),
                          weight.tensor(),
                          tensor(bias),
                          EPSILON,
                          out.tensor(),
                          tensor(mean),
                          tensor(rstd));
                } else {
                  on.ops()
                      .rmsNorm(
                          x.tensor(),
                          tensor(residual),
                          tensor(sum),
                          weight.tensor(),
                          EPSILON,
                          out.tensor(),
                          tensor(rstd));
                }
              });
          out.assertEquals("out", expected.out());
          if (sum != null) {
            sum.assertEquals("sum", expectedSum);
          }
          if (mean != null) {
            mean.assertEquals("mean", expected.mean());
          }
          if (rstd != null) {
            rstd.assertEquals("rstd", expected.rstd());
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Tag("short-vectors")
  void norm_backward_equals_the_reference(boolean centred, DeviceFixture on) {
    on.repeat(
        16,
        () -> {
          DType dtype = on.floatType();
          int rows = Shapes.odd(on.random());
          int columns = Shapes.columns(on.random(), rows);
          GuardedTensor x = on.input(dtype, rows, columns);
          GuardedTensor dout = on.input(dtype, rows, columns);
          GuardedTensor weight = on.input(dtype, columns);
          NormReference.Forward forward =
              NormReference.forward(
                  Bounded.exact(x.values()), columns, centred, weight.values(), null, EPSILON);
          GuardedTensor mean =
              centred ? on.input(DType.F32, rows).set(Bounded.values(forward.mean())) : null;
          GuardedTensor rstd = on.input(DType.F32, rows).set(Bounded.values(forward.rstd()));
          boolean past = on.random().nextBoolean();
          boolean inPlace = past && on.random().nextBoolean();
          GuardedTensor dresidual =
              !past
                  ? null
                  : inPlace ? on.inOut(dtype, rows, columns) : on.input(dtype, rows, columns);
          GuardedTensor dx = inPlace ? dresidual : on.output(dtype, rows, columns);
          GuardedTensor dweight = on.inOut(DType.F32, columns);
          GuardedTensor dbias =
              centred && on.random().nextBoolean() ? on.inOut(DType.F32, columns) : null;
          NormReference.Backward gradient =
              NormReference.backward(
                  dout.values(), x.values(), columns, weight.values(), values(mean), rstd.values());
          Bounded[] expectedDx =
              past ? ProductReference.plus(gradient.dx(), dresidual.values()) : gradient.dx();
          Bounded[] expectedDweight = ProductReference.plus(gradient.dweight(), dweight.values());
          Bounded[] expectedDbias =
              dbias == null ? null : ProductReference.plus(gradient.dbias(), dbias.values());
          on.run(
              () -> {
                if (centred) {
                  on.ops()
                      .layerNormBackward(
                          dout.tensor(),
                          x.tensor(),
                          weight.tensor(),
                          mean.tensor(),
                          rstd.tensor(),
                          tensor(dresidual),
                          dx.tensor(),
                          dweight.tensor(),
                          tensor(dbias));
                } else {
                  on.ops()
                      .rmsNormBackward(
                          dout.tensor(),
                          x.tensor(),
                          weight.tensor(),
                          rstd.tensor(),
                          tensor(dresidual),
                          dx.tensor(),
                          dweight.tensor());
                }
              });
          dx.assertEquals("dx", expectedDx);
          dweight.assertEquals("dweight", expectedDweight);
          if (dbias != null) {
            dbias.assertEquals("dbias", expectedDbias);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void reference_gradients_are_the_derivatives(boolean centred, DeviceFixture on) {
    int rows = 3;
    int columns = 1 + Shapes.small(on.random());
    double[] x = on.normals(rows, columns);
    double[] weight = on.normals(columns);
    double[] bias = on.normals(columns);
    double[] dout = on.normals(rows, columns);
    NormReference.Forward forward =
        NormReference.forward(Bounded.exact(x), columns, centred, weight, bias, EPSILON);
    NormReference.Backward gradient =
        NormReference.backward(
            dout,
            x,
            columns,
            weight,
            centred ? Bounded.values(forward.mean()) : null,
            Bounded.values(forward.rstd()));
    CentralDifferences.assertGradient(
        "dx", at -> loss(dout, at, columns, centred, weight, bias), x, gradient.dx(), on.random());
    CentralDifferences.assertGradient(
        "dweight",
        at -> loss(dout, x, columns, centred, at, bias),
        weight,
        gradient.dweight(),
        on.random());
    if (centred) {
      CentralDifferences.assertGradient(
          "dbias",
          at -> loss(dout, x, columns, true, weight, at),
          bias,
          gradient.dbias(),
          on.random());
    }
  }

  private static double loss(
      double[] dout, double[] x, int columns, boolean centred, double[] weight, double[] bias) {
    Bounded[] out =
        NormReference.forward(Bounded.exact(x), columns, centred, weight, bias, EPSILON).out();
    double loss = 0;
    for (int i = 0; i < dout.length; i++) {
      loss += dout[i] * out[i].value();
    }
    return loss;
  }

  private static double[] eighths(double[] values) {
    return Arrays.stream(values).map(value -> Math.rint(8 * value) / 8).toArray();
  }

  private static Tensor tensor(GuardedTensor guarded) {
    return guarded == null ? null : guarded.tensor();
  }

  private static double[] values(GuardedTensor guarded) {
    return guarded == null ? null : guarded.values();
  }
}
