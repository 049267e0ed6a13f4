package dev.culebra.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.training.BatchSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchesTest {
  @TempDir Path directory;
  private final ByteLevelTokenizer tokenizer = Texts.tokenizer(1000, Texts.SEPARATOR);
  private int separator;
  private long seed;
  private Random random;

  @BeforeEach
  void seeds() {
    separator = tokenizer.endOfText();
    seed = System.nanoTime();
    random = new Random(seed);
  }

  /** One batch, poisoned before it was filled. */
  private record Batch(int[] tokens, int[] targets, int[] documents) {
    static Batch next(BatchSource source, int batch, int length) {
      int[][] arrays = new int[3][batch * length];
      for (int[] array : arrays) {
        Arrays.fill(array, -77);
      }
      source.next(
          batch,
          length,
          MemorySegment.ofArray(arrays[0]),
          MemorySegment.ofArray(arrays[1]),
          MemorySegment.ofArray(arrays[2]));
      return new Batch(arrays[0], arrays[1], arrays[2]);
    }
  }

  private int[] distinct(int count) {
    return IntStream.range(0, count).map(i -> i % (tokenizer.vocabularySize() - 1)).toArray();
  }

  @Test
  void a_source_is_told_from_others_by_tokens_range_seed_and_order() throws IOException {
    try (TokenShard shard = Texts.shard(directory, tokenizer, distinct(100));
        TokenShard other = Texts.shard(directory, tokenizer, distinct(101))) {
      TokenRange part = new TokenRange(shard, 0, 99, 99);
      Set<String> identities =
          Set.of( // refuses what is there already
              new ShardBatches(shard.all(), 1).identity(),
              new ShardBatches(shard.all(), 2).identity(),
              new ShardBatches(part, 1).identity(),
              new ShardBatches(other.all(), 1).identity(),
              new SequentialBatches(shard.all()).identity(),
              new SequentialBatches(part).identity());
      assertTrue(identities.contains(new ShardBatches(shard.all(), 1).identity()));
    }
  }

  @Test
  void an_epoch_takes_every_window_once_in_an_order_of_its_own() throws IOException {
    for (int round = 0; round < 20; round++) {
      int size = 60 + random.nextInt(900);
      int length = 1 + random.nextInt(20);
      try (TokenShard shard = Texts.shard(directory, tokenizer, distinct(size))) {
        ShardBatches batches = new ShardBatches(shard.all(), seed);
        int[] first = null;
        for (int epoch = 0; epoch < 3; epoch++) {
          Set<Integer> starts = new HashSet<>();
          int[] order = new int[size];
          int count = 0;
          while (batches.position().epoch() == epoch) {
            BatchSource.DataPosition before = batches.position();
            Batch row = Batch.next(batches, 1, length);
            if (batches.position().epoch() != epoch) {
              batches.seek(new BatchSource.DataPosition(epoch + 1, 0));
              break;
            }
            assertEquals(before.sequence() + 1, batches.position().sequence());
            for (int t = 0; t < length; t++) {
              assertEquals(row.tokens[0] + t, row.tokens[t], () -> "seed " + seed);
              assertEquals(row.tokens[0] + t + 1, row.targets[t], () -> "seed " + seed);
            }
            assertTrue(starts.add(row.tokens[0]), () -> "seed " + seed);
            order[count++] = row.tokens[0];
          }
          int[] sorted = Arrays.copyOf(order, count);
          Arrays.sort(sorted);
          assertTrue(sorted[0] < length);
          assertTrue(sorted[count - 1] + 2 * length >= size - 1, () -> "seed " + seed);
          for (int i = 1; i < count; i++) {
            assertEquals(sorted[i - 1] + length, sorted[i]);
          }
          if (count > 20) {
            assertFalse(Arrays.equals(sorted, Arrays.copyOf(order, count)), () -> "seed " + seed);
            assertFalse(Arrays.equals(first, order), () -> "seed " + seed);
            first = order;
          }
        }
      }
    }
  }

  @Test
  void a_source_goes_on_exactly_where_another_stood() throws IOException {
    try (TokenShard shard = Texts.shard(directory, tokenizer, distinct(777))) {
      ShardBatches batches = new ShardBatches(shard.all(), seed);
      for (int i = 0; i < 100; i++) {
        BatchSource.DataPosition position = batches.position();
        Batch expected = Batch.next(batches, 3, 16);
        ShardBatches resumed = new ShardBatches(shard.all(), seed);
        resumed.seek(position);
        assertArrayEquals(expected.tokens, Batch.next(resumed, 3, 16).tokens, () -> "seed " + seed);
        assertEquals(batches.position(), resumed.position());
      }
      assertTrue(batches.position().epoch() > 3);
      ShardBatches other = new ShardBatches(shard.all(), seed + 1);
      other.seek(BatchSource.DataPosition.START);
      batches.seek(BatchSource.DataPosition.START);
      assertFalse(
          Arrays.equals(Batch.next(other, 8, 16).tokens, Batch.next(batches, 8, 16).tokens));
    }
  }

  @Test
  void documents_of_a_row_are_counted_from_their_separators() throws IOException {
    int s = separator;
    try (TokenShard shard = Texts.shard(directory, tokenizer, 1, 2, s, 3, s, s, 4, 5)) {
      ShardBatches batches = new ShardBatches(shard.all(), seed);
      Batch row = Batch.next(batches, 1, 7);
      assertArrayEquals(new int[] {1, 2, s, 3, s, s, 4}, row.tokens);
      assertArrayEquals(new int[] {2, s, 3, s, s, 4, 5}, row.targets);
      assertArrayEquals(new int[] {0, 0, 1, 1, 2, 3, 3}, row.documents);
      int[] tokens = new int[7];
      MemorySegment segment = MemorySegment.ofArray(tokens);
      batches.next(1, 7, segment, MemorySegment.ofArray(new int[7]), null);
      assertArrayEquals(row.tokens, tokens);
    }
  }

  @Test
  void too_few_tokens_for_a_window_are_refused() throws IOException {
    try (TokenShard shard = Texts.shard(directory, tokenizer, distinct(8))) {
      ShardBatches batches = new ShardBatches(shard.all(), seed);
      assertArrayEquals(distinct(7), Batch.next(batches, 1, 7).tokens);
      String message =
          assertThrows(IllegalArgumentException.class, () -> Batch.next(batches, 1, 8))
              .getMessage();
      assertTrue(message.contains("8 tokens are too few for sequences of 8"), message);
    }
  }

  @Test
  void evaluation_has_each_token_as_a_target_once() throws IOException {
    for (int round = 0; round < 50; round++) {
      int size = 2 + random.nextInt(300);
      int batch = 1 + random.nextInt(5);
      int length = 1 + random.nextInt(40);
      int[] ids = random.ints(size, 0, tokenizer.vocabularySize()).toArray();
      for (boolean separated : new boolean[] {true, false}) {
        ByteLevelTokenizer used = separated ? tokenizer : Texts.tokenizer(1000);
        try (TokenShard shard = Texts.shard(directory, used, ids)) {
          SequentialBatches batches = new SequentialBatches(shard.all());
          int[] expected = separated ? ids : Arrays.copyOfRange(ids, 1, size);
          assertEquals(expected.length, batches.targets());
          int seen = 0;
          for (long i = 0; i < batches.batches(batch, length); i++) {
            assertEquals(0, batches.position().epoch());
            Batch rows = Batch.next(batches, batch, length);
            for (int k = 0; k < batch * length; k++) {
              if (rows.targets[k] >= 0) {
                assertEquals(expected[seen], rows.targets[k], () -> "seed " + seed);
                int before = separated ? seen - 1 : seen;
                assertEquals(before < 0 ? separator : ids[before], rows.tokens[k]);
                seen++;
              } else {
                assertEquals(-1, rows.targets[k]);
                assertTrue(rows.tokens[k] >= 0);
              }
              assertTrue(rows.documents[k] >= 0);
            }
          }
          assertEquals(expected.length, seen, () -> "seed " + seed);
          assertEquals(new BatchSource.DataPosition(1, 0), batches.position());
        }
      }
    }
  }

  @Test
  void a_permutation_meets_every_index_once() {
    for (int size : new int[] {1, 2, 3, 4, 5, 17, 256, 257, 10_007}) {
      boolean[] met = new boolean[size];
      Permutation permutation = new Permutation(size, seed);
      for (int i = 0; i < size; i++) {
        int at = (int) permutation.at(i);
        assertFalse(met[at], () -> "seed " + seed);
        met[at] = true;
      }
    }
  }
}
