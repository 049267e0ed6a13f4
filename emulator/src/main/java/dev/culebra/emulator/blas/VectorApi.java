package dev.culebra.emulator.blas;

import static dev.culebra.emulator.blas.BlasStatus.NOT_SUPPORTED;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** cuBLAS: operations on vectors (level 1). Sums are taken in doubles and rounded once. */
final class VectorApi {
  private static final int SUCCESS = 0;
  private static final DataType F32 = DataType.F32;
  private static final DataType F64 = DataType.F64;

  private VectorApi() {}

  // ---- y = alpha x + y ----

  static int cublasSaxpy_v2_64(
      long handle, long n, long alpha, long x, long incx, long y, long incy) {
    return axpy("cublasSaxpy", handle, n, alpha, F32, x, F32, incx, y, F32, incy);
  }

  static int cublasDaxpy_v2_64(
      long handle, long n, long alpha, long x, long incx, long y, long incy) {
    return axpy("cublasDaxpy", handle, n, alpha, F64, x, F64, incx, y, F64, incy);
  }

  static int cublasAxpyEx_64(
      long handle,
      long n,
      long alpha,
      int typeAlpha,
      long x,
      int typeX,
      long incx,
      long y,
      int typeY,
      long incy,
      int execution) {
    DataType of = sameTypes(execution, typeX, typeY);
    return axpy("cublasAxpyEx", handle, n, alpha, DataType.of(typeAlpha), x, of, incx, y, of, incy);
  }

  /** Vectors of one type, of which the sums are F32 or, for F64, F64. */
  private static DataType sameTypes(int execution, int typeX, int typeY) {
    DataType type = DataType.of(typeX);
    DataType sums = DataType.of(execution);
    boolean floating = type == F32 || type == F64 || type == DataType.F16 || type == DataType.BF16;
    NOT_SUPPORTED.unless(
        typeX == typeY && floating && sums == (type == F64 ? F64 : F32),
        "vectors of %s and %s with sums in %s".formatted(type, DataType.of(typeY), sums));
    return type;
  }

  private static int axpy(
      String function,
      long handle,
      long n,
      long alpha,
      DataType typeAlpha,
      long x,
      DataType typeX,
      long incx,
      long y,
      DataType typeY,
      long incy) {
    CublasContext context = CublasContext.of(handle);
    Scalar factor = context.scalar(alpha, typeAlpha);
    Vector from = Vector.of(x, typeX, n, incx, "x");
    Vector to = Vector.of(y, typeY, n, incy, "y");
    submit(
        function,
        context,
        memory -> {
          double scale = factor.value(memory, 0);
          double[] added = from.read(memory);
          double[] sum = to.read(memory);
          for (int i = 0; i < sum.length; i++) {
            sum[i] += scale * added[i];
          }
          to.write(memory, sum);
        },
        List.of(from, to),
        List.of(to));
    return SUCCESS;
  }

  /** Enqueues work that writes vectors, unless there is nothing to write. */
  private static void submit(
      String function,
      CublasContext context,
      LibraryWork.Work work,
      List<Vector> read,
      List<Vector> written) {
    if (written.stream().allMatch(vector -> vector.count() == 0)) {
      return;
    }
    LibraryWork queued =
        new LibraryWork(
            function,
            work,
            (reads, writes) -> {
              read.forEach(vector -> vector.stretches(reads));
              written.forEach(vector -> vector.stretches(writes));
            });
    BlasStatus.EXECUTION_FAILED.unless(
        queued.submit(context.stream), "the stream does not take the work");
  }

  // ---- x = alpha x ----

  static int cublasSscal_v2_64(long handle, long n, long alpha, long x, long incx) {
    return scale("cublasSscal", handle, n, alpha, F32, x, F32, incx);
  }

  static int cublasDscal_v2_64(long handle, long n, long alpha, long x, long incx) {
    return scale("cublasDscal", handle, n, alpha, F64, x, F64, incx);
  }

  static int cublasScalEx_64(
      long handle, long n, long alpha, int typeAlpha, long x, int typeX, long incx, int execution) {
    DataType of = sameTypes(execution, typeX, typeX);
    return scale("cublasScalEx", handle, n, alpha, DataType.of(typeAlpha), x, of, incx);
  }

