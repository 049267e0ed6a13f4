package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.runtime.Arena;
import dev.culebra.runtime.DType;
import dev.culebra.runtime.KeyValueCache;
import dev.culebra.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CachedAttentionTest {
  private final long seed = Long.getLong("culebra.test.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @CsvSource({
    // rows as sequence:first position-last position; heads, kvHeads, headDim, window, page, dtypes
    "0:0-0, 1, 1, 1, 0, 4, F32, F32, 1",
    "0:40-40, 2, 2, 8, 0, 16, F32, F32, 2",
    "0:299-299, 3, 1, 33, 0, 300, F32, F32, 5",
    "1:1-1, 2, 2, 8, 0, 16, F32, F32, 4",
    "2:5-5 0:17-17 1:200-200, 4, 2, 16, 0, 7, F32, F32, 3",
    "2:5-7 0:17-19 1:200-201, 4, 2, 64, 12, 7, F32, BF16, 2",
    "0:0-69, 2, 1, 20, 0, 5, F32, F32, 2",
    "0:30-130 2:0-3 1:8-8, 4, 4, 32, 0, 64, F32, F32, 2",
    "0:30-130 2:0-3 1:8-8, 4, 2, 24, 25, 10, BF16, BF16, 3",
    "1:250-255 2:250-251, 8, 2, 128, 100, 32, F32, F32, 2",
  })
  void rows_attend_to_the_cached_positions_of_their_sequence(
      String rows,
      int heads,
      int kvHeads,
      int headDim,
      int window,
      int pageSize,
      DType dtype,
      DType cacheType,
      int threads) {
    try (CpuDevice device = new CpuDevice(threads);
        Arena arena = device.memory().arena("cached attention", 64 << 20)) {
      KeyValueCache cache = cache(device, arena, cacheType, kvHeads * headDim, pageSize, 300);
      Rows at = Rows.of(rows);
      Tensor sequences = arena.allocate(DType.I32, at.count());
      Tensor positions = arena.allocate(DType.I32, at.count());
      device.write(sequences, at.sequences());
      device.write(positions, at.positions());
      Tensor q = arena.allocate(dtype, at.count(), heads * headDim);
      Tensor out = arena.allocate(dtype, at.count(), heads * headDim);
      double[] queries = AttentionCase.randomize(q, random);
      AttentionCase.poison(out);
      float scale = (float) (1 / Math.sqrt(headDim));
      device.ops().decodeAttention(q, sequences, positions, cache, heads, scale, window, out);
      double[] actual = AttentionCase.values(out);
      double tolerance = dtype == DType.BF16 ? 6e-3 : 4e-6;
      for (int r = 0; r < at.count(); r++) {
        for (int head = 0; head < heads; head++) {
          int start = (r * heads + head) * headDim;
          double[] expected =
              reference(
                  device,
                  cache,
                  at.sequences()[r],
                  at.positions()[r],
                  window,
                  scale,
                  headDim,
                  head / (heads / kvHeads),
                  queries,
                  start);
          for (int d = 0; d < headDim; d++) {
            assertEquals(
                expected[d],
                actual[start + d],
                tolerance * (1 + Math.abs(expected[d])),
                "seed " + seed + ", row " + r + ", head " + head + ", " + d);
          }
        }
      }
    }
  }

  @Test
  void a_replayed_graph_follows_the_positions_on_the_device() {
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("cached attention", 16 << 20)) {
      KeyValueCache cache = cache(device, arena, DType.F32, 32, 8, 80);
      Tensor sequences = arena.allocate(DType.I32, 1);
      Tensor positions = arena.allocate(DType.I32, 1);
      device.write(sequences, 1);
      device.write(positions, 0);
      Tensor q = arena.allocate(DType.F32, 1, 32);
      Tensor out = arena.allocate(DType.F32, 1, 32);
      double[] queries = AttentionCase.randomize(q, random);
      try (var graph =
          device.capture(
              () -> device.ops().decodeAttention(q, sequences, positions, cache, 2, 1, 0, out))) {
        for (int position : new int[] {0, 1, 30, 79, 3}) {
          device.write(positions, position);
          graph.launch();
          double[] expected = reference(device, cache, 1, position, 0, 1, 16, 1, queries, 16);
          double[] actual = AttentionCase.values(out);
          for (int d = 0; d < 16; d++) {
            assertEquals(expected[d], actual[16 + d], 2e-5, "seed " + seed + ", " + position);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, BF16", "BF16, F32", "F32, F32"})
  void stored_rows_are_found_at_their_positions(DType dtype, DType cacheType) {
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("cached attention", 16 << 20)) {
      KeyValueCache cache = cache(device, arena, cacheType, 21, 8, 80);
      Rows at = Rows.of("2:9-40 0:79-79 1:0-3");
      Tensor sequences = arena.allocate(DType.I32, at.count());
      Tensor positions = arena.allocate(DType.I32, at.count());
      device.write(sequences, at.sequences());
      device.write(positions, at.positions());
      Tensor packed = arena.allocate(dtype, at.count(), 50);
      AttentionCase.randomize(packed, random);
      Tensor k = packed.columns(2, 23);
      Tensor v = packed.columns(27, 48);
      double[] before = AttentionCase.values(cache.keys());
      device.ops().storeKeyValue(k, v, sequences, positions, cache);
      double[] keys = AttentionCase.values(k);
      double[] values = AttentionCase.values(v);
      double[] expectedKeys = before.clone();
      double[] storedValues = AttentionCase.values(cache.values());
      double relative = cacheType == dtype || cacheType == DType.F32 ? 0 : 0x1p-8;
      double[] storedKeys = AttentionCase.values(cache.keys());
      for (int r = 0; r < at.count(); r++) {
        int row = place(device, cache, at.sequences()[r], at.positions()[r]);
        for (int c = 0; c < 21; c++) {
          double key = keys[r * 21 + c];
          double value = values[r * 21 + c];
          assertEquals(key, storedKeys[row * 21 + c], relative * Math.abs(key), "seed " + seed);
          assertEquals(value, storedValues[row * 21 + c], relative * Math.abs(value));
          expectedKeys[row * 21 + c] = storedKeys[row * 21 + c];
        }
      }
      assertArrayEquals(expectedKeys, storedKeys, "rows that were not stored to");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 80", "1, -1", "3, 0", "-1, 0"})
  void places_outside_the_cache_are_refused_by_name(int sequence, int position) {
    try (CpuDevice device = new CpuDevice(2);
        Arena arena = device.memory().arena("cached attention", 16 << 20)) {
      KeyValueCache cache = cache(device, arena, DType.F32, 8, 8, 80);
      Tensor sequences = arena.allocate(DType.I32, 1);
      Tensor positions = arena.allocate(DType.I32, 1);
      device.write(sequences, sequence);
      device.write(positions, position);
      Tensor x = arena.allocate(DType.F32, 1, 8);
      Tensor out = arena.allocate(DType.F32, 1, 8);
      String expected = "position " + position + " of sequence " + sequence;
      var store =
          assertThrows(
              IllegalArgumentException.class,
              () -> device.ops().storeKeyValue(x, x, sequences, positions, cache));
      assertTrue(store.getMessage().contains(expected), store.getMessage());
      var decode =
          assertThrows(
              IllegalArgumentException.class,
              () -> device.ops().decodeAttention(x, sequences, positions, cache, 1, 1, 0, out));
      assertTrue(decode.getMessage().contains(expected), decode.getMessage());
    }
  }

  /** Three sequences with their pages scattered at random; contents random. */
  private KeyValueCache cache(
      CpuDevice device, Arena arena, DType dtype, int columns, int pageSize, int capacity) {
    int pagesOfSequence = (capacity + pageSize - 1) / pageSize;
    int pages = 3 * pagesOfSequence + 2;
    Tensor keys = arena.allocate(dtype, (long) pages * pageSize, columns);
    Tensor values = arena.allocate(dtype, (long) pages * pageSize, columns);
    AttentionCase.randomize(keys, random);
    AttentionCase.randomize(values, random);
    List<Integer> order = new ArrayList<>();
    for (int page = 0; page < pages; page++) {
      order.add(page);
    }
    Collections.shuffle(order, random);
    Tensor blockTable = arena.allocate(DType.I32, 3, pagesOfSequence);
    device.write(
        blockTable, order.stream().limit(3L * pagesOfSequence).mapToInt(page -> page).toArray());
    return new KeyValueCache(keys, values, blockTable, pageSize);
  }

  private static int place(CpuDevice device, KeyValueCache cache, int sequence, int position) {
    int[] table = device.readInts(cache.blockTable());
    int page = table[sequence * (int) cache.blockTable().columns() + position / cache.pageSize()];
    return page * cache.pageSize() + position % cache.pageSize();
  }

  private static double[] reference(
      CpuDevice device,
      KeyValueCache cache,
      int sequence,
      int position,
      int window,
      double scale,
      int headDim,
      int kvHead,
      double[] queries,
      int query) {
    double[] keys = AttentionCase.values(cache.keys());
    double[] values = AttentionCase.values(cache.values());
    int first = window == 0 ? 0 : Math.max(0, position - window + 1);
    double[] scores = new double[position + 1];
    double sum = 0;
    double[] out = new double[headDim];
    for (int j = first; j <= position; j++) {
      int at = place(device, cache, sequence, j) * (int) cache.keys().columns() + kvHead * headDim;
      for (int d = 0; d < headDim; d++) {
        scores[j] += scale * queries[query + d] * keys[at + d];
      }
      double p = Math.exp(scores[j]);
      sum += p;
      for (int d = 0; d < headDim; d++) {
        out[d] += p * values[at + d];
      }
    }
    for (int d = 0; d < headDim; d++) {
      out[d] /= sum;
    }
    return out;
  }

  /** Rows of new tokens. */
  private record Rows(int[] sequences, int[] positions) {
    static Rows of(String text) {
      List<Integer> sequences = new ArrayList<>();
      List<Integer> positions = new ArrayList<>();
      for (String run : text.trim().split(" ")) {
        String[] parts = run.split("[:-]");
        for (int p = Integer.parseInt(parts[1]); p <= Integer.parseInt(parts[2]); p++) {
          sequences.add(Integer.parseInt(parts[0]));
          positions.add(p);
        }
      }
      return new Rows(
          sequences.stream().mapToInt(i -> i).toArray(),
          positions.stream().mapToInt(i -> i).toArray());
    }

    int count() {
      return sequences.length;
    }
  }
}
