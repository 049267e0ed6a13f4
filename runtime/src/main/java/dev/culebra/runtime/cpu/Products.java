package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.DType.BF16;
import static dev.culebra.runtime.DType.F32;

import dev.culebra.runtime.Activation;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Epilogue;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import dev.culebra.runtime.Weight;
import dev.culebra.runtime.WeightFormat;

/**
 * Linear layers' products: by oneDNN where there are many rows, by vector loops where there are
 * few. Everything is chosen and compiled when a product is enqueued, so that a graph only calls.
 */
final class Products {
  /**
   * Up to so many rows of x, vector loops over the weights were measured to be faster than oneDNN:
   * while reading the weights is what takes the time, and longer where oneDNN would have to get
   * them widened.
   */
  private static final long FEW_ROWS = 4;

  private static final long FEW_ROWS_WIDENED = 12;

  private final CpuStream stream;
  private final CpuMemory memory;
  private final MatmulPrimitives primitives;

  Products(CpuStream stream, CpuMemory memory) {
    this.stream = stream;
    this.memory = memory;
    this.primitives = new MatmulPrimitives(stream.workers());
  }

  /** What is compiled on this device, for attention's products too. */
  MatmulPrimitives primitives() {
    return primitives;
  }

  Weight weight(Tensor source, WeightFormat format, boolean gradients) {
    TensorChecks.present("weight", "source", source);
    TensorChecks.dtype("weight", "source", source, F32, BF16);
    TensorChecks.require(
        "weight", source.elements() > 0, "source is " + source + ", expected some elements");
    TensorChecks.require(
        "weight",
        !gradients || format == WeightFormat.SOURCE,
        "gradients need format SOURCE, not " + format);
    return new CpuWeight(source, format, memory);
  }

  void refresh(Weight weight) {
    CpuWeight own = own("refresh", weight);
    memory.use("refresh", own.source());
    if (own.quantized() != null) {
      QuantizedRows rows = own.quantized();
      stream.enqueue(
          worker ->
              rows.quantize(own.source(), worker.from(rows.groups()), worker.to(rows.groups())));
    } else if (!own.isSource()) {
      stream.enqueue(
          worker ->
              round(
                  own.source(), own.rows(), worker.from(own.outputs()), worker.to(own.outputs())));
    }
  }

  private static void round(Tensor source, Tensor target, long from, long to) {
    int columns = Math.toIntExact(source.columns());
    for (long row = from; row < to; row++) {
      Blocks.narrow(source.rowAddress(row), target.rowAddress(row), columns);
    }
  }

  void matmul(Tensor x, Weight weight, Epilogue epilogue, Tensor out) {
    CpuWeight w = own("matmul", weight);
    check(x, w, epilogue, out);
    if (x.rows() == 0) {
      return;
    }
    ProductEpilogue after = new ProductEpilogue(epilogue, out);
    boolean direct = w.quantized() == null && direct(x.dtype(), w.rows().dtype());
    if (x.rows() <= (direct ? FEW_ROWS : FEW_ROWS_WIDENED)) {
      stream.enqueue(new FewRowsKernel(x, w, after));
    } else if (w.quantized() != null) {
      widened(
          x.rows(),
          w.outputs(),
          x.columns(),
          new FloatBlocks.Rows(x),
          false,
          w.quantized(),
          false,
          after);
    } else if (!direct) {
      widened(
          x.rows(),
          w.outputs(),
          x.columns(),
          new FloatBlocks.Rows(x),
          false,
          new FloatBlocks.Rows(w.rows()),
          true,
          after);
    } else {
      direct(x, w, epilogue, after, out);
    }
    primitives.trim();
  }

  private void direct(Tensor x, CpuWeight w, Epilogue epilogue, ProductEpilogue after, Tensor out) {
    boolean keeps = epilogue.preActivation() != null;
    Tensor result = keeps ? epilogue.preActivation() : out;
    MatmulShape shape =
        new MatmulShape(
            x.rows(),
            w.outputs(),
            x.columns(),
            x.dtype(),
            stride(x),
            1,
            1,
            stride(w.rows()),
            result.dtype(),
            stride(result),
            epilogue.bias() != null,
            !keeps && epilogue.activation() == Activation.GELU,
            !keeps && epilogue.accumulate());
    long bias = epilogue.bias() == null ? 0 : epilogue.bias().address();
    direct(shape, x.address(), w.rows().address(), bias, result.address(), keeps ? after : null);
  }

  void matmulBackwardInput(Tensor dout, Weight weight, boolean accumulate, Tensor dx) {
    String name = "matmulBackwardInput";
    CpuWeight w = own(name, weight);
    TensorChecks.require(
        name, w.format() == WeightFormat.SOURCE, "the weight's format is " + w.format());
    TensorChecks.present(name, "dout", dout);
    DType dtype = w.sourceType();
    TensorChecks.matrix(name, "dout", dout, dout.rows(), w.outputs(), dtype);
    TensorChecks.matrix(name, "dx", dx, dout.rows(), w.inputs(), dtype);
    if (dout.rows() == 0) {
      return;
    }
    if (direct(dtype, dtype)) {
      MatmulShape shape =
          new MatmulShape(
              dout.rows(),
              w.inputs(),
              w.outputs(),
              dtype,
              stride(dout),
              1,
              stride(w.rows()),
              1,
              dtype,
              stride(dx),
              false,
              false,
              accumulate);
      direct(shape, dout.address(), w.rows().address(), 0, dx.address(), null);
    } else {
      widened(
          dout.rows(),
          w.inputs(),
          w.outputs(),
          new FloatBlocks.Rows(dout),
          false,
          new FloatBlocks.Columns(w.rows()),
          false,
          adding(accumulate, dx));
    }
    primitives.trim();
  }

