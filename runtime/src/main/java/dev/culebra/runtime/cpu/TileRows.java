package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows of a tensor as tiles in scratch memory and back: F32, padded with zeros to whole vectors.
 */
final class TileRows {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final MemorySegment MEMORY = HostMemory.ALL;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int LENGTH = Lanes.LENGTH;
  private static final long VECTOR = (long) LENGTH * Float.BYTES;

  private TileRows() {}

  /** Columns rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LENGTH - 1) / LENGTH * LENGTH;
  }

  /** Copies one row times {@code factor} and pads it with zeros to whole vectors. */
  static void load(long from, DType dtype, int columns, float factor, long to) {
    long source = Blocks.read(from, dtype.bytes(), to, columns);
    for (int i = 0; i < columns; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, columns);
      FloatVector.fromMemorySegment(FLOATS, MEMORY, source + i * 4L, ORDER, mask)
          .mul(factor, mask)
          .intoMemorySegment(MEMORY, to + i * 4L, ORDER);
    }
  }

  /**
   * Copies one row times {@code factor} out of a tile, rounding to {@code dtype}.
   *
   * @param from overwritten where the row is rounded
   */
  static void store(long from, int columns, float factor, long to, DType dtype) {
    long target = Blocks.write(to, dtype.bytes(), from);
    for (int i = 0; i < columns; i += LENGTH) {
      VectorMask<Float> mask = FLOATS.indexInRange(i, columns);
      FloatVector.fromMemorySegment(FLOATS, MEMORY, from + i * 4L, ORDER)
          .mul(factor)
          .intoMemorySegment(MEMORY, target + i * 4L, ORDER, mask);
    }
    Blocks.written(to, dtype.bytes(), from, columns);
  }

  /** Zeros from {@code from} up to {@code to}, a whole number of vectors. */
  static void clear(long from, long to) {
    for (; from < to; from += VECTOR) {
      Lanes.store(Lanes.zero(), from);
    }
  }

  /**
   * {@code to[c, r] = from[r, c]} of a tile, both sizes whole vectors.
   *
   * @param fromRow bytes from row to row of {@code from}
   * @param toRow bytes from row to row of {@code to}
   */
  static void transpose(long from, long fromRow, int rows, int columns, long to, long toRow) {
    for (int row = 0; row < rows; row += LENGTH) {
      for (int column = 0; column < columns; column += LENGTH) {
        transposeBlock(
            from + row * fromRow + column * 4L, fromRow, to + column * toRow + row * 4L, toRow);
      }
    }
  }

  /** One block of as many rows as lanes, by exchanging its off-diagonal quarters at each scale. */
  private static void transposeBlock(long from, long fromRow, long to, long toRow) {
    for (int scale = 0; scale < SCALES; scale++) {
      int distance = LENGTH >> (scale + 1);
      VectorMask<Float> upper = UPPER[scale];
      VectorShuffle<Float> swap = SWAP[scale];
      long source = scale == 0 ? from : to;
      long sourceRow = scale == 0 ? fromRow : toRow;
      for (int pair = 0; pair < LENGTH / 2; pair++) {
        int row = pair / distance * 2 * distance + pair % distance;
        long other = (row + distance) * sourceRow;
        FloatVector a =
            FloatVector.fromMemorySegment(FLOATS, MEMORY, source + row * sourceRow, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, MEMORY, source + other, ORDER);
        FloatVector top = a.blend(b.rearrange(swap), upper);
        FloatVector bottom = a.rearrange(swap).blend(b, upper);
        top.intoMemorySegment(MEMORY, to + row * toRow, ORDER);
        bottom.intoMemorySegment(MEMORY, to + (row + distance) * toRow, ORDER);
      }
    }
  }

  /**
   * Sums across the lanes of as many vectors as there are lanes: lane r of {@code sums} becomes the
   * sum of vector r. The order of additions is fixed, which {@code reduceLanes} does not promise.
   *
   * @param block {@code [LENGTH]} vectors, overwritten
   */
  static void sumEach(long block, long sums) {
    for (int scale = 0; scale < SCALES; scale++) {
      int distance = LENGTH >> (scale + 1);
      VectorMask<Float> upper = UPPER[scale];
      VectorShuffle<Float> swap = SWAP[scale];
      for (int row = 0; row < distance; row++) {
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, MEMORY, block + row * VECTOR, ORDER);
        FloatVector b =
            FloatVector.fromMemorySegment(FLOATS, MEMORY, block + (row + distance) * VECTOR, ORDER);
        FloatVector kept = a.blend(b, upper);
        FloatVector moved = b.blend(a, upper).rearrange(swap);
        kept.add(moved).intoMemorySegment(MEMORY, block + row * VECTOR, ORDER);
      }
    }
    FloatVector.fromMemorySegment(FLOATS, MEMORY, block, ORDER)
        .intoMemorySegment(MEMORY, sums, ORDER);
  }

  private static final int SCALES = Integer.numberOfTrailingZeros(LENGTH);

  /** For each scale: the lanes whose index has that scale's bit. */
  private static final VectorMask<Float>[] UPPER = upperMasks();

  /** For each scale: every lane from the one at that distance. */
  private static final VectorShuffle<Float>[] SWAP = swaps();

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorMask<Float>[] upperMasks() {
    VectorMask<Float>[] masks = new VectorMask[SCALES];
    for (int scale = 0; scale < SCALES; scale++) {
      long bits = 0;
      for (int lane = 0; lane < LENGTH; lane++) {
        if ((lane & LENGTH >> (scale + 1)) != 0) {
          bits |= 1L << lane;
        }
      }
      masks[scale] = VectorMask.fromLong(Lanes.FLOATS, bits);
    }
    return masks;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static VectorShuffle<Float>[] swaps() {
    VectorShuffle<Float>[] shuffles = new VectorShuffle[SCALES];
    for (int scale = 0; scale < SCALES; scale++) {
      int distance = LENGTH >> (scale + 1);
      shuffles[scale] = VectorShuffle.fromOp(Lanes.FLOATS, lane -> lane ^ distance);
    }
    return shuffles;
  }
}
