package dev.culebra.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenShardTest {
  private static final Path SENTENCE_PIECES = Path.of("../../shared/models/stories260K/tok512.bin");

  @TempDir Path directory;

  @Test
  void tokens_come_back_in_two_bytes_or_four_as_the_vocabulary_needs() throws IOException {
    ByteLevelTokenizer small = Texts.tokenizer(300, Texts.SEPARATOR);
    ByteLevelTokenizer large = Tokenizers.published("cl100k_base");
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (ByteLevelTokenizer tokenizer : new ByteLevelTokenizer[] {small, large}) {
      int[] ids = random.ints(700_001, 0, tokenizer.vocabularySize()).toArray();
      ids[5] = tokenizer.vocabularySize() - 1;
      try (TokenShard shard = Texts.shard(directory, tokenizer, ids)) {
        assertEquals(tokenizer == small ? 2 : 4, shard.header().tokenBytes());
        assertEquals(ids.length, shard.size());
        assertEquals(ids.length, shard.header().textBytes());
        assertEquals(tokenizer.endOfText(), shard.header().endOfDocument());
        for (int i = 0; i < ids.length; i++) {
          assertEquals(ids[i], shard.get(i), "seed " + seed);
        }
        shard.requireTokenizer(tokenizer);
        assertThrows(
            ShardFormatException.class,
            () -> shard.requireTokenizer(tokenizer == small ? large : small));
      }
    }
  }

  @Test
  void the_digest_is_that_of_the_tokens_and_of_nothing_else() throws IOException {
    ByteLevelTokenizer tokenizer = Texts.tokenizer(300);
    int[] ids = new Random(3).ints(600_001, 0, 256).toArray(); // more than the writer's buffer
    String digest;
    try (TokenShard shard = Texts.shard(directory, tokenizer, ids)) {
      digest = shard.header().digest();
    }
    assertTrue(digest.matches("[0-9a-f]{32}"), digest);
    try (TokenShard again = Texts.shard(directory.resolve("elsewhere"), tokenizer, ids)) {
      assertEquals(digest, again.header().digest());
      assertEquals("tokens 0 to 600001 of " + digest, again.all().identity());
    }
    for (int at : new int[] {0, 524_288, 600_000}) {
      int[] other = ids.clone();
      other[at] ^= 1;
      try (TokenShard shard = Texts.shard(directory, tokenizer, other)) {
        assertNotEquals(digest, shard.header().digest());
      }
    }
  }

  @Test
  void damaged_and_foreign_files_are_refused_by_name() throws IOException {
    int[] ids = new int[100];
    Path good = null;
    try (TokenShard shard = Texts.shard(directory, Texts.tokenizer(300), ids)) {
      good = shard.file();
    }
    byte[] bytes = Files.readAllBytes(good);
    assertRefused("no token shard", new byte[0]);
    assertRefused("no token shard", "some text that is longer than magic".getBytes());
    assertRefused("cut off inside its header", Arrays.copyOf(bytes, 100));
    assertRefused("says 100 tokens of 2 bytes, but 198", Arrays.copyOf(bytes, bytes.length - 2));
    assertRefused("says 100 tokens of 2 bytes, but 201", Arrays.copyOf(bytes, bytes.length + 1));
    assertRefused("version 9", patched(bytes, 8, 9));
    assertRefused("bytes of a token is 3", patched(bytes, 12, 3));
    assertRefused("tokens of 2 bytes", patched(bytes, 20, 1 << 30));
    assertRefused("tokens of 2 bytes", patched(bytes, 20, -1));
    assertRefused("text bytes is -", patched(bytes, 36, -1));
    assertRefused("vocabulary size is 0", patched(bytes, 48, 0));
    assertRefused("end of document is 300", patched(bytes, 52, 300));
  }

  private static byte[] patched(byte[] bytes, int at, int value) {
    byte[] copy = bytes.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    return copy;
  }

  private void assertRefused(String reason, byte[] bytes) throws IOException {
    Path file = directory.resolve("bad");
    Files.write(file, bytes);
    String message =
        assertThrows(ShardFormatException.class, () -> TokenShard.open(file)).getMessage();
    assertTrue(message.startsWith(file.toString()) && message.contains(reason), message);
  }

  @Test
  void a_token_beyond_the_vocabulary_is_refused_with_its_place() throws IOException {
    Path file;
    try (TokenShard shard = Texts.shard(directory, Texts.tokenizer(300), new int[10])) {
      file = shard.file();
    }
    Files.write(file, patched(Files.readAllBytes(file), 128 + 2 * 4, 0xffff));
    try (TokenShard shard = TokenShard.open(file)) {
      assertEquals(0, shard.get(3));
      String message = assertThrows(ShardFormatException.class, () -> shard.get(4)).getMessage();
      assertTrue(message.contains("token 4 is 65535"), message);
    }
  }

  @Test
  void an_unfinished_shard_leaves_the_old_one_and_no_other_file() throws IOException {
    ByteLevelTokenizer tokenizer = Texts.tokenizer(300);
    Path file;
    try (TokenShard shard = Texts.shard(directory, tokenizer, new int[10])) {
      file = shard.file();
    }
    try (TokenShardWriter writer = new TokenShardWriter(file, tokenizer)) {
      writer.append(new int[5], 5);
      assertThrows(IllegalArgumentException.class, () -> writer.append(new int[] {300}, 1));
    }
    try (TokenShard shard = TokenShard.open(file);
        var files = Files.list(directory)) {
      assertEquals(10, shard.size());
      assertEquals(1, files.count());
    }
  }

  @Test
  void a_split_cuts_at_a_document_and_counts_the_bytes_of_both_parts() throws IOException {
    ByteLevelTokenizer tokenizer = Texts.tokenizer(400, Texts.SEPARATOR);
    StringBuilder text = new StringBuilder();
    Random random = new Random(4);
    for (int i = 0; i < 50; i++) {
      text.append(Texts.random(random, 30)).append(Texts.SEPARATOR);
    }
    Path source = Files.writeString(directory.resolve("text"), text);
    Corpus corpus = TextFiles.of(List.of(source.toString()));
    try (TokenShard shard = Tokenization.cached(corpus, tokenizer, directory, _ -> {})) {
      TokenRange[] parts = shard.split(0.2, tokenizer);
      assertEquals(0, parts[0].from());
      assertEquals(parts[0].to(), parts[1].from());
      assertEquals(shard.size(), parts[1].to());
      assertEquals(tokenizer.endOfText(), shard.get(parts[1].from() - 1));
      assertTrue(Math.abs(parts[1].size() - 0.2 * shard.size()) < 0.05 * shard.size());
      assertEquals(shard.header().textBytes(), parts[0].textBytes() + parts[1].textBytes());
      int documents = text.toString().split("<\\|endoftext\\|>").length;
      assertEquals(documents, shard.header().documents());
      assertEquals(
          corpus.bytes() - documents * Texts.SEPARATOR.length(), shard.header().textBytes());
      assertThrows(IllegalArgumentException.class, () -> shard.split(1, tokenizer));
    }
  }

  /** SentencePiece puts a space in front of each document that is none of the text's bytes. */
  @Test
  void a_split_counts_the_bytes_of_a_text_with_spaces_put_in_front() throws IOException {
    assumeTrue(Files.exists(SENTENCE_PIECES), "no " + SENTENCE_PIECES);
    Tokenizer tokenizer = Tokenizers.read(SENTENCE_PIECES);
    String separator = "<s>";
    assertEquals(tokenizer.specialTokens().get(separator), tokenizer.endOfText());
    int length = 21;
    int documents = 9000; // more tokens than are decoded at a time
    Random random = new Random(5);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < documents; i++) {
      for (int j = 0; j < length; j++) {
        text.append(j % 5 == 3 ? ' ' : (char) random.nextInt('a', 'z' + 1));
      }
      text.append(separator);
    }
    Path source = Files.writeString(directory.resolve("text"), text);
    Corpus corpus = TextFiles.of(List.of(source.toString()));
    try (TokenShard shard = Tokenization.cached(corpus, tokenizer, directory, _ -> {})) {
      assertEquals((long) documents * length, shard.header().textBytes());
      TokenRange tail = shard.split(0.9, tokenizer)[1];
      int left = 0;
      for (long i = tail.from(); i < tail.to(); i++) {
        left += shard.get(i) == tokenizer.endOfText() ? 1 : 0;
      }
      assertTrue(tail.size() > 1 << 17 && left < documents, left + " documents");
      assertEquals((long) left * length, tail.textBytes());
    }
  }
}
