package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;

/**
 * GELU and SwiGLU. GELU in its tanh form is {@code x sigmoid(2 u)} with {@code u = sqrt(2/π) (x +
 * 0.044715 x³)}, which keeps its relative accuracy where 1 + tanh(u) cancels.
 */
final class Activations {
  private static final float TWICE_SQRT_2_OVER_PI = (float) (2 * Math.sqrt(2 / Math.PI));
  private static final float CUBIC = 0.044715f;

  /** Beyond it GELU' is 0 or 1 in F32, and x² must not overflow. */
  private static final float GELU_FLAT = 16;

  private final CpuStream stream;

  Activations(CpuStream stream) {
    this.stream = stream;
  }

  void gelu(Tensor x, Tensor out) {
    TensorChecks.present("gelu", "x", x);
    TensorChecks.dtype("gelu", "x", x, DType.F32, DType.BF16);
    TensorChecks.matrix("gelu", "out", out, x.rows(), x.columns(), x.dtype());
    int bytes = x.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length) ->
            gelu(Spans.address(x, row, column), Spans.address(out, row, column), length, bytes),
        out,
        x);
  }

  /** {@link #gelu(Tensor, Tensor)} of {@code n} adjacent elements of {@code bytes} bytes each. */
  static void gelu(long x, long out, int n, int bytes) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * bytes;
      Lanes.store(gelu(Lanes.load(x + at, bytes)), out + at, bytes);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * bytes;
      Lanes.store(gelu(Lanes.load(x + at, bytes, mask)), out + at, bytes, mask);
    }
  }

  static FloatVector gelu(FloatVector x) {
    FloatVector cubic = x.mul(x).fma(Lanes.broadcast(CUBIC), Lanes.broadcast(1));
    FloatVector u = x.mul(TWICE_SQRT_2_OVER_PI).mul(cubic);
    return x.div(Lanes.exp(u.neg()).add(1));
  }

  void geluBackward(Tensor dout, Tensor x, Tensor dx) {
    TensorChecks.present("geluBackward", "x", x);
    TensorChecks.dtype("geluBackward", "x", x, DType.F32, DType.BF16);
    TensorChecks.matrix("geluBackward", "dout", dout, x.rows(), x.columns(), x.dtype());
    TensorChecks.matrix("geluBackward", "dx", dx, x.rows(), x.columns(), x.dtype());
    int bytes = x.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length) ->
            geluBackward(
                Spans.address(dout, row, column),
                Spans.address(x, row, column),
                Spans.address(dx, row, column),
                length,
                bytes),
        dx,
        dout,
        x);
  }

  private static void geluBackward(long dout, long x, long dx, int n, int bytes) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * bytes;
      FloatVector slope = geluSlope(Lanes.load(x + at, bytes));
      Lanes.store(Lanes.load(dout + at, bytes).mul(slope), dx + at, bytes);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * bytes;
      FloatVector slope = geluSlope(Lanes.load(x + at, bytes, mask));
      Lanes.store(Lanes.load(dout + at, bytes, mask).mul(slope), dx + at, bytes, mask);
    }
  }

  /** {@code s + x s (1 - s) 2 u'} with {@code s = sigmoid(2 u)}. */
  private static FloatVector geluSlope(FloatVector unbounded) {
    FloatVector x = unbounded.min(GELU_FLAT).max(-GELU_FLAT);
    FloatVector square = x.mul(x);
    FloatVector scaled = x.mul(TWICE_SQRT_2_OVER_PI);
    FloatVector s =
        Lanes.sigmoid(scaled.mul(square.fma(Lanes.broadcast(CUBIC), Lanes.broadcast(1))));
    FloatVector slope = scaled.mul(square.fma(Lanes.broadcast(3 * CUBIC), Lanes.broadcast(1)));
    return slope.mul(s.mul(Lanes.broadcast(1).sub(s))).add(s);
  }

  void swiglu(Tensor gateUp, Tensor out) {
    TensorChecks.present("swiglu", "out", out);
    TensorChecks.dtype("swiglu", "out", out, DType.F32, DType.BF16);
    TensorChecks.matrix("swiglu", "gateUp", gateUp, out.rows(), 2 * out.columns(), out.dtype());
    int bytes = out.dtype().bytes();
    long half = out.columns();
    Spans.enqueue(
        stream,
        (row, column, length) ->
            swiglu(
                Spans.address(gateUp, row, column),
                Spans.address(gateUp, row, half + column),
                Spans.address(out, row, column),
                length,
                bytes),
        out,
        gateUp);
  }

  private static void swiglu(long gate, long up, long out, int n, int bytes) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * bytes;
      FloatVector g = Lanes.load(gate + at, bytes);
      Lanes.store(g.mul(Lanes.sigmoid(g)).mul(Lanes.load(up + at, bytes)), out + at, bytes);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * bytes;
      FloatVector g = Lanes.load(gate + at, bytes, mask);
      FloatVector u = Lanes.load(up + at, bytes, mask);
      Lanes.store(g.mul(Lanes.sigmoid(g)).mul(u), out + at, bytes, mask);
    }
  }

  void swigluBackward(Tensor dout, Tensor gateUp, Tensor dgateUp) {
    TensorChecks.present("swigluBackward", "dout", dout);
    TensorChecks.dtype("swigluBackward", "dout", dout, DType.F32, DType.BF16);
    long half = dout.columns();
    TensorChecks.matrix("swigluBackward", "gateUp", gateUp, dout.rows(), 2 * half, dout.dtype());
    TensorChecks.matrix("swigluBackward", "dgateUp", dgateUp, dout.rows(), 2 * half, dout.dtype());
    int bytes = dout.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length) ->
            swigluBackward(
                Spans.address(dout, row, column),
                Spans.address(gateUp, row, column),
                Spans.address(dgateUp, row, column),
                half * bytes,
                length,
                bytes),
        dout,
        gateUp);
  }

  /** The up half lies {@code half} bytes behind the gate half, in gateUp and dgateUp alike. */
  private static void swigluBackward(
      long dout, long gateUp, long dgateUp, long half, int n, int bytes) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * bytes;
      FloatVector d = Lanes.load(dout + at, bytes);
      FloatVector g = Lanes.load(gateUp + at, bytes);
      FloatVector u = Lanes.load(gateUp + half + at, bytes);
      FloatVector s = Lanes.sigmoid(g);
      Lanes.store(d.mul(u).mul(siluSlope(g, s)), dgateUp + at, bytes);
      Lanes.store(d.mul(g.mul(s)), dgateUp + half + at, bytes);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * bytes;
      FloatVector d = Lanes.load(dout + at, bytes, mask);
      FloatVector g = Lanes.load(gateUp + at, bytes, mask);
      FloatVector u = Lanes.load(gateUp + half + at, bytes, mask);
      FloatVector s = Lanes.sigmoid(g);
      Lanes.store(d.mul(u).mul(siluSlope(g, s)), dgateUp + at, bytes, mask);
      Lanes.store(d.mul(g.mul(s)), dgateUp + half + at, bytes, mask);
    }
  }

  /** {@code s (1 + g (1 - s))} with {@code s = sigmoid(g)}. */
  private static FloatVector siluSlope(FloatVector g, FloatVector s) {
    return s.mul(Lanes.broadcast(1).sub(s).fma(g, Lanes.broadcast(1)));
  }
}
