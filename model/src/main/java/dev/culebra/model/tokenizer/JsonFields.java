package dev.culebra.model.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts of a {@code tokenizer.json} that its byte-pair families have in common. */
final class JsonFields {
  private JsonFields() {}

  static boolean isType(JsonNode node, String type) {
    return type.equals(node.path("type").asText());
  }

  /** Name of a component, for messages. */
  static String type(JsonNode node) {
    return node.path("type").asText("(none)");
  }

  static void refuse(boolean unsupported, String what) {
    if (unsupported) {
      throw new TokenizerFormatException(what + " is not supported");
    }
  }

  /** Ids of {@code model.vocab} by token. */
  static Map<String, Integer> ids(JsonNode vocabulary) {
    if (!vocabulary.isObject() || vocabulary.isEmpty()) {
      throw new TokenizerFormatException("model.vocab is missing, empty or no object");
    }
    Map<String, Integer> ids = LinkedHashMap.newLinkedHashMap(vocabulary.size());
    Map<Integer, String> tokens = LinkedHashMap.newLinkedHashMap(vocabulary.size());
    for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
      int id = id("model.vocab[\"" + entry.getKey() + "\"]", entry.getValue());
      String other = tokens.put(id, entry.getKey());
      if (other != null) {
        throw new TokenizerFormatException(
            "model.vocab: \"" + other + "\" and \"" + entry.getKey() + "\" both have id " + id);
      }
      ids.put(entry.getKey(), id);
    }
    return ids;
  }

  /** Ids above this are taken for damage, not for a vocabulary. */
  private static final int MAX_ID = 1 << 24;

  private static int id(String field, JsonNode node) {
    if (!node.isInt() || node.asInt() < 0 || node.asInt() > MAX_ID) {
      throw new TokenizerFormatException(field + " is no token id: " + node);
    }
    return node.asInt();
  }

  /** One more than the largest id. */
  static int size(Map<String, Integer> ids) {
    return 1 + ids.values().stream().mapToInt(id -> id).max().orElse(-1);
  }

  /** Added tokens by their text, all of which are recognised in a text. */
  static Map<String, Integer> addedTokens(JsonNode root) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    for (JsonNode token : root.path("added_tokens")) {
      String content = token.path("content").asText("");
      for (String option : List.of("lstrip", "rstrip", "single_word")) {
        refuse(token.path(option).asBoolean(), "added token \"" + content + "\" with " + option);
      }
      specials.put(content, id("added_tokens: id of \"" + content + "\"", token.path("id")));
    }
    return specials;
  }

  /** {@code model.merges}, as pairs or as strings with a space between. */
  static MergeTable merges(JsonNode model, Map<String, Integer> ids) {
    JsonNode list = model.path("merges");
    if (!list.isArray()) {
      throw new TokenizerFormatException("model.merges is missing or no list");
    }
    MergeTable merges = new MergeTable(list.size());
    for (int rank = 0; rank < list.size(); rank++) {
      String[] sides = sides(list.get(rank), rank);
      int left = merged(ids, sides[0], rank);
      int right = merged(ids, sides[1], rank);
      int token = merged(ids, sides[0] + sides[1], rank);
      if (!merges.add(left, right, rank, token)) {
        throw new TokenizerFormatException("model.merges[" + rank + "] stands there twice");
      }
    }
    return merges;
  }

  private static String[] sides(JsonNode merge, int rank) {
    if (merge.isArray() && merge.size() == 2) {
      return new String[] {merge.get(0).asText(), merge.get(1).asText()};
    }
    String text = merge.asText();
    int space = text.indexOf(' ');
    if (!merge.isTextual() || space < 0 || space != text.lastIndexOf(' ')) {
      throw new TokenizerFormatException("model.merges[" + rank + "] is no pair: " + merge);
    }
    return new String[] {text.substring(0, space), text.substring(space + 1)};
  }

  private static int merged(Map<String, Integer> ids, String token, int rank) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new TokenizerFormatException(
          "model.merges[" + rank + "]: \"" + token + "\" is not in model.vocab");
    }
    return id;
  }

  /** What a post-processor puts around a text. */
  static PromptTemplate template(JsonNode processor, Map<String, Integer> specials) {
    if (processor.isNull() || processor.isMissingNode() || isType(processor, "ByteLevel")) {
      return PromptTemplate.NONE;
    }
    if (isType(processor, "Sequence")) {
      PromptTemplate template = PromptTemplate.NONE;
      for (JsonNode step : processor.path("processors")) {
        PromptTemplate found = template(step, specials);
        refuse(
            template != PromptTemplate.NONE && found != PromptTemplate.NONE,
            "post_processor Sequence of two templates");
        template = found == PromptTemplate.NONE ? template : found;
      }
      return template;
    }
    refuse(!isType(processor, "TemplateProcessing"), "post_processor " + type(processor));
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    List<Integer> side = before;
    for (JsonNode part : processor.path("single")) {
      if (part.has("Sequence")) {
        side = after;
        continue;
      }
      String name = part.path("SpecialToken").path("id").asText();
      JsonNode ids = processor.path("special_tokens").path(name).path("ids");
      if (ids.isEmpty()) {
        throw new TokenizerFormatException("post_processor: no ids for the token \"" + name + "\"");
      }
      for (JsonNode id : ids) {
        int value = id("post_processor: id of \"" + name + "\"", id);
        if (!specials.containsValue(value)) {
          throw new TokenizerFormatException(
              "post_processor: \"" + name + "\" (id " + value + ") is no added token");
        }
        side.add(value);
      }
    }
    return new PromptTemplate(array(before), array(after));
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(id -> id).toArray();
  }

  /** The beginning of a file to write. */
  static Map<String, Object> root(Map<String, Integer> specials) {
    List<Map<String, Object>> added = new ArrayList<>();
    specials.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            special -> {
              Map<String, Object> token = new LinkedHashMap<>();
              token.put("id", special.getValue());
              token.put("content", special.getKey());
              for (String option : List.of("single_word", "lstrip", "rstrip", "normalized")) {
                token.put(option, false);
              }
              token.put("special", true);
              added.add(token);
            });
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("version", "1.0");
    root.put("truncation", null);
    root.put("padding", null);
    root.put("added_tokens", added);
    return root;
  }

  static Map<String, Object> model(
      Map<String, Object> vocabulary, List<List<String>> merges, boolean byteFallback) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", byteFallback ? "<unk>" : null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", byteFallback);
    model.put("byte_fallback", byteFallback);
    model.put("vocab", vocabulary);
    model.put("merges", merges);
    return model;
  }

  static Map<String, Object> postProcessor(PromptTemplate template, Map<String, Integer> specials) {
    if (template.before().length + template.after().length == 0) {
      return null;
    }
    Map<Integer, String> names = new LinkedHashMap<>();
    specials.forEach((name, id) -> names.put(id, name));
    List<Object> single = new ArrayList<>();
    Map<String, Object> used = new LinkedHashMap<>();
    for (int id : template.before()) {
      single.add(special(names.get(id), id, used));
    }
    single.add(Map.of("Sequence", Map.of("id", "A", "type_id", 0)));
    for (int id : template.after()) {
      single.add(special(names.get(id), id, used));
    }
    List<Object> pair = new ArrayList<>(single);
    pair.add(Map.of("Sequence", Map.of("id", "B", "type_id", 1)));
    Map<String, Object> processor = new LinkedHashMap<>();
    processor.put("type", "TemplateProcessing");
    processor.put("single", single);
    processor.put("pair", pair);
    processor.put("special_tokens", used);
    return processor;
  }

  private static Map<String, Object> special(String name, int id, Map<String, Object> used) {
    used.put(name, Map.of("id", name, "ids", List.of(id), "tokens", List.of(name)));
    return Map.of("SpecialToken", Map.of("id", name, "type_id", 0));
  }
}
