package dev.culebra.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/** Reads the byte-level family of Hugging Face's {@code tokenizer.json}. */
final class TokenizerJson {
  private TokenizerJson() {}

  static ByteLevelTokenizer read(JsonNode root) {
    JsonNode model = root.path("model");
    JsonFields.refuse(
        !root.path("normalizer").isNull() && root.has("normalizer"),
        "normalizer " + JsonFields.type(root.path("normalizer")));
    refuseModelOptions(model);
    Map<String, Integer> specials = JsonFields.addedTokens(root);
    byte[][] tokens = tokens(model.path("vocab"), specials);
    MergeTable merges = JsonFields.merges(model, JsonFields.ids(model.path("vocab")));
    JsonNode decoder = root.path("decoder");
    JsonFields.refuse(
        !decoder.isNull() && !decoder.isMissingNode() && !JsonFields.isType(decoder, "ByteLevel"),
        "decoder " + JsonFields.type(decoder));
    return new ByteLevelTokenizer(
        settings(root.path("pre_tokenizer"), model.path("ignore_merges").asBoolean()),
        tokens,
        merges,
        specials,
        JsonFields.template(root.path("post_processor"), specials));
  }

  private static void refuseModelOptions(JsonNode model) {
    JsonFields.refuse(model.path("dropout").asDouble() > 0, "model.dropout");
    JsonFields.refuse(
        model.path("byte_fallback").asBoolean(), "model.byte_fallback with ByteLevel");
    for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
      JsonFields.refuse(
          !model.path(affix).asText("").isEmpty() && !model.path(affix).isNull(), "model." + affix);
    }
  }

  private static byte[][] tokens(JsonNode vocabulary, Map<String, Integer> specials) {
    Map<String, Integer> ids = JsonFields.ids(vocabulary);
    byte[][] tokens = new byte[JsonFields.size(ids)][];
    ids.forEach(
        (token, id) -> {
          byte[] bytes = ByteLevel.read(token);
          if (bytes == null && !specials.containsValue(id)) {
            throw new TokenizerFormatException(
                "model.vocab: token \""
                    + token
                    + "\" (id "
                    + id
                    + ") is not in byte-level letters");
          }
          tokens[id] = bytes == null ? token.getBytes(StandardCharsets.UTF_8) : bytes;
        });
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id] == null && !specials.containsValue(id)) {
        throw new TokenizerFormatException(
            "model.vocab: id " + id + " is missing, though there are larger ones");
      }
    }
    return tokens;
  }

  private static ByteLevelTokenizer.Settings settings(JsonNode preTokenizer, boolean wholePieces) {
    List<JsonNode> steps = new ArrayList<>();
    if (JsonFields.isType(preTokenizer, "Sequence")) {
      preTokenizer.path("pretokenizers").forEach(steps::add);
    } else {
      steps.add(preTokenizer);
    }
    JsonNode last = steps.isEmpty() ? preTokenizer : steps.getLast();
    JsonFields.refuse(
        !JsonFields.isType(last, "ByteLevel"),
        "pre_tokenizer " + JsonFields.type(last) + " where ByteLevel is expected");
    boolean prefixSpace = last.path("add_prefix_space").asBoolean(true);
    boolean gpt2 = last.path("use_regex").asBoolean(true);
    if (steps.size() == 1) {
      JsonFields.refuse(!gpt2, "pre_tokenizer ByteLevel without use_regex or a Split before it");
      return new ByteLevelTokenizer.Settings(Splitter.GPT2, prefixSpace, wholePieces);
    }
    JsonFields.refuse(steps.size() > 2, "pre_tokenizer Sequence of " + steps.size() + " steps");
    JsonFields.refuse(gpt2, "pre_tokenizer ByteLevel with use_regex after another step");
    JsonFields.refuse(prefixSpace, "pre_tokenizer ByteLevel with add_prefix_space after a Split");
    return new ByteLevelTokenizer.Settings(split(steps.getFirst()), false, wholePieces);
  }

  private static Splitter split(JsonNode split) {
    JsonFields.refuse(
        !JsonFields.isType(split, "Split"), "pre_tokenizer " + JsonFields.type(split));
    String regex = split.path("pattern").path("Regex").asText(null);
    JsonFields.refuse(regex == null, "pre_tokenizer Split by a plain string");
    String behaviour = split.path("behavior").asText();
    boolean invert = split.path("invert").asBoolean();
    Splitter splitter;
    try {
      splitter = Splitter.of(regex);
    } catch (PatternSyntaxException e) {
      throw new TokenizerFormatException(
          "pre_tokenizer Split: Java does not read the pattern: " + e.getMessage(), e);
    }
    // Removing what does not match leaves all where the rule matches everything.
    boolean removesNothing =
        behaviour.equals("Removed") && invert && !(splitter instanceof RegexSplitter);
    JsonFields.refuse(
        !removesNothing && !(behaviour.equals("Isolated") && !invert),
        "pre_tokenizer Split with behavior " + behaviour + (invert ? ", inverted" : ""));
    return splitter;
  }

  /** The tokenizer as the JSON that Hugging Face's library reads. */
  static Map<String, Object> write(ByteLevelTokenizer tokenizer) {
    Map<String, Integer> specials = tokenizer.specials.ids();
    Map<String, Object> vocabulary = new LinkedHashMap<>();
    for (int id = 0; id < tokenizer.vocabulary.size(); id++) {
      if (tokenizer.vocabulary.has(id) && !specials.containsValue(id)) {
        vocabulary.put(ByteLevel.write(tokenizer.vocabulary.bytes(id)), id);
      }
    }
    List<List<String>> merges = new ArrayList<>();
    for (int[] merge : tokenizer.merges.sorted()) {
      merges.add(
          List.of(
              ByteLevel.write(tokenizer.vocabulary.bytes(merge[1])),
              ByteLevel.write(tokenizer.vocabulary.bytes(merge[2]))));
    }
    Map<String, Object> model = JsonFields.model(vocabulary, merges, false);
    model.put("ignore_merges", tokenizer.settings.wholePieces());
    Map<String, Object> root = JsonFields.root(specials);
    root.put("normalizer", null);
    root.put("pre_tokenizer", preTokenizer(tokenizer.settings));
    root.put("post_processor", JsonFields.postProcessor(tokenizer.template, specials));
    root.put("decoder", byteLevel(true, true));
    root.put("model", model);
    return root;
  }

  private static Map<String, Object> preTokenizer(ByteLevelTokenizer.Settings settings) {
    if (settings.splitter() == Splitter.GPT2) {
      return byteLevel(settings.prefixSpace(), true);
    }
    Map<String, Object> split = new LinkedHashMap<>();
    split.put("type", "Split");
    split.put("pattern", Map.of("Regex", settings.splitter().pattern()));
    split.put("behavior", "Isolated");
    split.put("invert", false);
    Map<String, Object> sequence = new LinkedHashMap<>();
    sequence.put("type", "Sequence");
    sequence.put("pretokenizers", List.of(split, byteLevel(false, false)));
    return sequence;
  }

  private static Map<String, Object> byteLevel(boolean prefixSpace, boolean regex) {
    Map<String, Object> byteLevel = new LinkedHashMap<>();
    byteLevel.put("type", "ByteLevel");
    byteLevel.put("add_prefix_space", prefixSpace);
    byteLevel.put("trim_offsets", true);
    byteLevel.put("use_regex", regex);
    return byteLevel;
  }
}
