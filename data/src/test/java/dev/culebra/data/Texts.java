package dev.culebra.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.model.tokenizer.Tokenizer;
import dev.culebra.model.tokenizer.Tokenizers;
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

/** Random text and what is made of it. */
final class Texts {
  static final String SEPARATOR = "<|endoftext|>";

  private Texts() {}

  static String random(Random random, int words) {
    String[] some = {
      "the",
      "cat",
      "sat",
      "\u00e9t\u00e9",
      "\u6f22\u5b57",
      "\ud83d\ude00",
      "12345",
      "it's",
      "...",
      "A",
      "\u00a0",
      "\u2003"
    };
    String[] between = {" ", " ", " ", "\n", "\n\n", "  \n ", "\r\n", "\t", ""};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(some[random.nextInt(some.length)]);
      text.append(between[random.nextInt(between.length)]);
    }
    return text.toString();
  }

  static ByteLevelTokenizer tokenizer(int vocabularySize, String... specials) {
    BytePairTrainer trainer =
        new BytePairTrainer(vocabularySize, Splitter.CL100K, List.of(specials));
    Random random = new Random(1);
    StringBuilder words = new StringBuilder(random(random, 1_000));
    for (int i = 0; i < 20_000; i++) {
      words.append(random.nextInt(6) == 0 ? ' ' : (char) ('a' + random.nextInt(26)));
    }
    byte[] text = words.toString().getBytes(UTF_8);
    trainer.add(text, 0, text.length);
    return trainer.train(_ -> {});
  }

  /**
   * A tokenizer like Llama 2's, which puts a space in front of text, of words of the text above.
   */
  static Tokenizer sentencePieces(Path directory) throws IOException {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
    IntStream.range(0, 256).forEach(b -> tokens.add(String.format("<0x%02X>", b)));
    tokens.addAll(List.of(" ", "a", "c", "e", "h", "s", "t", "th", "at", "  ", " c", " t"));
    tokens.addAll(List.of(" cat", " th", " the", "the", "sat", " s", "\u00e9t", " sat"));
    ByteBuffer file = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN).putInt(16);
    for (int id = 0; id < tokens.size(); id++) {
      byte[] token = tokens.get(id).getBytes(UTF_8);
      file.putFloat(id).putInt(token.length).put(token);
    }
    Path path = directory.resolve("tokenizer.bin");
    Files.write(path, Arrays.copyOf(file.array(), file.position()));
    return Tokenizers.read(path);
  }

  /** A shard of these tokens, which must be bytes' ids or the separator's. */
  static TokenShard shard(Path directory, ByteLevelTokenizer tokenizer, int... ids)
      throws IOException {
    Path file = directory.resolve("tokens-" + ids.length);
    try (TokenShardWriter writer = new TokenShardWriter(file, tokenizer)) {
      writer.append(ids, ids.length);
      writer.finish();
    }
    return TokenShard.open(file);
  }
}
