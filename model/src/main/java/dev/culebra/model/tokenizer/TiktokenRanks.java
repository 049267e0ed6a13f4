package dev.culebra.model.tokenizer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads tiktoken's rank files: a line a token, its bytes in base64 and its rank, which is its id.
 * Two neighbours merge where their bytes together are a token, the lowest rank first.
 */
final class TiktokenRanks {
  /**
   * A published encoding.
   *
   * @param tokens how many ordinary tokens it has
   */
  record Encoding(
      String name, String resource, int tokens, Splitter splitter, Map<String, Integer> specials) {}

  static final List<Encoding> ENCODINGS =
      List.of(
          new Encoding("gpt2", "r50k_base", 50256, Splitter.GPT2, Map.of("<|endoftext|>", 50256)),
          new Encoding(
              "cl100k_base",
              "cl100k_base",
              100256,
              Splitter.CL100K,
              specials(
                  "<|endoftext|>", 100257,
                  "<|fim_prefix|>", 100258,
                  "<|fim_middle|>", 100259,
                  "<|fim_suffix|>", 100260,
                  "<|endofprompt|>", 100276)),
          new Encoding(
              "o200k_base",
              "o200k_base",
              199998,
              Splitter.O200K,
              specials("<|endoftext|>", 199999, "<|endofprompt|>", 200018)));

  private TiktokenRanks() {}

  private static Map<String, Integer> specials(Object... textsAndIds) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    for (int i = 0; i < textsAndIds.length; i += 2) {
      specials.put((String) textsAndIds[i], (Integer) textsAndIds[i + 1]);
    }
    return specials;
  }

  /** A published encoding, from the copy in the jtokkit library. */
  static ByteLevelTokenizer published(String name) throws IOException {
    for (Encoding encoding : ENCODINGS) {
      if (encoding.name.equals(name)) {
        String resource = "/com/knuddels/jtokkit/" + encoding.resource + ".tiktoken";
        try (InputStream in = TiktokenRanks.class.getResourceAsStream(resource)) {
          if (in == null) {
            throw new TokenizerFormatException(
                "the ranks of " + name + " are not on the class path (library jtokkit)");
          }
          return tokenizer(tokens(in, name), encoding);
        }
      }
    }
    throw new TokenizerFormatException(
        "no tokenizer is called \"" + name + "\"; there are " + names());
  }

  static List<String> names() {
    return ENCODINGS.stream().map(Encoding::name).toList();
  }

  /** A file of ranks; how it splits and its special tokens follow from the number of tokens. */
  static ByteLevelTokenizer read(Path file) throws IOException {
    byte[][] tokens;
    try (InputStream in = Files.newInputStream(file)) {
      tokens = tokens(in, file.toString());
    }
    for (Encoding encoding : ENCODINGS) {
      if (encoding.tokens == tokens.length) {
        return tokenizer(tokens, encoding);
      }
    }
    throw new TokenizerFormatException(
        file
            + " has "
            + tokens.length
            + " tokens; those of "
            + names()
            + " are known to split text");
  }

  private static ByteLevelTokenizer tokenizer(byte[][] tokens, Encoding encoding) {
    return new ByteLevelTokenizer(
        new ByteLevelTokenizer.Settings(encoding.splitter, false, true),
        tokens,
        merges(tokens),
        encoding.specials,
        PromptTemplate.NONE);
  }

  static byte[][] tokens(InputStream in, String name) throws IOException {
    List<byte[]> tokens = new ArrayList<>();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] parts = line.split(" ");
      try {
        if (parts.length != 2 || Integer.parseInt(parts[1]) != tokens.size()) {
          throw new TokenizerFormatException(
              name + ", line " + number + ": expected a token and the rank " + tokens.size());
        }
        tokens.add(Base64.getDecoder().decode(parts[0]));
      } catch (IllegalArgumentException e) {
        throw new TokenizerFormatException(
            name + ", line " + number + ": no token in base64 with a rank", e);
      }
    }
    if (tokens.isEmpty()) {
      throw new TokenizerFormatException(name + " has no tokens");
    }
    return tokens.toArray(byte[][]::new);
  }

  /** Every way to put a token together from two others is a merge of the token's rank. */
  private static MergeTable merges(byte[][] tokens) {
    BytesTable ids = new BytesTable();
    for (byte[] token : tokens) {
      ids.add(token, 0, token.length);
    }
    if (ids.size() != tokens.length) {
      throw new TokenizerFormatException("a token stands in the ranks twice");
    }
    MergeTable merges = new MergeTable(2 * tokens.length);
    for (int id = 0; id < tokens.length; id++) {
      byte[] token = tokens[id];
      for (int cut = 1; cut < token.length; cut++) {
        int left = ids.find(token, 0, cut);
        int right = left < 0 ? -1 : ids.find(token, cut, token.length);
        if (right >= 0) {
          merges.add(left, right, id, id);
        }
      }
    }
    return merges;
  }

  /** Whether a file begins like one of ranks. */
  static boolean looksLikeRanks(byte[] head) {
    String line = new String(head, StandardCharsets.ISO_8859_1).lines().findFirst().orElse("");
    String[] parts = line.split(" ");
    return parts.length == 2 && parts[1].equals("0") && decodes(parts[0]);
  }

  private static boolean decodes(String text) {
    try {
      return Base64.getDecoder().decode(text).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
