package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * GELU and SwiGLU. GELU in its tanh form is {@code x sigmoid(2 u)} with {@code u = sqrt(2/π) (x +
 * 0.044715 x³)}, which keeps its relative accuracy where 1 + tanh(u) cancels. Spans of up to {@link
 * Spans#LONGEST} elements pass through blocks in the first cache: what the exponential is taken of,
 * {@link Exponential}, and what is made of it. The loops call nothing but the Vector API.
 */
final class Activations {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

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
          gelu(from, Blocks.write(to, bytes, block, length), length, Spans.block(block, 1));
          Blocks.written(to, bytes, block, length);
        },
        out,
        x);
  }

  /**
   * {@link #gelu(Tensor, Tensor)} of up to {@link Spans#LONGEST} F32 elements, in whole vectors.
   *
   * @param out may be {@code x}
   * @param powers room for as many elements
   */
  static void gelu(long x, long out, int n, long powers) {
    negatedTwiceU(x, powers, n);
    Exponential.exp(powers, 0, powers, n);
    overOnePlus(x, powers, out, n);
  }

  /** {@code out = -2 u(x)}, x within bounds that square without overflow. */
  private static void negatedTwiceU(long x, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      a = a.blend(GELU_FLAT, a.compare(VectorOperators.GT, GELU_FLAT));
      a = a.blend(-GELU_FLAT, a.compare(VectorOperators.LT, -GELU_FLAT));
      FloatVector cubic = a.mul(a).fma(CUBIC, 1);
      a.mul(-TWICE_SQRT_2_OVER_PI).mul(cubic).intoMemorySegment(MEMORY, out + at, ORDER);
    }
  }

  /** {@code out = x / (1 + powers)}. */
  private static void overOnePlus(long x, long powers, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector power = FloatVector.fromMemorySegment(FLOATS, MEMORY, powers + at, ORDER);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      a.div(power.add(1)).intoMemorySegment(MEMORY, out + at, ORDER);
    }
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
          geluBackward(
              above, from, Blocks.write(to, bytes, block, length), length, Spans.block(block, 2));
          Blocks.written(to, bytes, block, length);
        },
        dx,
        dout,
        x);
  }

  private static void geluBackward(long dout, long x, long dx, int n, long powers) {
    negatedTwiceU(x, powers, n);
    Exponential.exp(powers, 0, powers, n);
    timesGeluSlope(dout, x, powers, dx, n);
  }

  /** {@code dx = dout (s + x s (1 - s) 2 u')} with {@code s = 1 / (1 + powers)}. */
  private static void timesGeluSlope(long dout, long x, long powers, long dx, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector power = FloatVector.fromMemorySegment(FLOATS, MEMORY, powers + at, ORDER);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER);
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, MEMORY, dout + at, ORDER);
      a = a.blend(GELU_FLAT, a.compare(VectorOperators.GT, GELU_FLAT));
      a = a.blend(-GELU_FLAT, a.compare(VectorOperators.LT, -GELU_FLAT));
      FloatVector s = FloatVector.broadcast(FLOATS, 1).div(power.add(1));
      FloatVector slope = a.mul(TWICE_SQRT_2_OVER_PI).mul(a.mul(a).fma(3 * CUBIC, 1));
      slope = slope.mul(s.mul(FloatVector.broadcast(FLOATS, 1).sub(s))).add(s);
      d.mul(slope).intoMemorySegment(MEMORY, dx + at, ORDER);
    }
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
          swiglu(gate, up, Blocks.write(to, bytes, block, length), length, Spans.block(block, 2));
          Blocks.written(to, bytes, block, length);
        },
        out,
        gateUp);
  }

  private static void swiglu(long gate, long up, long out, int n, long powers) {
    negated(gate, powers, n);
    Exponential.exp(powers, 0, powers, n);
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector power = FloatVector.fromMemorySegment(FLOATS, MEMORY, powers + at, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, MEMORY, gate + at, ORDER);
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, MEMORY, up + at, ORDER);
      g.div(power.add(1)).mul(u).intoMemorySegment(MEMORY, out + at, ORDER);
    }
  }

  private static void negated(long x, long out, int n) {
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, MEMORY, x + at, ORDER)
          .neg()
          .intoMemorySegment(MEMORY, out + at, ORDER);
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
              Blocks.write(dgate, bytes, block, length),
              Blocks.write(dup, bytes, second, length),
              length,
              Spans.block(block, 3));
          Blocks.written(dgate, bytes, block, length);
          Blocks.written(dup, bytes, second, length);
        },
        dout,
        gateUp);
  }

  /** With {@code s = sigmoid(gate)}: {@code dgate = dout up s (1 + gate (1 - s))}. */
  private static void swigluBackward(
      long dout, long gate, long up, long dgate, long dup, int n, long powers) {
    negated(gate, powers, n);
    Exponential.exp(powers, 0, powers, n);
    for (int i = 0; i < n; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector power = FloatVector.fromMemorySegment(FLOATS, MEMORY, powers + at, ORDER);
      FloatVector d = FloatVector.fromMemorySegment(FLOATS, MEMORY, dout + at, ORDER);
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, MEMORY, gate + at, ORDER);
      FloatVector u = FloatVector.fromMemorySegment(FLOATS, MEMORY, up + at, ORDER);
      FloatVector s = FloatVector.broadcast(FLOATS, 1).div(power.add(1));
      FloatVector one = FloatVector.broadcast(FLOATS, 1);
      FloatVector slope = s.mul(one.sub(s).fma(g, one));
      d.mul(u).mul(slope).intoMemorySegment(MEMORY, dgate + at, ORDER);
      d.mul(g.mul(s)).intoMemorySegment(MEMORY, dup + at, ORDER);
    }
  }
}