  void matmulBackwardWeight(
      Tensor dout, Tensor x, boolean accumulate, Tensor dweight, Tensor dbias) {
    String name = "matmulBackwardWeight";
    TensorChecks.present(name, "dout", dout);
    TensorChecks.present(name, "x", x);
    TensorChecks.dtype(name, "dout", dout, F32, BF16);
    TensorChecks.matrix(name, "x", x, dout.rows(), x.columns(), dout.dtype());
    TensorChecks.matrix(name, "dweight", dweight, dout.columns(), x.columns(), F32);
    if (dbias != null) {
      TensorChecks.vector(name, "dbias", dbias, dout.columns(), F32);
      stream.enqueue(worker -> ColumnSums.run(worker, dout, accumulate, dbias));
    }
    if (dout.rows() == 0) {
      if (!accumulate) {
        stream.enqueue(worker -> clear(worker, dweight));
      }
    } else if (dweight.elements() > 0 && direct(dout.dtype(), x.dtype())) {
      MatmulShape shape =
          new MatmulShape(
              dout.columns(),
              x.columns(),
              dout.rows(),
              dout.dtype(),
              1,
              stride(dout),
              stride(x),
              1,
              F32,
              stride(dweight),
              false,
              false,
              accumulate);
      direct(shape, dout.address(), x.address(), 0, dweight.address(), null);
    } else if (dweight.elements() > 0) {
      widened(
          dout.columns(),
          x.columns(),
          dout.rows(),
          new FloatBlocks.Columns(dout),
          true,
          new FloatBlocks.Columns(x),
          false,
          adding(accumulate, dweight));
    }
    primitives.trim();
  }

  private static void clear(Worker worker, Tensor out) {
    for (long row = worker.from(out.rows()); row < worker.to(out.rows()); row++) {
      HostMemory.ALL
          .asSlice(out.rowAddress(row), out.columns() * out.dtype().bytes())
          .fill((byte) 0);
    }
  }

  private static void check(Tensor x, CpuWeight w, Epilogue epilogue, Tensor out) {
    TensorChecks.present("matmul", "x", x);
    TensorChecks.matrix("matmul", "x", x, x.rows(), w.inputs(), F32, BF16);
    boolean mixed = w.format() != WeightFormat.SOURCE && w.sourceType() == F32;
    TensorChecks.require(
        "matmul",
        x.dtype() == w.sourceType()
            || mixed
            || w.format() != WeightFormat.SOURCE && x.dtype() == BF16,
        "x is " + x + ", the weight's " + w.format() + " is of " + w.sourceType());
    TensorChecks.present("matmul", "out", out);
    TensorChecks.matrix("matmul", "out", out, x.rows(), w.outputs(), x.dtype(), F32);
    if (epilogue.bias() != null) {
      TensorChecks.vector("matmul", "bias", epilogue.bias(), w.outputs(), out.dtype());
    }
    if (epilogue.preActivation() != null) {
      TensorChecks.matrix(
          "matmul", "preActivation", epilogue.preActivation(), x.rows(), w.outputs(), out.dtype());
    }
  }

  private static ProductEpilogue adding(boolean accumulate, Tensor out) {
    return new ProductEpilogue(new Epilogue(null, Activation.NONE, null, accumulate), out);
  }

  private void direct(
      MatmulShape shape, long a, long b, long bias, long c, ProductEpilogue epilogue) {
    stream.enqueue(
        new MatmulKernel(
            primitives, stream.capturing(), stream.workers(), shape, a, b, bias, c, epilogue));
  }

  private void widened(
      long m,
      long n,
      long k,
      FloatBlocks left,
      boolean leftTransposed,
      FloatBlocks right,
      boolean rightTransposed,
      ProductEpilogue epilogue) {
    stream.enqueue(
        new WidenedMatmul(
            primitives,
            stream.capturing(),
            stream.workers(),
            m,
            n,
            k,
            left,
            leftTransposed,
            right,
            rightTransposed,
            epilogue));
  }

  /** Whether oneDNN multiplies factors of these types as they are. */
  private static boolean direct(DType left, DType right) {
    return left == right && (left == F32 || OneDnn.supportsBf16());
  }

  /** The row stride; of a single row, where none is used, its length, so that shapes are equal. */
  private static long stride(Tensor tensor) {
    return tensor.rows() == 1 ? tensor.columns() : tensor.rowStride();
  }

  private CpuWeight own(String operation, Weight weight) {
    if (weight instanceof CpuWeight own) {
      memory.use(operation, own.memory());
      return own;
    }
    throw new IllegalArgumentException(
        operation + ": the weight was not made by a CPU device: " + weight);
  }

  void close() {
    primitives.close();
  }
}
