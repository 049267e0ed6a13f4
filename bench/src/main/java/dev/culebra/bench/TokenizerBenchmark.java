package dev.culebra.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.culebra.data.WordNet;
import dev.culebra.model.tokenizer.ByteLevelTokenizer;
import dev.culebra.model.tokenizer.BytePairTrainer;
import dev.culebra.model.tokenizer.Splitter;
import dev.culebra.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Encoding on one thread beside jtokkit, in turn, in one process: medians in MB of UTF-8 a second,
 * warm. Then the time that training a vocabulary of 8,192 takes.
 *
 * <p>Argument: a text file; without one, WordNet's glosses.
 */
public final class TokenizerBenchmark {
  private static final int ROUNDS = 7;
  private static final int WARM_UP_ROUNDS = 3;
  private static final int BLOCK_CHARACTERS = 1 << 16;
  private static final int MAX_CHARACTERS = 8 << 20;

  private TokenizerBenchmark() {}

  private interface Encoder {
    int tokens(String text);
  }

  public static void main(String[] arguments) throws IOException {
    String text =
        arguments.length > 0
            ? Files.readString(Path.of(arguments[0]))
            : String.join("", WordNet.shuffled(1));
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    compare("gpt2", EncodingType.R50K_BASE, text);
    compare("cl100k_base", EncodingType.CL100K_BASE, text);
    compare("o200k_base", EncodingType.O200K_BASE, text);
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      BytePairTrainer trainer = new BytePairTrainer(8192, Splitter.CL100K, List.of());
      trainer.add(bytes, 0, bytes.length);
      trainer.train(_ -> {});
      print("training on %.1f MB to 8192: %.2f s%n", bytes.length / 1e6, seconds(start));
    }
  }

  private static void compare(String name, EncodingType type, String text) throws IOException {
    String[] blocks = blocks(text.substring(0, Math.min(text.length(), MAX_CHARACTERS)));
    long bytes = 0;
    for (String block : blocks) {
      bytes += block.getBytes(StandardCharsets.UTF_8).length;
    }
    ByteLevelTokenizer ours = Tokenizers.published(name);
    Encoding theirs = Encodings.newLazyEncodingRegistry().getEncoding(type);
    double[][] rates = new double[2][ROUNDS];
    long[] tokens = new long[2];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      Encoder[] encoders = {
        block -> ours.encodeOrdinary(block).length, block -> theirs.encodeOrdinary(block).size()
      };
      for (int side = 0; side < 2; side++) {
        long start = System.nanoTime();
        tokens[side] = 0;
        for (String block : blocks) {
          tokens[side] += encoders[side].tokens(block);
        }
        rates[side][Math.max(round, 0)] = bytes / seconds(start) / 1e6;
      }
    }
    double our = median(rates[0]);
    double their = median(rates[1]);
    print(
        "%-12s ours %6.1f MB/s, jtokkit %6.1f MB/s, ratio %.2f (%d and %d tokens)%n",
        name, our, their, our / their, tokens[0], tokens[1]);
  }

  private static String[] blocks(String text) {
    String[] blocks = new String[(text.length() + BLOCK_CHARACTERS - 1) / BLOCK_CHARACTERS];
    Arrays.setAll(
        blocks,
        i ->
            text.substring(
                i * BLOCK_CHARACTERS, Math.min(text.length(), (i + 1) * BLOCK_CHARACTERS)));
    return blocks;
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
