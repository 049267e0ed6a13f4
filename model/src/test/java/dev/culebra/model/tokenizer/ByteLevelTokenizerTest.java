package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteLevelTokenizerTest {
  private static int[] decoded(ByteLevelTokenizer tokenizer, byte[] text) {
    int[] ids = tokenizer.encodeOrdinary(text);
    assertArrayEquals(text, tokenizer.decode(ids, 0, ids.length));
    return ids;
  }

  @ParameterizedTest
  @CsvSource({"gpt2, R50K_BASE", "cl100k_base, CL100K_BASE", "o200k_base, O200K_BASE"})
  void published_encodings_give_the_ids_of_another_implementation(String name, EncodingType type)
      throws IOException {
    ByteLevelTokenizer tokenizer = Tokenizers.published(name);
    Encoding reference = Encodings.newLazyEncodingRegistry().getEncoding(type);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      String text = RandomText.next(random, 30).replace("\u017f", "s").replace("\u001c", "");
      assertArrayEquals(
          reference.encodeOrdinary(text).toArray(),
          tokenizer.encodeOrdinary(text),
          () -> "seed " + seed + ": " + text);
    }
    String stretch = "ab".repeat(3_000) + " " + "=".repeat(5_000) + " ".repeat(3_000);
    assertArrayEquals(
        reference.encodeOrdinary(stretch).toArray(), tokenizer.encodeOrdinary(stretch));
  }

  @Test
  void any_bytes_round_trip() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String name : Tokenizers.publishedNames()) {
      ByteLevelTokenizer tokenizer = Tokenizers.published(name);
      for (int i = 0; i < 1_000; i++) {
        decoded(tokenizer, RandomText.bytes(random, 300));
        decoded(tokenizer, RandomText.next(random, 50).getBytes(UTF_8));
      }
    }
  }

  @Test
  void special_tokens_are_recognised_in_encode_and_literal_in_encodeOrdinary() throws IOException {
    ByteLevelTokenizer tokenizer = Tokenizers.published("gpt2");
    String text = "a<|endoftext|>b<|endoftext|";
    int[] ids = tokenizer.encode(text);
    assertEquals(1, IntStream.of(ids).filter(id -> id == 50256).count());
    assertEquals(text, new String(tokenizer.decode(ids, 0, ids.length), UTF_8));
    int[] literal = tokenizer.encodeOrdinary(text);
    assertTrue(IntStream.of(literal).noneMatch(id -> id == 50256));
    assertEquals(text, new String(tokenizer.decode(literal, 0, literal.length), UTF_8));
    assertEquals(50256, tokenizer.endOfText());
    assertEquals(50257, tokenizer.vocabularySize());
  }

  @Test
  void the_longest_special_token_wins() {
    ByteLevelTokenizer tokenizer =
        TinyTokenizers.bytes(Map.of("<a>", 256, "<a><b>", 257, "<b>", 258));
    int x = tokenizer.encodeOrdinary("x")[0];
    assertArrayEquals(new int[] {257, 256, x, 258, 258}, tokenizer.encode("<a><b><a>x<b><b>"));
  }

  @Test
  void one_tokenizer_serves_several_threads() throws IOException {
    ByteLevelTokenizer tokenizer = Tokenizers.published("gpt2");
    Random random = new Random(7);
    String[] texts = new String[200];
    int[][] expected = new int[texts.length][];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = RandomText.next(random, 100);
      expected[i] = tokenizer.encode(texts[i]);
    }
    IntStream.range(0, 4_000)
        .parallel()
        .forEach(i -> assertArrayEquals(expected[i % 200], tokenizer.encode(texts[i % 200])));
  }

  @Test
  void an_id_that_is_no_token_is_refused_by_number() throws IOException {
    ByteLevelTokenizer tokenizer = Tokenizers.published("cl100k_base");
    for (int id : new int[] {-1, 100256, 100277}) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(new int[] {id}, 0, 1))
              .getMessage();
      assertTrue(message.contains("id " + id + " is no token"), message);
    }
  }
}
