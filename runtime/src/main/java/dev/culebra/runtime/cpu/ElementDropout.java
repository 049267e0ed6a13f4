package dev.culebra.runtime.cpu;

import dev.culebra.runtime.DType;
import dev.culebra.runtime.Dropout;
import dev.culebra.runtime.Tensor;
import dev.culebra.runtime.TensorChecks;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * {@link Dropout} of a tensor's elements, counted in row-major order. A vector of Philox blocks
 * serves four vectors of elements; the first and the last may lie partly outside the row.
 */
final class ElementDropout {
  private static final int LENGTH = Lanes.LENGTH;
  private static final int WORDS = 4;
  private static final int SERVED = WORDS * LENGTH;
  private static final long VECTOR = LENGTH * (long) Integer.BYTES;

  /** Where a word lies in its lane: 24 bits of it make the uniform. */
  private static final int UNUSED_BITS = 8;

  private static final IntVector LANE = IntVector.zero(Lanes.INTS).addIndex(1);

  /** Lanes whose element is word 1, 2 and 3 of its block. */
  private static final VectorMask<Integer> WORD_1 = lanesOfWord(1);

  private static final VectorMask<Integer> WORD_2 = lanesOfWord(2);
  private static final VectorMask<Integer> WORD_3 = lanesOfWord(3);

  private final CpuStream stream;

  ElementDropout(CpuStream stream) {
    this.stream = stream;
  }

  private static VectorMask<Integer> lanesOfWord(int word) {
    return LANE.and(WORDS - 1).compare(VectorOperators.EQ, word);
  }

  void dropout(Tensor x, Dropout dropout, Tensor out) {
    TensorChecks.present("dropout", "x", x);
    TensorChecks.dtype("dropout", "x", x, DType.F32, DType.BF16);
    TensorChecks.matrix("dropout", "out", out, x.rows(), x.columns(), x.dtype());
    TensorChecks.require("dropout", dropout != null, "the dropout is missing");
    TensorChecks.vector("dropout", "random", dropout.random(), 3, DType.I32);
    long columns = x.columns();
    long random = dropout.random().address();
    // u = k 2^-24 is kept where k 2^-24 >= p; p 2^24 is exact in double
    int threshold = (int) Math.ceil(dropout.probability() * 0x1p24);
    float keep = 1 - dropout.probability();
    int site = dropout.site();
    int bytes = x.dtype().bytes();
    stream.enqueue(
        WORDS * x.elements(), // about as much work as so many elements of other operations
        worker -> {
          long block = worker.blocks();
          long words = Spans.block(block, 1);
          int key0 = Lanes.getInt(random);
          int key1 = Lanes.getInt(random + 4);
          int step = Lanes.getInt(random + 8);
          long end = worker.to(x.elements(), SERVED);
          long element = worker.from(x.elements(), SERVED);
          while (element < end) {
            long column = element % columns;
            long row = element / columns;
            int length = (int) Math.min(Spans.LONGEST, Math.min(columns - column, end - element));
            long target = Spans.address(out, row, column);
            long from = Blocks.read(Spans.address(x, row, column), bytes, block, length);
            long to = Blocks.write(target, bytes, block, length);
            drop(key0, key1, step, site, element, words, threshold, keep, from, to, length);
            Blocks.written(target, bytes, block, length);
            element += length;
          }
        });
  }

  private static void drop(
      int key0,
      int key1,
      int step,
      int site,
      long element,
      long words,
      int threshold,
      float keep,
      long x,
      long out,
      int n) {
    int before = (int) element & WORDS - 1; // elements of the first block that are not ours
    long block = element >>> 2;
    for (int i = -before; i < n; i += SERVED) {
      IntVector low = LANE.add((int) block);
      IntVector high =
          IntVector.broadcast(Lanes.INTS, (int) (block >>> 32))
              .add(1, low.compare(VectorOperators.ULT, LANE));
      long counters = words + WORDS * VECTOR;
      Lanes.storeInts(low, counters);
      Lanes.storeInts(high, counters + VECTOR);
      PhiloxLanes.block(key0, key1, counters, step, site, words);
      for (int part = 0; part < WORDS; part++) {
        int first = i + part * LENGTH;
        VectorMask<Float> mask = Lanes.FLOATS.indexInRange(first, n);
        long at = (long) first * Float.BYTES;
        var kept = drawn(words, part).compare(VectorOperators.GE, threshold).cast(Lanes.FLOATS);
        FloatVector scaled = Lanes.load(x + at, mask).div(keep);
        Lanes.store(Lanes.zero().blend(scaled, kept), out + at, mask);
      }
      block += LENGTH;
    }
  }

  /** The uniforms' 24 bits for a quarter of the elements, in their order. */
  private static IntVector drawn(long words, int part) {
    VectorShuffle<Integer> blocks =
        LANE.lanewise(VectorOperators.LSHR, 2).add(part * (LENGTH / WORDS)).toShuffle();
    return word(words, 0, blocks)
        .blend(word(words, 1, blocks), WORD_1)
        .blend(word(words, 2, blocks), WORD_2)
        .blend(word(words, 3, blocks), WORD_3)
        .lanewise(VectorOperators.LSHR, UNUSED_BITS);
  }

  private static IntVector word(long words, int word, VectorShuffle<Integer> blocks) {
    return Lanes.loadInts(words + word * VECTOR).rearrange(blocks);
  }
}
