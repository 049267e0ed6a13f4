package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.AttentionMask;
import dev.culebra.runtime.AttentionShape;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;
import java.util.Random;

/** Random operands of one attention on a device, Q, K and V being slices of one packed product. */
final class AttentionCase implements AutoCloseable {
  private static final int GAP = 3;

  final AttentionShape shape;
  final Tensor out;
  final Tensor lse;
  final Tensor packedGradient;

  private final CpuDevice device;
  private final Arena arena;
  private final AttentionMask mask;
  private final float scale;
  private final Dropout dropout;
  private final Tensor packed;
  private final Tensor outGradient;

  /**
   * @param mask without documents
   * @param documents {@code [B, T]}, or null
   */
  AttentionCase(
      CpuDevice device,
      AttentionShape shape,
      AttentionMask mask,
      int[] documents,
      float dropoutProbability,
      DType dtype,
      Random random) {
    this.device = device;
    this.shape = shape;
    int queryColumns = shape.heads() * shape.headDim();
    int keyColumns = shape.kvHeads() * shape.headDim();
    long columns = queryColumns + 2L * keyColumns + GAP;
    arena =
        device.memory().arena("attention case", 40 * shape.rows() * (columns + 100) + (1 << 16));
    packed = arena.allocate(dtype, shape.rows(), columns);
    packedGradient = arena.allocate(dtype, shape.rows(), columns);
    out = arena.allocate(dtype, shape.rows(), queryColumns);
    outGradient = arena.allocate(dtype, shape.rows(), queryColumns);
    lse = arena.allocate(DType.F32, shape.batch(), shape.heads(), shape.length());
    randomize(packed, random);
    randomize(outGradient, random);
    poison(out);
    poison(lse);
    poison(packedGradient);
    Tensor numbers = null;
    if (documents != null) {
      numbers = arena.allocate(DType.I32, shape.batch(), shape.length());
      device.write(numbers, documents);
    }
    this.mask = new AttentionMask(mask.causal(), mask.window(), numbers);
    scale = (float) (1 / Math.sqrt(shape.headDim()));
    if (dropoutProbability > 0) {
      Tensor state = arena.allocate(DType.I32, 3);
      device.write(state, random.nextInt(), random.nextInt(), random.nextInt(1000));
      dropout = new Dropout(dropoutProbability, state, random.nextInt());
    } else {
      dropout = null;
    }
  }

  void forward() {
    device
        .ops()
        .attention(
            shape, mask, scale, query(packed), key(packed), value(packed), dropout, out, lse);
  }

  void backward() {
    device
        .ops()
        .attentionBackward(
            shape,
            mask,
            scale,
            query(packed),
            key(packed),
            value(packed),
            dropout,
            out,
            lse,
            outGradient,
            query(packedGradient),
            key(packedGradient),
            value(packedGradient));
  }

  Tensor query(Tensor from) {
    return from.columns(0, (long) shape.heads() * shape.headDim());
  }

  Tensor key(Tensor from) {
    long start = (long) shape.heads() * shape.headDim();
    return from.columns(start, start + (long) shape.kvHeads() * shape.headDim());
  }

  Tensor value(Tensor from) {
    long start = (long) (shape.heads() + shape.kvHeads()) * shape.headDim();
    return from.columns(start, start + (long) shape.kvHeads() * shape.headDim());
  }

  /** Queries, keys and values of some tokens. */
  Tensor packedRows(long from, long to) {
    return packed.rows(from, to);
  }

  /** Changes dropout's step number. */
  void setStep(int step) {
    Lanes.setInt(dropout.random().address() + 2 * Integer.BYTES, step);
  }

  static double[] values(Tensor tensor) {
    double[] values = new double[(int) tensor.elements()];
    for (int i = 0; i < values.length; i++) {
      long at =
          tensor.rowAddress(i / tensor.columns()) + i % tensor.columns() * tensor.dtype().bytes();
      values[i] = tensor.dtype() == DType.BF16 ? Lanes.getBf16(at) : Lanes.get(at);
    }
    return values;
  }

  /** Fills a tensor with what its dtype can hold and returns just that. */
  static double[] randomize(Tensor tensor, Random random) {
    for (long row = 0; row < tensor.rows(); row++) {
      for (long column = 0; column < tensor.columns(); column++) {
        put(tensor, row, column, (float) random.nextGaussian());
      }
    }
    return values(tensor);
  }

  static void poison(Tensor tensor) {
    for (long row = 0; row < tensor.rows(); row++) {
      for (long column = 0; column < tensor.columns(); column++) {
        put(tensor, row, column, Float.NaN);
      }
    }
  }

  private static void put(Tensor tensor, long row, long column, float value) {
    long at = tensor.rowAddress(row);
    if (tensor.dtype() == DType.BF16) {
      short bits = (short) ((Float.floatToRawIntBits(value) + 0x8000) >>> 16);
      HostMemory.ALL.set(java.lang.foreign.ValueLayout.JAVA_SHORT, at + column * 2, bits);
    } else {
      Lanes.set(at + column * 4, value);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
