package dev.culebra.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rate at which this machine reads memory that is in no cache: threads of its own, each adding
 * up its share of a large block with nothing to slow it down, so that the bound is the memory's and
 * not one of our operations'.
 */
final class MemoryBandwidth {
  private static final int ROUNDS = 15;
  private static final long BYTES = 1L << 30;
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private MemoryBandwidth() {}

  /** Bytes a second on so many threads, the best of some rounds. */
  static double measure(int threads) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment block = arena.allocate(BYTES, INTS.vectorByteSize());
      block.fill((byte) 1); // untouched pages would all be the same zero page
      double best = 0;
      for (int i = 0; i < ROUNDS; i++) {
        best = Math.max(best, BYTES * 1e9 / nanoseconds(block, threads));
      }
      return best;
    }
  }

  private static long nanoseconds(MemorySegment block, int threads) {
    int[] sums = new int[threads];
    Thread[] readers = new Thread[threads];
    long share = BYTES / threads / (4 * INTS.vectorByteSize()) * (4 * INTS.vectorByteSize());
    long start = System.nanoTime();
    for (int t = 0; t < threads; t++) {
      int reader = t;
      readers[t] =
          Thread.ofPlatform().start(() -> sums[reader] = sum(block.asSlice(reader * share, share)));
    }
    for (Thread reader : readers) {
      join(reader);
    }
    long nanoseconds = System.nanoTime() - start;
    if (java.util.stream.IntStream.of(sums).sum() == 0) {
      throw new IllegalStateException("the block was not read"); // and the reads can't be left out
    }
    return nanoseconds;
  }

  private static int sum(MemorySegment share) {
    IntVector s0 = IntVector.zero(INTS);
    IntVector s1 = s0;
    IntVector s2 = s0;
    IntVector s3 = s0;
    int step = INTS.vectorByteSize();
    for (long at = 0; at < share.byteSize(); at += 4L * step) {
      s0 = s0.add(IntVector.fromMemorySegment(INTS, share, at, ORDER));
      s1 = s1.add(IntVector.fromMemorySegment(INTS, share, at + step, ORDER));
      s2 = s2.add(IntVector.fromMemorySegment(INTS, share, at + 2L * step, ORDER));
      s3 = s3.add(IntVector.fromMemorySegment(INTS, share, at + 3L * step, ORDER));
    }
    return s0.add(s1).add(s2.add(s3)).reduceLanes(VectorOperators.ADD) | 1;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }
}
