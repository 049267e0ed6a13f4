package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitterTest {
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String CL100K =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String QWEN2 = CL100K.replace("{1,3}", "");
  private static final String O200K =
      "[^\\r"
          + "\\n"
          + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r"
          + "\\n"
          + "\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r"
          + "\\n"
          + "/]*|\\s*[\\r"
          + "\\n"
          + "]+|\\s+(?!\\S)|\\s+";

  private static List<String> pieces(Splitter splitter, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    List<String> pieces = new ArrayList<>();
    splitter.split(
        bytes, 0, bytes.length, (b, from, to) -> pieces.add(new String(b, from, to - from, UTF_8)));
    return pieces;
  }

  @ParameterizedTest
  @ValueSource(strings = {GPT2, CL100K, O200K})
  void published_patterns_have_hand_written_splitters(String pattern) {
    assertNotEquals(RegexSplitter.class, Splitter.of(pattern).getClass());
    assertInstanceOf(RegexSplitter.class, Splitter.of(pattern + "|x"));
  }

  @Test
  void hand_written_splitters_cut_as_their_regular_expressions_do() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String pattern : List.of(GPT2, CL100K, QWEN2, O200K)) {
      Splitter byHand = Splitter.of(pattern);
      Splitter byRegex = new RegexSplitter(pattern);
      assertEquals(pattern, byHand.pattern());
      for (int i = 0; i < 20_000; i++) {
        String text = RandomText.next(random, 12);
        assertEquals(
            pieces(byRegex, text), pieces(byHand, text), () -> "seed " + seed + ", " + pattern);
      }
    }
  }

  @Test
  void every_code_point_has_the_class_that_regular_expressions_give_it() {
    StringBuilder text = new StringBuilder();
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.append("a1 ").appendCodePoint(codePoint).append("A.\n");
      }
    }
    for (String pattern : List.of(GPT2, CL100K, O200K)) {
      assertEquals(
          pieces(new RegexSplitter(pattern), text.toString()),
          pieces(Splitter.of(pattern), text.toString()));
    }
  }

  @Test
  void pieces_of_any_bytes_laid_end_to_end_are_the_bytes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (Splitter splitter :
        List.of(Splitter.GPT2, Splitter.CL100K, Splitter.O200K, new RegexSplitter("\\w+|x"))) {
      for (int i = 0; i < 2_000; i++) {
        byte[] text = RandomText.bytes(random, 40);
        int[] end = {0};
        splitter.split(
            text,
            0,
            text.length,
            (_, from, to) -> {
              assertEquals(end[0], from, () -> "seed " + seed);
              assertNotEquals(from, to, () -> "seed " + seed);
              end[0] = to;
            });
        assertEquals(text.length, end[0], () -> "seed " + seed);
      }
    }
  }

  @Test
  void invalid_bytes_are_symbols_for_hand_written_and_regex_splitters_alike() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String pattern : List.of(GPT2, CL100K, O200K)) {
      for (int i = 0; i < 3_000; i++) {
        byte[] valid = RandomText.next(random, 4).getBytes(UTF_8);
        byte[] text = java.util.Arrays.copyOf(valid, valid.length + 6);
        for (int k = 0; k < 6; k++) {
          text[random.nextInt(text.length)] = (byte) random.nextInt(256);
        }
        List<Integer> byHand = new ArrayList<>();
        List<Integer> byRegex = new ArrayList<>();
        Splitter.of(pattern).split(text, 0, text.length, (_, _, to) -> byHand.add(to));
        new RegexSplitter(pattern).split(text, 0, text.length, (_, _, to) -> byRegex.add(to));
        assertEquals(byRegex, byHand, () -> "seed " + seed + ", " + pattern);
      }
    }
  }
}
