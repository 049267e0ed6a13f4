package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Filling, converting, adding, gathering and summing. */
final class Moves {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final long VECTOR = Lanes.LENGTH * (long) Float.BYTES;

  private final CpuStream stream;

  Moves(CpuStream stream) {
    this.stream = stream;
  }

  void fill(Tensor out, float value) {
    TensorChecks.present("fill", "out", out);
    TensorChecks.dtype("fill", "out", out, DType.F32, DType.BF16);
    int bytes = out.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length, block) -> {
          long to = Spans.address(out, row, column);
          fill(Blocks.write(to, bytes, block, length), value, length);
          Blocks.written(to, bytes, block, length);
        },
        out);
  }

  /** Sets {@code n} F32 elements. */
  static void fill(long out, float value, int n) {
    FloatVector x = FloatVector.broadcast(FLOATS, value);
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      x.intoMemorySegment(MEMORY, out + (long) i * Float.BYTES, ORDER);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      x.intoMemorySegment(MEMORY, out + (long) i * Float.BYTES, ORDER, mask);
    }
  }

  void convert(Tensor x, Tensor out) {
    TensorChecks.present("convert", "x", x);
    TensorChecks.dtype("convert", "x", x, DType.F32, DType.BF16);
    TensorChecks.matrix("convert", "out", out, x.rows(), x.columns(), DType.F32, DType.BF16);
    int from = x.dtype().bytes();
    int to = out.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length, block) ->
            convert(
                Spans.address(x, row, column), from, Spans.address(out, row, column), to, length),
        out,
        x);
  }

  /** Copies {@code n} elements of {@code from} bytes each to elements of {@code to} bytes. */
  static void convert(long x, int from, long out, int to, int n) {
    if (from == to) {
      copy(x, out, (long) n * to);
    } else if (from < to) {
      Blocks.widen(x, out, n);
    } else {
      Blocks.narrow(x, out, n);
    }
  }

  void add(Tensor a, Tensor b, Tensor out) {
    TensorChecks.present("add", "a", a);
    TensorChecks.dtype("add", "a", a, DType.F32, DType.BF16);
    TensorChecks.matrix("add", "b", b, a.rows(), a.columns(), a.dtype());
    TensorChecks.matrix("add", "out", out, a.rows(), a.columns(), a.dtype());
    int bytes = a.dtype().bytes();
    Spans.enqueue(
        stream,
        (row, column, length, block) ->
            add(
                Spans.address(a, row, column),
                Spans.address(b, row, column),
                Spans.address(out, row, column),
                length,
                bytes,
                block),
        out,
        a,
        b);
  }

  /** {@code out = a + b} over up to {@link Spans#LONGEST} elements of some width. */
  static void add(long a, long b, long out, int n, int bytes, long blocks) {
    long first = Blocks.read(a, bytes, blocks, n);
    long second = Blocks.read(b, bytes, Spans.block(blocks, 1), n);
    add(first, second, Blocks.write(out, bytes, blocks, n), n);
    Blocks.written(out, bytes, blocks, n);
  }

  /** {@code out = a + b} over {@code n} F32 elements; {@code out} may be {@code a} or {@code b}. */
  static void add(long a, long b, long out, int n) {
    int i = 0;
    for (; i <= n - Lanes.LENGTH; i += Lanes.LENGTH) {
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, MEMORY, a + at, ORDER)
          .add(FloatVector.fromMemorySegment(FLOATS, MEMORY, b + at, ORDER))
          .intoMemorySegment(MEMORY, out + at, ORDER);
    }
    if (i < n) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = (long) i * Float.BYTES;
      FloatVector.fromMemorySegment(FLOATS, MEMORY, a + at, ORDER, mask)
          .add(FloatVector.fromMemorySegment(FLOATS, MEMORY, b + at, ORDER, mask))
          .intoMemorySegment(MEMORY, out + at, ORDER, mask);
    }
  }

  /** The sum of {@code n} F32 elements, in an order that depends on {@code n} only. */
  static float sum(long x, int n) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = even;
    int i = 0;
    for (; i <= n - 2 * Lanes.LENGTH; i += 2 * Lanes.LENGTH) {
      long at = x + (long) i * Float.BYTES;
      even = even.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER));
      odd = odd.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, at + VECTOR, ORDER));
    }
    for (; i < n; i += Lanes.LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, n);
      long at = x + (long) i * Float.BYTES;
      even = even.add(FloatVector.fromMemorySegment(FLOATS, MEMORY, at, ORDER, mask));
    }
    return Lanes.sum(even.add(odd));
  }

  void gatherRows(Tensor x, Tensor indices, Tensor out) {
    TensorChecks.present("gatherRows", "x", x);
    TensorChecks.present("gatherRows", "indices", indices);
    long rows = indices.elements();
    TensorChecks.vector("gatherRows", "indices", indices, rows, DType.I32);
    TensorChecks.matrix("gatherRows", "out", out, rows, x.columns(), x.dtype());
    long bytes = x.columns() * x.dtype().bytes();
    long limit = x.rows();
    stream.enqueue(
        out.elements(),
        worker -> {
          long end = worker.to(rows);
          for (long row = worker.from(rows); row < end; row++) {
            int index = index("gatherRows", "index", indices, row, limit);
            copy(x.rowAddress(index), out.rowAddress(row), bytes);
          }
        });
  }

  /** The index at a place of an I32 tensor, refused where it is not in [0, limit). */
  static int index(String operation, String role, Tensor indices, long place, long limit) {
    int index = Lanes.getInt(indices.address() + place * Integer.BYTES);
    if (index < 0 || index >= limit) {
      throw new IllegalArgumentException(
          operation + ": " + role + " " + index + " at " + place + " is not in [0, " + limit + ")");
    }
    return index;
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(HostMemory.ALL, from, HostMemory.ALL, to, bytes);
  }

  void sum(Tensor x, boolean accumulate, Tensor out) {
    TensorChecks.present("sum", "x", x);
    TensorChecks.vector("sum", "x", x, x.elements(), DType.F32);
    TensorChecks.vector("sum", "out", out, 1, DType.F32);
    Sums.enqueue(
        stream,
        x,
        Sums::sum,
        total -> {
          double before = accumulate ? Lanes.get(out.address()) : 0;
          Lanes.set(out.address(), (float) (before + total));
        });
  }
}
