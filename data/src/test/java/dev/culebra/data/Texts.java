package dev.culebra.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

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
