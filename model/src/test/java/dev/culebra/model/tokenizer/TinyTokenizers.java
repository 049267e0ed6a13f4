package dev.culebra.model.tokenizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;

/** Small tokenizers for tests. */
final class TinyTokenizers {
  private TinyTokenizers() {}

  /** The 256 bytes and special tokens. */
  static ByteLevelTokenizer bytes(Map<String, Integer> specials) {
    byte[][] tokens = new byte[256][];
    for (int id = 0; id < 256; id++) {
      tokens[id] = new byte[] {ByteLevel.ALPHABET[id]};
    }
    return new ByteLevelTokenizer(
        new ByteLevelTokenizer.Settings(Splitter.GPT2, false, false),
        tokens,
        new MergeTable(0),
        specials,
        PromptTemplate.NONE);
  }

  static ByteLevelTokenizer trained(String text, int size, Splitter splitter, String... specials) {
    BytePairTrainer trainer = new BytePairTrainer(size, splitter, List.of(specials));
    byte[] bytes = text.getBytes(UTF_8);
    trainer.add(bytes, 0, bytes.length);
    return trainer.train(_ -> {});
  }
}