  private static int scale(
      String function,
      long handle,
      long n,
      long alpha,
      DataType typeAlpha,
      long x,
      DataType typeX,
      long incx) {
    CublasContext context = CublasContext.of(handle);
    Scalar factor = context.scalar(alpha, typeAlpha);
    Vector vector = Vector.of(x, typeX, n, incx, "x");
    submit(
        function,
        context,
        memory -> {
          double scale = factor.value(memory, 0);
          double[] values = vector.read(memory);
          for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
          }
          vector.write(memory, values);
        },
        List.of(vector),
        List.of(vector));
    return SUCCESS;
  }

  // ---- y = x, and x and y change places ----

  static int cublasScopy_v2_64(long handle, long n, long x, long incx, long y, long incy) {
    return copy("cublasScopy", handle, n, x, F32, incx, y, incy, false);
  }

  static int cublasDcopy_v2_64(long handle, long n, long x, long incx, long y, long incy) {
    return copy("cublasDcopy", handle, n, x, F64, incx, y, incy, false);
  }

  static int cublasSswap_v2_64(long handle, long n, long x, long incx, long y, long incy) {
    return copy("cublasSswap", handle, n, x, F32, incx, y, incy, true);
  }

  static int cublasDswap_v2_64(long handle, long n, long x, long incx, long y, long incy) {
    return copy("cublasDswap", handle, n, x, F64, incx, y, incy, true);
  }

  private static int copy(
      String function,
      long handle,
      long n,
      long x,
      DataType type,
      long incx,
      long y,
      long incy,
      boolean swaps) {
    CublasContext context = CublasContext.of(handle);
    Vector one = Vector.of(x, type, n, incx, "x");
    Vector other = Vector.of(y, type, n, incy, "y");
    submit(
        function,
        context,
        memory -> {
          double[] values = one.read(memory);
          if (swaps) {
            one.write(memory, other.read(memory));
          }
          other.write(memory, values);
        },
        swaps ? List.of(one, other) : List.of(one),
        swaps ? List.of(one, other) : List.of(other));
    return SUCCESS;
  }

  // ---- sums ----

  static int cublasSdot_v2_64(
      long handle, long n, long x, long incx, long y, long incy, long result) {
    return dot("cublasSdot", handle, n, x, F32, incx, y, incy, result, F32);
  }

  static int cublasDdot_v2_64(
      long handle, long n, long x, long incx, long y, long incy, long result) {
    return dot("cublasDdot", handle, n, x, F64, incx, y, incy, result, F64);
  }

  static int cublasDotEx_64(
      long handle,
      long n,
      long x,
      int typeX,
      long incx,
      long y,
      int typeY,
      long incy,
      long result,
      int typeResult,
      int execution) {
    DataType of = sameTypes(execution, typeX, typeY);
    return dot("cublasDotEx", handle, n, x, of, incx, y, incy, result, DataType.of(typeResult));
  }

  private static int dot(
      String function,
      long handle,
      long n,
      long x,
      DataType type,
      long incx,
      long y,
      long incy,
      long result,
      DataType typeResult) {
    Vector one = Vector.of(x, type, n, incx, "x");
    Vector other = Vector.of(y, type, n, incy, "y");
    return reduce(
        function,
        CublasContext.of(handle),
        memory -> {
          double[] left = one.read(memory);
          double[] right = other.read(memory);
          double sum = 0;
          for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
          }
          return sum;
        },
        List.of(one, other),
        result,
        typeResult);
  }

  static int cublasSnrm2_v2_64(long handle, long n, long x, long incx, long result) {
    return norm("cublasSnrm2", handle, n, x, F32, incx, result, F32);
  }

  static int cublasDnrm2_v2_64(long handle, long n, long x, long incx, long result) {
    return norm("cublasDnrm2", handle, n, x, F64, incx, result, F64);
  }

  static int cublasNrm2Ex_64(
      long handle,
      long n,
      long x,
      int typeX,
      long incx,
      long result,
      int typeResult,
      int execution) {
    DataType of = sameTypes(execution, typeX, typeX);
    return norm("cublasNrm2Ex", handle, n, x, of, incx, result, DataType.of(typeResult));
  }

  /** Scaled by the largest element, so that no square overflows. */
  private static int norm(
      String function,
      long handle,
      long n,
      long x,
      DataType type,
      long incx,
      long result,
      DataType typeResult) {
    Vector vector = positive(x, type, n, incx);
    return reduce(
        function,
        CublasContext.of(handle),
        memory -> {
          double[] values = vector.read(memory);
          double largest = 0;
          for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
          }
          double sum = 0;
          for (double value : values) {
            sum += value / largest * (value / largest);
          }
          return largest == 0 || Double.isInfinite(largest) ? largest : largest * Math.sqrt(sum);
        },
        List.of(vector),
        result,
        typeResult);
  }

  /** These functions take a vector with no or a negative increment for an empty one. */
  private static Vector positive(long x, DataType type, long n, long incx) {
    return Vector.of(x, type, incx <= 0 ? 0 : n, incx, "x");
  }

  static int cublasSasum_v2_64(long handle, long n, long x, long incx, long result) {
    return magnitudes("cublasSasum", handle, n, x, F32, incx, result);
  }

  static int cublasDasum_v2_64(long handle, long n, long x, long incx, long result) {
    return magnitudes("cublasDasum", handle, n, x, F64, incx, result);
  }

  private static int magnitudes(
      String function, long handle, long n, long x, DataType type, long incx, long result) {
    Vector vector = positive(x, type, n, incx);
    return reduce(
        function,
        CublasContext.of(handle),
        memory -> {
          double sum = 0;
          for (double value : vector.read(memory)) {
            sum += Math.abs(value);
          }
          return sum;
        },
        List.of(vector),
        result,
        type);
  }

  private static int reduce(
      String function,
      CublasContext context,
      ToDoubleFunction<DeviceMemory> sum,
      List<Vector> read,
      long result,
      DataType type) {
    return answer(
        function,
        context,
        read,
        result,
        type.bytes(),
        (memory, place) -> type.set(place, 0, sum.applyAsDouble(memory)));
  }

  /** Writes a result. */
  private interface Answer {
    void write(DeviceMemory memory, MemorySegment place);
  }

  /** A result for the host is waited for; one in device memory comes in the stream's order. */
  private static int answer(
      String function,
      CublasContext context,
      List<Vector> read,
      long result,
      int bytes,
      Answer answer) {
    Pointers.require(result, "the place for a result");
    boolean onDevice = context.scalarsOnDevice;
    LibraryWork work =
        new LibraryWork(
            function,
            memory -> {
              MemorySegment place =
                  onDevice ? memory.segment(result, bytes) : HostMemory.ALL.asSlice(result, bytes);
              answer.write(memory, place);
              if (onDevice) {
                memory.markWritten(result, bytes);
              }
            },
            (reads, writes) -> {
              read.forEach(vector -> vector.stretches(reads));
              if (onDevice) {
                writes.stretch(result, bytes);
              }
            });
    BlasStatus.EXECUTION_FAILED.unless(
        onDevice ? work.submit(context.stream) : work.submitAndWait(context.stream),
        "the stream does not take the work, or it failed");
    return SUCCESS;
  }

  // ---- places of the largest and the smallest magnitude, from 1; 0 in an empty vector ----

  static int cublasIsamax_v2(long handle, int n, long x, int incx, long result) {
    return place("cublasIsamax", handle, n, x, F32, incx, result, Integer.BYTES, true);
  }

  static int cublasIdamax_v2(long handle, int n, long x, int incx, long result) {
    return place("cublasIdamax", handle, n, x, F64, incx, result, Integer.BYTES, true);
  }

  static int cublasIsamin_v2(long handle, int n, long x, int incx, long result) {
    return place("cublasIsamin", handle, n, x, F32, incx, result, Integer.BYTES, false);
  }

  static int cublasIdamin_v2(long handle, int n, long x, int incx, long result) {
    return place("cublasIdamin", handle, n, x, F64, incx, result, Integer.BYTES, false);
  }

  static int cublasIsamax_v2_64(long handle, long n, long x, long incx, long result) {
    return place("cublasIsamax", handle, n, x, F32, incx, result, Long.BYTES, true);
  }

  static int cublasIdamax_v2_64(long handle, long n, long x, long incx, long result) {
    return place("cublasIdamax", handle, n, x, F64, incx, result, Long.BYTES, true);
  }

  static int cublasIsamin_v2_64(long handle, long n, long x, long incx, long result) {
    return place("cublasIsamin", handle, n, x, F32, incx, result, Long.BYTES, false);
  }

  static int cublasIdamin_v2_64(long handle, long n, long x, long incx, long result) {
    return place("cublasIdamin", handle, n, x, F64, incx, result, Long.BYTES, false);
  }

  private static int place(
      String function,
      long handle,
      long n,
      long x,
      DataType type,
      long incx,
      long result,
      int bytes,
      boolean largest) {
    Vector vector = positive(x, type, n, incx);
    return answer(
        function,
        CublasContext.of(handle),
        List.of(vector),
        result,
        bytes,
        (memory, place) -> {
          long found = 1L + extreme(vector.read(memory), largest);
          if (bytes == Long.BYTES) {
            place.set(HostMemory.LONG, 0, found);
          } else {
            place.set(HostMemory.INT, 0, (int) found);
          }
        });
  }

  /** The first of that magnitude; -1 where there is none. */
  private static int extreme(double[] values, boolean largest) {
    int best = -1;
    for (int i = 0; i < values.length; i++) {
      double magnitude = Math.abs(values[i]);
      if (best < 0
          || (largest ? magnitude > Math.abs(values[best]) : magnitude < Math.abs(values[best]))) {
        best = i;
      }
    }
    return best;
  }
}
