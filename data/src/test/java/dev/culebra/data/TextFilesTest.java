package dev.culebra.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextFilesTest {
  @TempDir Path directory;

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private List<String> names(String... sources) throws IOException {
    return TextFiles.of(List.of(sources)).files().stream()
        .map(f -> directory.relativize(f).toString())
        .toList();
  }

  private static int[] tokens(TokenShard shard) {
    return IntStream.range(0, (int) shard.size()).map(shard::get).toArray();
  }

  @Test
  void files_directories_and_globs_give_files_in_order_and_once() throws IOException {
    for (String name : List.of("b.txt", "a.txt", "sub/c.txt", "sub/d.md", ".hidden/x.txt")) {
      file(name, name);
    }
    assertEquals(List.of("a.txt", "b.txt", "sub/c.txt", "sub/d.md"), names(directory.toString()));
    assertEquals(List.of("b.txt", "a.txt"), names(directory + "/b.txt", directory + "/*.txt"));
    assertEquals(List.of("a.txt", "b.txt"), names(directory + "/?.{txt,md}"));
    assertEquals(List.of("sub/c.txt"), names(directory + "/**/c.txt"));
  }

  @Test
  void links_are_followed_unless_they_lead_in_a_circle() throws IOException {
    file("texts/a.txt", "a");
    Files.createSymbolicLink(directory.resolve("link"), Path.of("texts"));
    assertEquals(List.of("link/a.txt"), names(directory + "/link"));
    assertEquals(List.of("link/a.txt"), names(directory + "/link/*.txt"));
    Path circle = Files.createSymbolicLink(directory.resolve("texts/circle"), Path.of("."));
    String message =
        assertThrows(CorpusException.class, () -> names(directory + "/texts")).getMessage();
    assertEquals(circle + " is a link to a directory that it lies in", message);
  }

  @Test
  void what_gives_no_text_is_refused_by_name() throws IOException {
    Path empty = file("empty", "");
    Files.createDirectory(directory.resolve("nothing"));
    for (String source :
        List.of(
            directory + "/absent",
            directory + "/*.absent",
            directory + "/nothing",
            directory + "/absent/*",
            directory + "/[absent",
            empty.toString())) {
      String message =
          assertThrows(CorpusException.class, () -> TextFiles.of(List.of(source))).getMessage();
      assertTrue(message.contains(source), message);
    }
    for (List<String> none : List.of(List.<String>of(), List.of(""), List.of(" "))) {
      assertThrows(CorpusException.class, () -> TextFiles.of(none));
    }
  }

  @Test
  void binary_and_invalid_text_is_refused_with_file_and_offset() throws IOException {
    byte[] text = "line \u00e9\n".repeat(40_000).getBytes(UTF_8);
    Path file = directory.resolve("file");
    for (int bad : new int[] {0, 0xff}) {
      for (int at : new int[] {0, 77, 300_000, text.length - 1}) {
        byte[] damaged = text.clone();
        damaged[at] = (byte) bad;
        if (damaged[at - at % 8 + 6] != text[at - at % 8 + 6]) {
          continue;
        }
        Files.write(file, damaged);
        TextFiles corpus = new TextFiles(List.of(file), 1 << 16);
        String message =
            assertThrows(CorpusException.class, () -> corpus.read(_ -> {})).getMessage();
        assertTrue(message.startsWith(file.toString()), message);
        assertTrue(message.endsWith("offset " + at), message + ", not " + at);
      }
    }
    Files.write(file, java.util.Arrays.copyOf(text, 6));
    String message =
        assertThrows(CorpusException.class, () -> TextFiles.of(List.of(file + "")).read(_ -> {}))
            .getMessage();
    assertTrue(message.endsWith("byte 0xc3 at offset 5"), message);
  }

  @Test
  void chunks_are_the_file_and_change_no_token() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String name : List.of("gpt2", "cl100k_base", "o200k_base")) {
      ByteLevelTokenizer tokenizer = Tokenizers.published(name);
      for (int round = 0; round < 20; round++) {
        String text = Texts.random(random, 1 + random.nextInt(2_000));
        Path file = file("text", text.isEmpty() ? "x" : text);
        TextFiles corpus = new TextFiles(List.of(file), 64 + random.nextInt(500));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        corpus.read(chunk -> whole.writeBytes(chunk.text()));
        assertEquals(Files.readString(file), whole.toString(UTF_8), () -> "seed " + seed);
        Path tokens = directory.resolve("tokens");
        Tokenization.write(corpus, tokenizer, tokens, _ -> {});
        int[] expected = tokenizer.encode(Files.readString(file) + Texts.SEPARATOR);
        try (TokenShard shard = TokenShard.open(tokens)) {
          assertArrayEquals(expected, tokens(shard), () -> "seed " + seed);
          assertEquals(corpus.bytes(), shard.header().textBytes());
          assertEquals(1, shard.header().documents());
        }
      }
    }
  }

  @Test
  void a_space_put_in_front_of_text_is_put_once_a_document_not_once_a_chunk() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Tokenizer tokenizer = Texts.sentencePieces(directory);
    for (int round = 0; round < 50; round++) {
      List<Path> files =
          List.of(
              file("first", "c" + Texts.random(random, 300)),
              file("second", " s" + Texts.random(random, 200) + "<s>" + Texts.random(random, 300)));
      TextFiles corpus = new TextFiles(files, 64 + random.nextInt(500));
      int[] expected = {};
      for (Path file : files) {
        int[] whole = tokenizer.encode(Files.readString(file) + "<s>");
        expected = IntStream.concat(Arrays.stream(expected), Arrays.stream(whole)).toArray();
      }
      Path tokens = directory.resolve("tokens");
      Tokenization.write(corpus, tokenizer, tokens, _ -> {});
      try (TokenShard shard = TokenShard.open(tokens)) {
        assertArrayEquals(expected, tokens(shard), () -> "seed " + seed);
        assertEquals(3, shard.header().documents(), () -> "seed " + seed);
      }
    }
  }

  @Test
  void text_without_line_breaks_is_cut_at_characters() throws IOException {
    Path file = file("text", "\u6f22".repeat(7_000_000));
    long[] bytes = {0};
    int[] chunks = {0};
    TextFiles.of(List.of(file.toString()))
        .read(
            chunk -> {
              bytes[0] += chunk.text().length;
              chunks[0]++;
              assertEquals(0, chunk.text().length % 3);
            });
    assertEquals(21_000_000, bytes[0]);
    assertEquals(2, chunks[0]);
  }

  @Test
  void tokens_are_cached_until_text_or_tokenizer_change() throws IOException {
    Path file = file("text", "the cat sat. ".repeat(100));
    Path cache = directory.resolve("cache");
    ByteLevelTokenizer tokenizer = Texts.tokenizer(400, Texts.SEPARATOR);
    AtomicLong done = new AtomicLong();
    Corpus corpus = TextFiles.of(List.of(file.toString()));
    Tokenization.cached(corpus, tokenizer, cache, done::set).close();
    assertEquals(corpus.bytes(), done.getAndSet(-1));
    Tokenization.cached(corpus, tokenizer, cache, done::set).close();
    assertEquals(-1, done.get());
    Tokenization.cached(corpus, Texts.tokenizer(401), cache, done::set).close();
    assertEquals(corpus.bytes(), done.getAndSet(-1));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    try (TokenShard shard = Tokenization.cached(corpus, tokenizer, cache, done::set)) {
      assertEquals(corpus.bytes(), done.getAndSet(-1));
      Files.write(shard.file(), new byte[10]);
    }
    Tokenization.cached(corpus, tokenizer, cache, done::set).close();
    assertEquals(corpus.bytes(), done.get());
  }

  @Test
  void documents_in_memory_are_separated_and_counted() throws IOException {
    ByteLevelTokenizer tokenizer = Texts.tokenizer(400, Texts.SEPARATOR);
    Corpus corpus = new TextDocuments(List.of("the cat", "sat", "", "\u00e9t\u00e9"));
    try (TokenShard shard = Tokenization.cached(corpus, tokenizer, directory, _ -> {})) {
      String expected = "the cat<|endoftext|>sat<|endoftext|>\u00e9t\u00e9<|endoftext|>";
      assertArrayEquals(tokenizer.encode(expected), tokens(shard));
      assertEquals(3, shard.header().documents());
      assertEquals(corpus.bytes(), shard.header().textBytes());
    }
  }
}
