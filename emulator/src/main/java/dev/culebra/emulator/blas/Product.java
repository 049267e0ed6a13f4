package dev.culebra.emulator.blas;

import dev.culebra.emulator.driver.LibraryWork;
import dev.culebra.emulator.memory.DeviceMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.DoubleUnaryOperator;

/**
 * {@code D = epilogue(alpha op(A) op(B) + beta C)}, for each matrix of a batch.
 *
 * @param c null where beta is zero
 * @param bias one element a row of D, or the buffer of its gradient; null without
 * @param auxiliary what goes into the activation, {@code [m, n]}; null without. Where it is a mask,
 *     its leading dimension counts bits
 * @param scales of operands and result of 8 bits
 * @param inDoubles whether to sum in doubles rather than floats
 */
record Product(
    Matrix a,
    boolean transposeA,
    Matrix b,
    boolean transposeB,
    Matrix c,
    Matrix d,
    Scalar alpha,
    Scalar beta,
    Epilogue epilogue,
    Matrix bias,
    Matrix auxiliary,
    Scales scales,
    boolean inDoubles) {

  /**
   * Addresses of F32 in device memory, 0 for none.
   *
   * @param largest where the largest magnitude of D before its scale is written
   */
  record Scales(long a, long b, long c, long d, long largest) {
    static final Scales NONE = new Scales(0, 0, 0, 0, 0);

    private static double at(DeviceMemory memory, long address) {
      return address == 0
          ? 1
          : memory.segment(address, Float.BYTES).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
    }
  }

  /** The same product of other matrices; D is C. */
  Product at(long otherA, long otherB, long otherC) {
    return new Product(
        a.at(otherA),
        transposeA,
        b.at(otherB),
        transposeB,
        c == null ? null : c.at(otherC),
        d.at(otherC),
        alpha,
        beta,
        epilogue,
        bias,
        auxiliary,
        scales,
        inDoubles);
  }

  /**
   * Enqueues it.
   *
   * @param promised what its addresses have to be multiples of
   * @return whether there was such a stream
   */
  boolean submit(String function, Alignment promised, long stream) {
    LibraryWork.Work work =
        memory -> {
          promised.require(this);
          run(memory);
        };
    return new LibraryWork(function, work, this::touched).submit(stream);
  }

  private void touched(LibraryWork.Stretches reads, LibraryWork.Stretches writes) {
    a.stretches(reads);
    b.stretches(reads);
    d.stretches(writes);
    if (c != null) {
      c.stretches(reads);
    }
    if (epilogue.addsBias()) {
      bias.stretches(reads);
    }
    if (epilogue.writesBiasGradient()) {
      bias.stretches(writes);
    }
    if (auxiliary != null && !epilogue.auxiliaryIsMask()) {
      auxiliary.stretches(epilogue.writesAuxiliary() ? writes : reads);
    }
  }

  /** Does it. */
  void run(DeviceMemory memory) {
    for (int batch = 0; batch < d.batches(); batch++) {
      multiply(memory, batch);
    }
  }

  private void multiply(DeviceMemory memory, int batch) {
    int m = Math.toIntExact(d.rows());
    int n = Math.toIntExact(d.columns());
    int k = Math.toIntExact(transposeA ? a.rows() : a.columns());
    double[] left = a.read(memory, batch, transposeA);
    double[] right = b.read(memory, batch, transposeB);
    if (epilogue.code() == Epilogue.BGRADA) {
      bias.write(memory, batch, rowSums(left, m, k));
    } else if (epilogue.code() == Epilogue.BGRADB) {
      bias.write(memory, batch, columnSums(right, k, n));
    }
    double[] result =
        inDoubles
            ? Multiplication.inDoubles(left, right, m, n, k)
            : Multiplication.inFloats(left, right, m, n, k);
    scale(memory, batch, result, m);
    finish(memory, batch, result, m);
    d.write(memory, batch, result);
  }

  private void scale(DeviceMemory memory, int batch, double[] result, int m) {
    double factor = Scales.at(memory, scales.a) * Scales.at(memory, scales.b);
    double[] before = null;
    double betaOfAll = beta.value(memory, 0);
    if (c != null && betaOfAll != 0) {
      before = c.read(memory, batch, false);
      betaOfAll *= Scales.at(memory, scales.c);
    }
    double[] alphas = new double[m];
    for (int row = 0; row < m; row++) {
      alphas[row] = alpha.value(memory, row) * factor;
    }
    for (int i = 0; i < result.length; i++) {
      double value = alphas[i % m] == 0 ? 0 : alphas[i % m] * result[i];
      result[i] = before == null ? value : value + betaOfAll * before[i];
    }
  }

  private void finish(DeviceMemory memory, int batch, double[] result, int m) {
    if (epilogue.addsBias()) {
      double[] added = bias.read(memory, batch, false);
      for (int i = 0; i < result.length; i++) {
        result[i] += added[i % m];
      }
    }
    if (epilogue.writesAuxiliary()) {
      writeAuxiliary(memory, batch, result, m);
    }
    if (epilogue.relu()) {
      replace(result, x -> x > 0 ? x : 0);
    } else if (epilogue.gelu()) {
      replace(result, Epilogue::gelu);
    } else if (epilogue.readsAuxiliary()) {
      goBack(memory, batch, result, m);
    }
    if (epilogue.writesBiasGradient() && epilogue.readsAuxiliary()) {
      bias.write(memory, batch, rowSums(result, m, result.length / Math.max(1, m)));
    }
    quantise(memory, result);
  }

  private void quantise(DeviceMemory memory, double[] result) {
    if (scales.largest != 0) {
      float largest = 0;
      for (double value : result) {
        largest = Math.max(largest, (float) Math.abs(value));
      }
      memory.segment(scales.largest, Float.BYTES).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, largest);
      memory.markWritten(scales.largest, Float.BYTES);
    }
    double factor = Scales.at(memory, scales.d);
    if (factor != 1) {
      replace(result, x -> x * factor);
    }
  }

  private static void replace(double[] values, DoubleUnaryOperator function) {
    for (int i = 0; i < values.length; i++) {
      values[i] = function.applyAsDouble(values[i]);
    }
  }

  private void writeAuxiliary(DeviceMemory memory, int batch, double[] values, int m) {
    if (!epilogue.auxiliaryIsMask()) {
      auxiliary.write(memory, batch, values);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      long bit = i / m * auxiliary.leadingDimension() + i % m;
      long address = maskAddress(batch, bit);
      MemorySegment place = memory.segment(address, 1);
      int mask = 1 << (bit & 7);
      int old = place.get(ValueLayout.JAVA_BYTE, 0);
      place.set(ValueLayout.JAVA_BYTE, 0, (byte) (values[i] > 0 ? old | mask : old & ~mask));
      memory.markWritten(address, 1);
    }
  }

  private long maskAddress(int batch, long bit) {
    return auxiliary.address() + (batch * auxiliary.batchStride() + bit) / Byte.SIZE;
  }

  private void goBack(DeviceMemory memory, int batch, double[] gradients, int m) {
    if (!epilogue.auxiliaryIsMask()) {
      double[] inputs = auxiliary.read(memory, batch, false);
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] *= Epilogue.geluSlope(inputs[i]);
      }
      return;
    }
    for (int i = 0; i < gradients.length; i++) {
      long bit = i / m * auxiliary.leadingDimension() + i % m;
      int bits = memory.segment(maskAddress(batch, bit), 1).get(ValueLayout.JAVA_BYTE, 0);
      if ((bits >> (bit & 7) & 1) == 0) {
        gradients[i] = 0;
      }
    }
  }

  private static double[] rowSums(double[] values, int rows, int columns) {
    double[] sums = new double[rows];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        sums[row] += values[column * rows + row];
      }
    }
    return sums;
  }

  private static double[] columnSums(double[] values, int rows, int columns) {
    double[] sums = new double[columns];
    for (int i = 0; i < values.length; i++) {
      sums[i / rows] += values[i];
    }
    return sums;
  }
}
