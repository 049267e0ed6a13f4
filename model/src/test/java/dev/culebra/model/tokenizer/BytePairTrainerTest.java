package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {
  /** The definition, carried out naively: recount everything for each merge. */
  private static List<List<Integer>> naiveMerges(String text, int count) {
    List<List<Integer>> words = new ArrayList<>();
    ByteLevelTokenizer bytes = TinyTokenizers.bytes(Map.of());
    byte[] utf8 = text.getBytes(UTF_8);
    Splitter.GPT2.split(
        utf8,
        0,
        utf8.length,
        (t, from, to) -> {
          int[] ids = bytes.encodeOrdinary(java.util.Arrays.copyOfRange(t, from, to));
          words.add(new ArrayList<>(IntStream.of(ids).boxed().toList()));
        });
    List<List<Integer>> merges = new ArrayList<>();
    while (merges.size() < count) {
      Map<List<Integer>, Integer> counts =
          new TreeMap<>(
              Comparator.<List<Integer>>comparingInt(List::getFirst)
                  .thenComparingInt(List::getLast));
      for (List<Integer> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          counts.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
        }
      }
      List<Integer> best = null;
      for (Map.Entry<List<Integer>, Integer> entry : counts.entrySet()) {
        if (best == null || entry.getValue() > counts.get(best)) {
          best = entry.getKey();
        }
      }
      if (best == null) {
        break;
      }
      for (List<Integer> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          if (word.subList(i, i + 2).equals(best)) {
            word.remove(i + 1);
            word.set(i, 256 + merges.size());
          }
        }
      }
      merges.add(best);
    }
    return merges;
  }

  private static List<List<Integer>> merges(ByteLevelTokenizer tokenizer) {
    List<List<Integer>> merges = new ArrayList<>();
    for (int[] merge : tokenizer.merges.sorted()) {
      merges.add(List.of(merge[1], merge[2]));
    }
    return merges;
  }

  private static String randomWords(Random random, int words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      int length = 1 + random.nextInt(9);
      for (int k = 0; k < length; k++) {
        text.append((char) ('a' + random.nextInt(3)));
      }
      text.append(random.nextInt(5) == 0 ? "\u00e9, " : " ");
    }
    return text.toString();
  }

  @Test
  void merges_are_those_of_the_naive_algorithm() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      String text = randomWords(random, 1 + random.nextInt(150));
      ByteLevelTokenizer tokenizer = TinyTokenizers.trained(text, 256 + 60, Splitter.GPT2);
      assertEquals(naiveMerges(text, 60), merges(tokenizer), () -> "seed " + seed);
    }
  }

  @Test
  void training_gives_the_same_whatever_thread_counts_what() {
    String text = randomWords(new Random(3), 4_000);
    List<String> lines = List.of(text.split(", "));
    List<List<Integer>> first = null;
    for (int round = 0; round < 3; round++) {
      BytePairTrainer trainer = new BytePairTrainer(400, Splitter.CL100K, List.of("<|endoftext|>"));
      lines.parallelStream()
          .map(line -> line.getBytes(UTF_8))
          .forEach(line -> trainer.add(line, 0, line.length));
      ByteLevelTokenizer tokenizer = trainer.train(_ -> {});
      assertEquals(400, tokenizer.vocabularySize());
      assertEquals(399, tokenizer.endOfText());
      first = first == null ? merges(tokenizer) : first;
      assertEquals(first, merges(tokenizer));
    }
  }

  @Test
  void a_trained_tokenizer_round_trips_what_it_never_saw() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ByteLevelTokenizer tokenizer =
        TinyTokenizers.trained(RandomText.next(random, 3_000), 700, Splitter.O200K, "<|end|>");
    for (int i = 0; i < 2_000; i++) {
      byte[] text = RandomText.bytes(random, 100);
      int[] ids = tokenizer.encode(text);
      assertArrayEquals(text, tokenizer.decode(ids, 0, ids.length), () -> "seed " + seed);
    }
  }

  @Test
  void a_text_of_few_pairs_gives_a_smaller_vocabulary_without_gaps() {
    ByteLevelTokenizer tokenizer =
        TinyTokenizers.trained("abab", 1000, Splitter.GPT2, "<|endoftext|>");
    assertEquals(256 + 2 + 1, tokenizer.vocabularySize());
    assertEquals(258, tokenizer.endOfText());
    assertEquals(256, TinyTokenizers.trained("", 300, Splitter.GPT2).vocabularySize());
  }

  @Test
  void a_vocabulary_without_room_for_all_bytes_is_refused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new BytePairTrainer(256, Splitter.GPT2, List.of("<|endoftext|>")))
            .getMessage();
    assertTrue(message.contains("no room for 256 bytes and 1 special"), message);
  }
}
