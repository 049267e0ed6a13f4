package dev.culebra.runtime.cpu;

import dev.culebra.runtime.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Signed 8-bit weights {@code [N, K]} with an F32 scale for each 32 inputs of a row, as many rows
 * side by side as a vector has lanes: for each 32 inputs, 32 vectors of bytes (one input of all
 * those rows each), then a vector of scales. So a product with one row of inputs needs no sum over
 * lanes and reads memory straight on. Rows and inputs that fill up the last group and block are 0.
 */
final class QuantizedRows implements FloatBlocks {
  static final int BLOCK = 32;
  private static final float LARGEST = 127;
  private static final int LANES = Lanes.LENGTH;
  private static final long SCALES_OFFSET = (long) BLOCK * LANES;
  private static final long BLOCK_BYTES = SCALES_OFFSET + (long) Float.BYTES * LANES;

  /** A byte a lane; where vectors are so short that this is no shape, the first half is used. */
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, Lanes.FLOATS.vectorBitSize() / 4)));

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, Lanes.FLOATS.vectorShape());

  private final long address;
  private final long rows;
  private final long columns;
  private final long blocks;

  QuantizedRows(long address, long rows, long columns) {
    this.address = address;
    this.rows = rows;
    this.columns = columns;
    this.blocks = blocks(columns);
  }

  /** Bytes that {@code rows x columns} weights take. */
  static long bytes(long rows, long columns) {
    return groups(rows) * blocks(columns) * BLOCK_BYTES;
  }

  private static long groups(long rows) {
    return (rows + LANES - 1) / LANES;
  }

  private static long blocks(long columns) {
    return (columns + BLOCK - 1) / BLOCK;
  }

  /** Groups of rows that share vectors. */
  long groups() {
    return groups(rows);
  }

  private long block(long group, long block) {
    return address + (group * blocks + block) * BLOCK_BYTES;
  }

  /** Quantises rows of groups {@code [from, to)} of the source, {@code [N, K]}. */
  void quantize(Tensor source, long from, long to) {
    for (long group = from; group < to; group++) {
      for (long block = 0; block < blocks; block++) {
        for (int lane = 0; lane < LANES; lane++) {
          quantizeBlock(source, group * LANES + lane, block * BLOCK, block(group, block), lane);
        }
      }
    }
  }

  private void quantizeBlock(Tensor source, long row, long column, long target, int lane) {
    int count = row < rows ? (int) Math.min(BLOCK, columns - column) : 0;
    int bytes = source.dtype().bytes();
    long from = count == 0 ? 0 : source.rowAddress(row) + column * bytes;
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(element(from, i, bytes)));
    }
    float scale = largest / LARGEST;
    for (int i = 0; i < BLOCK; i++) {
      float scaled = i < count && scale > 0 ? element(from, i, bytes) / scale : 0;
      byte rounded = (byte) Math.clamp(Math.rint(scaled), -LARGEST, LARGEST);
      HostMemory.ALL.set(ValueLayout.JAVA_BYTE, target + (long) i * LANES + lane, rounded);
    }
    Lanes.set(target + SCALES_OFFSET + (long) lane * Float.BYTES, scale);
  }

  private static float element(long address, int index, int bytes) {
    return bytes == Float.BYTES
        ? Lanes.get(address + (long) index * bytes)
        : Lanes.getBf16(address + (long) index * bytes);
  }

  /**
   * Writes rows {@code [from, to)} transposed, {@code [K, to - from]}: as they lie here, inputs
   * apart and rows together. {@code from} is the first of a group.
   */
  @Override
  public void widen(long from, long to, long target) {
    long stride = (to - from) * Float.BYTES;
    for (long row = from; row < to; row += LANES) {
      VectorMask<Float> mask = Lanes.first((int) Math.min(LANES, to - row));
      long address = target + (row - from) * Float.BYTES;
      for (long column = 0; column < columns; column++) {
        long weights = block(row / LANES, column / BLOCK);
        FloatVector scaled =
            bytes(weights, (int) (column % BLOCK)).mul(Lanes.load(weights + SCALES_OFFSET));
        Lanes.store(scaled, address + column * stride, mask);
      }
    }
  }

  /**
   * Products of one row of inputs with the rows of one group.
   *
   * @param x address of K inputs, F32, padded with zeros to whole blocks
   * @param out address of one product for each lane, F32
   */
  void multiply(long group, long x, long out) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    long weights = block(group, 0);
    for (long block = 0; block < blocks; block++) {
      FloatVector even = FloatVector.zero(Lanes.FLOATS);
      FloatVector odd = even;
      for (int i = 0; i < BLOCK; i += 2) {
        even = bytes(weights, i).fma(input(x, i), even);
        odd = bytes(weights, i + 1).fma(input(x, i + 1), odd);
      }
      sum = even.add(odd).fma(Lanes.load(weights + SCALES_OFFSET), sum);
      weights += BLOCK_BYTES;
      x += (long) BLOCK * Float.BYTES;
    }
    Lanes.store(sum, out);
  }

  /**
   * Products of four rows of inputs with the rows of one group.
   *
   * @param stride bytes from one row of inputs to the next
   * @param outStride bytes from the products of one row of inputs to those of the next
   */
  void multiply4(long group, long x, long stride, long out, long outStride) {
    FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    long weights = block(group, 0);
    for (long block = 0; block < blocks; block++) {
      FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < BLOCK; i++) {
        FloatVector w = bytes(weights, i);
        s0 = w.fma(input(x, i), s0);
        s1 = w.fma(input(x + stride, i), s1);
        s2 = w.fma(input(x + 2 * stride, i), s2);
        s3 = w.fma(input(x + 3 * stride, i), s3);
      }
      FloatVector scales = Lanes.load(weights + SCALES_OFFSET);
      sum0 = s0.fma(scales, sum0);
      sum1 = s1.fma(scales, sum1);
      sum2 = s2.fma(scales, sum2);
      sum3 = s3.fma(scales, sum3);
      weights += BLOCK_BYTES;
      x += (long) BLOCK * Float.BYTES;
    }
    Lanes.store(sum0, out);
    Lanes.store(sum1, out + outStride);
    Lanes.store(sum2, out + 2 * outStride);
    Lanes.store(sum3, out + 3 * outStride);
  }

  private static FloatVector input(long x, int i) {
    return Lanes.broadcast(Lanes.get(x + (long) i * Float.BYTES));
  }

  private static FloatVector bytes(long weights, int input) {
    return (FloatVector)
        ByteVector.fromMemorySegment(
                BYTES, HostMemory.ALL, weights + (long) input * LANES, ByteOrder.nativeOrder())
            .convertShape(VectorOperators.B2I, INTS, 0)
            .convert(VectorOperators.I2F, 0);
  }
}
