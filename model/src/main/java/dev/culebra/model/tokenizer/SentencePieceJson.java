package dev.culebra.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes the SentencePiece family of Hugging Face's {@code tokenizer.json}: BPE with byte
 * fallback, spaces written as U+2581.
 */
final class SentencePieceJson {
  private static final String SPACE = "\u2581";

  private SentencePieceJson() {}

  /** Whether a file is of this family. */
  static boolean isOne(JsonNode root) {
    return root.path("model").path("byte_fallback").asBoolean();
  }

  static SentencePieceTokenizer read(JsonNode root) {
    JsonNode model = root.path("model");
    JsonFields.refuse(model.path("dropout").asDouble() > 0, "model.dropout");
    JsonFields.refuse(model.path("ignore_merges").asBoolean(), "model.ignore_merges");
    SentencePieceTokenizer.Prefix prefix = prefix(root);
    Map<String, Integer> specials = JsonFields.addedTokens(root);
    Map<String, Integer> ids = JsonFields.ids(model.path("vocab"));
    byte[][] tokens = new byte[JsonFields.size(ids)][];
    int[] byteIds = new int[256];
    Arrays.fill(byteIds, -1);
    ids.forEach(
        (token, id) -> {
          tokens[id] = token.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
          if (token.matches("<0x[0-9A-F]{2}>")) {
            int b = Integer.parseInt(token.substring(3, 5), 16);
            byteIds[b] = id;
            tokens[id] = new byte[] {(byte) b};
          }
        });
    for (int b = 0; b < 256; b++) {
      if (byteIds[b] < 0) {
        throw new TokenizerFormatException(
            String.format("model.vocab: byte_fallback, but no token <0x%02X>", b));
      }
    }
    return new SentencePieceTokenizer(
        tokens,
        byteIds,
        JsonFields.merges(model, ids),
        specials,
        JsonFields.template(root.path("post_processor"), specials),
        prefix,
        new SpecialTokens(specials).endOfText());
  }

  private static SentencePieceTokenizer.Prefix prefix(JsonNode root) {
    JsonNode normalizer = root.path("normalizer");
    JsonNode preTokenizer = root.path("pre_tokenizer");
    if (JsonFields.isType(preTokenizer, "Metaspace")
        && JsonFields.type(normalizer).equals("(none)")) {
      JsonFields.refuse(
          preTokenizer.path("split").asBoolean(true), "pre_tokenizer Metaspace with split");
      JsonFields.refuse(
          !preTokenizer.path("replacement").asText(SPACE).equals(SPACE),
          "pre_tokenizer Metaspace with another replacement than U+2581");
      String scheme = preTokenizer.path("prepend_scheme").asText("always");
      JsonFields.refuse(
          scheme.equals("never"), "pre_tokenizer Metaspace with prepend_scheme never");
      return scheme.equals("first")
          ? SentencePieceTokenizer.Prefix.FIRST_UNLESS_SPACE
          : SentencePieceTokenizer.Prefix.UNLESS_SPACE;
    }
    JsonFields.refuse(
        !JsonFields.type(preTokenizer).equals("(none)"),
        "pre_tokenizer " + JsonFields.type(preTokenizer) + " with byte_fallback");
    JsonNode steps = normalizer.path("normalizers");
    boolean known =
        JsonFields.isType(normalizer, "Sequence")
            && steps.size() == 2
            && JsonFields.isType(steps.get(0), "Prepend")
            && steps.get(0).path("prepend").asText().equals(SPACE)
            && JsonFields.isType(steps.get(1), "Replace")
            && steps.get(1).path("pattern").path("String").asText().equals(" ")
            && steps.get(1).path("content").asText().equals(SPACE);
    JsonFields.refuse(!known, "normalizer " + JsonFields.type(normalizer) + " with byte_fallback");
    return SentencePieceTokenizer.Prefix.ALWAYS;
  }

  static Map<String, Object> write(SentencePieceTokenizer tokenizer) {
    Map<String, Integer> specials = tokenizer.specials.ids();
    Map<Integer, String> names = new LinkedHashMap<>();
    specials.forEach((name, id) -> names.put(id, name));
    for (int b = 0; b < 256; b++) {
      names.put(tokenizer.byteIds[b], String.format("<0x%02X>", b));
    }
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < tokenizer.vocabulary.size(); id++) {
      if (tokenizer.vocabulary.has(id)) {
        Object other = vocabulary.put(name(tokenizer, names, id), id);
        if (other != null) {
          throw new IllegalArgumentException(
              "tokens " + other + " and " + id + " have the same text in tokenizer.json");
        }
      }
    }
    List<List<String>> merges = new ArrayList<>();
    for (int[] merge : tokenizer.merges.sorted()) {
      merges.add(List.of(name(tokenizer, names, merge[1]), name(tokenizer, names, merge[2])));
    }
    Map<String, Object> root = JsonFields.root(specials);
    switch (tokenizer.prefix) {
      case ALWAYS -> {
        root.put("normalizer", prependAndReplace());
        root.put("pre_tokenizer", null);
      }
      case UNLESS_SPACE -> root.put("pre_tokenizer", metaspace("always"));
      case FIRST_UNLESS_SPACE -> root.put("pre_tokenizer", metaspace("first"));
    }
    root.put("post_processor", JsonFields.postProcessor(tokenizer.template, specials));
    root.put("decoder", decoder());
    root.put("model", JsonFields.model(vocabulary, merges, true));
    return root;
  }

  private static String name(SentencePieceTokenizer tokenizer, Map<Integer, String> names, int id) {
    String name = names.get(id);
    return name != null
        ? name
        : new String(tokenizer.vocabulary.bytes(id), StandardCharsets.UTF_8).replace(" ", SPACE);
  }

  private static Map<String, Object> prependAndReplace() {
    Map<String, Object> prepend = new LinkedHashMap<>();
    prepend.put("type", "Prepend");
    prepend.put("prepend", SPACE);
    Map<String, Object> sequence = new LinkedHashMap<>();
    sequence.put("type", "Sequence");
    sequence.put("normalizers", List.of(prepend, replace(" ", SPACE)));
    return sequence;
  }

  private static Map<String, Object> replace(String what, String by) {
    Map<String, Object> replace = new LinkedHashMap<>();
    replace.put("type", "Replace");
    replace.put("pattern", Map.of("String", what));
    replace.put("content", by);
    return replace;
  }

  private static Map<String, Object> metaspace(String scheme) {
    Map<String, Object> metaspace = new LinkedHashMap<>();
    metaspace.put("type", "Metaspace");
    metaspace.put("replacement", SPACE);
    metaspace.put("prepend_scheme", scheme);
    metaspace.put("split", false);
    return metaspace;
  }

  private static Map<String, Object> decoder() {
    Map<String, Object> strip = new LinkedHashMap<>();
    strip.put("type", "Strip");
    strip.put("content", " ");
    strip.put("start", 1);
    strip.put("stop", 0);
    Map<String, Object> sequence = new LinkedHashMap<>();
    sequence.put("type", "Sequence");
    sequence.put(
        "decoders",
        List.of(
            replace(SPACE, " "), Map.of("type", "ByteFallback"), Map.of("type", "Fuse"), strip));
    return sequence;
  }
}
