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
        (row, column, length, block) -> {
          long to = Spans.address(out, row, column);
          long from = Blocks.read(Spans.address(x, row, column), bytes, block, length);
          gelu(from, Blocks.write(to, bytes, block), length);
          Blocks.written(to, bytes, block, length);
        },
        out,
        x);
  }

  private static void gelu(long x, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      Lanes.store(gelu(Lanes.load(x + at)), out + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      Lanes.store(gelu(Lanes.load(x + at, mask)), out + at, mask);
    }
  }

  /** {@link #gelu(Tensor, Tensor)} of {@code n} adjacent elements of {@code bytes} bytes each. */
  static void gelu(long x, long out, int n, int bytes) {
    if (bytes == Float.BYTES) {
      gelu(x, out, n);
    } else {
      geluBf16(x, out, n);
    }
  }

  private static void geluBf16(long x, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      Lanes.storeBf16(gelu(Lanes.loadBf16(x + 2L * i)), out + 2L * i);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      Lanes.storeBf16(gelu(Lanes.loadBf16(x + 2L * i, mask)), out + 2L * i, mask);
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
        (row, column, length, block) -> {
          long to = Spans.address(dx, row, column);
          long second = Spans.block(block, 1);
          long above = Blocks.read(Spans.address(dout, row, column), bytes, block, length);
          long from = Blocks.read(Spans.address(x, row, column), bytes, second, length);
          geluBackward(above, from, Blocks.write(to, bytes, block), length);
          Blocks.written(to, bytes, block, length);
        },
        dx,
        dout,
        x);
  }

  private static void geluBackward(long dout, long x, long dx, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector slope = geluSlope(Lanes.load(x + at));
      Lanes.store(Lanes.load(dout + at).mul(slope), dx + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector slope = geluSlope(Lanes.load(x + at, mask));
      Lanes.store(Lanes.load(dout + at, mask).mul(slope), dx + at, mask);
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
        (row, column, length, block) -> {
          long to = Spans.address(out, row, column);
          long second = Spans.block(block, 1);
          long gate = Blocks.read(Spans.address(gateUp, row, column), bytes, block, length);
          long up = Blocks.read(Spans.address(gateUp, row, half + column), bytes, second, length);
          swiglu(gate, up, Blocks.write(to, bytes, block), length);
          Blocks.written(to, bytes, block, length);
        },
        out,
        gateUp);
  }

  private static void swiglu(long gate, long up, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(gate + at);
      Lanes.store(g.mul(Lanes.sigmoid(g)).mul(Lanes.load(up + at)), out + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector g = Lanes.load(gate + at, mask);
      FloatVector u = Lanes.load(up + at, mask);
      Lanes.store(g.mul(Lanes.sigmoid(g)).mul(u), out + at, mask);
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
        (row, column, length, block) -> {
          long second = Spans.block(block, 1);
          long third = Spans.block(block, 2);
          long above = Blocks.read(Spans.address(dout, row, column), bytes, third, length);
          long gate = Blocks.read(Spans.address(gateUp, row, column), bytes, block, length);
          long up = Blocks.read(Spans.address(gateUp, row, half + column), bytes, second, length);
          long dgate = Spans.address(dgateUp, row, column);
          long dup = Spans.address(dgateUp, row, half + column);
          swigluBackward(
              above,
              gate,
              up,
              Blocks.write(dgate, bytes, block),
              Blocks.write(dup, bytes, second),
              length);
          Blocks.written(dgate, bytes, block, length);
          Blocks.written(dup, bytes, second, length);
        },
        dout,
        gateUp);
  }

  private static void swigluBackward(long dout, long gate, long up, long dgate, long dup, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector d = Lanes.load(dout + at);
      FloatVector g = Lanes.load(gate + at);
      FloatVector u = Lanes.load(up + at);
      FloatVector s = Lanes.sigmoid(g);
      Lanes.store(d.mul(u).mul(siluSlope(g, s)), dgate + at);
      Lanes.store(d.mul(g.mul(s)), dup + at);
    }
    if (i < n) {
      var mask = Lanes.first(n - i);
      long at = (long) i * Float.BYTES;
      FloatVector d = Lanes.load(dout + at, mask);
      FloatVector g = Lanes.load(gate + at, mask);
      FloatVector u = Lanes.load(up + at, mask);
      FloatVector s = Lanes.sigmoid(g);
      Lanes.store(d.mul(u).mul(siluSlope(g, s)), dgate + at, mask);
      Lanes.store(d.mul(g.mul(s)), dup + at, mask);
    }
  }

  /** {@code s (1 + g (1 - s))} with {@code s = sigmoid(g)}. */
  private static FloatVector siluSlope(FloatVector g, FloatVector s) {
    return s.mul(Lanes.broadcast(1).sub(s).fma(g, Lanes.broadcast(1)));
  }
}
