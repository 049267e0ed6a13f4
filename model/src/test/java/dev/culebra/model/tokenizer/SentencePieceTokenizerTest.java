package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceTokenizerTest {
  private static final Path STORIES = Path.of("../../shared/models/stories260K");

  /** Scored pieces, two of equal score; what the tests' reference merges with, too. */
  private static final List<String> PIECES =
      List.of(" ", "a", "b", "c", "\u00e9", "ab", "bc", " a", " ab", "abc", "aa", "  ", "c a");

  private static final float[] SCORES = {
    -100, -101, -102, -103, -104, -2, -2, -5, -1, -3, -4, -6, -7
  };

  @TempDir Path directory;

  private Path write(List<String> pieces) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(16);
    List<String> tokens = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
    IntStream.range(0, 256).forEach(b -> tokens.add(String.format("<0x%02X>", b)));
    tokens.addAll(pieces);
    for (int id = 0; id < tokens.size(); id++) {
      byte[] token = tokens.get(id).getBytes(UTF_8);
      bytes.putFloat(id < 259 ? 0 : SCORES[id - 259]).putInt(token.length).put(token);
    }
    Path file = directory.resolve("tokenizer.bin");
    Files.write(file, Arrays.copyOf(bytes.array(), bytes.position()));
    return file;
  }

  /** The definition: again and again the pair whose text has the highest score, leftmost first. */
  private static int[] reference(String text) {
    List<String> symbols = new ArrayList<>();
    (text.isEmpty() ? "" : " " + text)
        .codePoints()
        .forEach(c -> symbols.add(Character.toString(c)));
    while (true) {
      int best = -1;
      float bestScore = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        int piece = PIECES.indexOf(symbols.get(i) + symbols.get(i + 1));
        if (piece >= 0 && SCORES[piece] > bestScore) {
          best = i;
          bestScore = SCORES[piece];
        }
      }
      if (best < 0) {
        break;
      }
      symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
    }
    return symbols.stream()
        .flatMapToInt(
            s ->
                PIECES.contains(s)
                    ? IntStream.of(259 + PIECES.indexOf(s))
                    : IntStream.range(0, s.getBytes(UTF_8).length)
                        .map(i -> 3 + (s.getBytes(UTF_8)[i] & 0xff)))
        .toArray();
  }

  private static String randomText(Random random) {
    String[] parts = {"a", "b", "c", " ", "\u00e9", "x", "\u6f22", "\n", "ab", "<s>"};
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(random.nextInt(5) == 0 ? 400 : 20);
    for (int i = 0; i < count; i++) {
      text.append(parts[random.nextInt(parts.length - (random.nextInt(4) == 0 ? 0 : 1))]);
    }
    return text.toString();
  }

  @Test
  void pairs_merge_by_score_and_other_characters_are_bytes() throws IOException {
    Tokenizer tokenizer = Tokenizers.read(write(PIECES));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 3_000; i++) {
      String text = randomText(random);
      int[] ids = tokenizer.encodeOrdinary(text);
      assertArrayEquals(reference(text), ids, () -> "seed " + seed);
      assertEquals(text, new String(tokenizer.decode(ids, 0, ids.length), UTF_8));
      int[] recognised = tokenizer.encode(text);
      assertEquals(text, new String(tokenizer.decode(recognised, 0, recognised.length), UTF_8));
    }
  }

  @Test
  void text_encoded_in_two_goes_gives_the_ids_of_the_whole() throws IOException {
    List<String> words = PIECES.subList(0, PIECES.size() - 1); // without the one that crosses a cut
    Tokenizer tokenizer = Tokenizers.read(write(words));
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 1_000; i++) {
      String first = randomText(random) + "c";
      String second = (random.nextBoolean() ? " " : "\n") + randomText(random);
      int[] ids =
          IntStream.concat(
                  Arrays.stream(tokenizer.encode(first)),
                  Arrays.stream(tokenizer.encodeContinuation(second)))
              .toArray();
      assertArrayEquals(tokenizer.encode(first + second), ids, () -> "seed " + seed);
    }
  }

  @Test
  void a_prompt_begins_with_the_beginning_token_and_its_text_without_a_space() throws IOException {
    Tokenizer tokenizer = Tokenizers.read(write(PIECES));
    int[] prompt = tokenizer.encodePrompt("ab c");
    assertEquals(1, prompt[0]);
    assertArrayEquals(new int[] {1}, tokenizer.encodePrompt(""));
    assertEquals("ab c", new String(tokenizer.decode(prompt, 1, prompt.length), UTF_8));
    StringBuilder streamed = new StringBuilder();
    for (int i = 1; i < prompt.length; i++) {
      streamed.append(new String(tokenizer.decode(prompt, i, i + 1), UTF_8));
    }
    assertEquals("ab c", streamed.toString());
  }

  @Test
  void it_is_written_as_tokenizer_json_and_read_back() throws IOException {
    Path stories = STORIES.resolve("tok512.bin");
    assumeTrue(Files.exists(stories), "no " + stories);
    Tokenizer tokenizer = Tokenizers.read(stories);
    Tokenizers.write(tokenizer, directory);
    Tokenizer read = Tokenizers.read(directory);
    assertEquals(tokenizer.fingerprint(), read.fingerprint());
    assertEquals(tokenizer.endOfText(), read.endOfText());
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      String text = RandomText.next(random, 20);
      assertArrayEquals(tokenizer.encodePrompt(text), read.encodePrompt(text));
      int[] ids = read.encode(text);
      assertEquals(text, new String(read.decode(ids, 0, ids.length), UTF_8));
    }
  }

  @Test
  void metaspace_puts_no_space_where_there_is_one() throws IOException {
    Path stories = STORIES.resolve("tok512.bin");
    assumeTrue(Files.exists(stories), "no " + stories);
    Tokenizers.write(Tokenizers.read(stories), directory);
    Path file = directory.resolve("tokenizer.json");
    ObjectMapper json = new ObjectMapper();
    for (String scheme : List.of("always", "first")) {
      ObjectNode root = (ObjectNode) json.readTree(file.toFile());
      root.putNull("normalizer");
      root.putObject("pre_tokenizer")
          .put("type", "Metaspace")
          .put("prepend_scheme", scheme)
          .put("split", false);
      json.writeValue(file.toFile(), root);
      Tokenizer tokenizer = Tokenizers.read(directory);
      assertArrayEquals(tokenizer.encode(" the"), tokenizer.encode("the"));
      int[] word = tokenizer.encode("the");
      int[] behindSpecial = tokenizer.encode("</s>the");
      boolean same =
          Arrays.equals(word, Arrays.copyOfRange(behindSpecial, 1, behindSpecial.length));
      assertEquals(scheme.equals("always"), same);
      Tokenizers.write(tokenizer, directory);
      assertEquals(tokenizer.fingerprint(), Tokenizers.read(directory).fingerprint());
    }
  }

  @Test
  void a_real_vocabulary_encodes_and_decodes_a_known_text() throws IOException {
    assumeTrue(Files.exists(STORIES), "no " + STORIES);
    Tokenizer tokenizer = Tokenizers.read(STORIES.resolve("tok512.bin"));
    JsonNode known =
        new ObjectMapper().readTree(STORIES.resolve("greedy-empty-prompt.json").toFile());
    int[] ids = new int[known.path("ids").size()];
    Arrays.setAll(ids, i -> known.path("ids").get(i).asInt());
    assertEquals(512, tokenizer.vocabularySize());
    assertArrayEquals(new int[] {1}, tokenizer.encodePrompt(""));
    String text = new String(tokenizer.decode(ids, 1, ids.length), UTF_8);
    assertEquals(known.path("text").asText(), text);
    assertArrayEquals(ids, tokenizer.encodePrompt(text));
  }

  @Test
  void damaged_files_are_refused_with_the_place() throws IOException {
    Path file = write(PIECES);
    byte[] bytes = Files.readAllBytes(file);
    assertRefused(file, Arrays.copyOf(bytes, bytes.length - 1), "cut off inside token 271");
    assertRefused(file, Arrays.copyOf(bytes, 17), "1 tokens are fewer than");
    byte[] longer = bytes.clone();
    longer[21] = 100;
    assertRefused(file, longer, "token 1 has a length of 100");
    byte[] other = bytes.clone();
    other[12 + 5 + 8 + 5 + 8 + 6 + 8 + 3] = '7';
    assertRefused(file, other, "token 3 is");
  }

  private static void assertRefused(Path file, byte[] bytes, String reason) throws IOException {
    Files.write(file, bytes);
    String message =
        assertThrows(TokenizerFormatException.class, () -> Tokenizers.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()) && message.contains(reason), message);
  }
}
