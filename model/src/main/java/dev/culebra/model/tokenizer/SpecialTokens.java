package dev.culebra.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokens that stand for themselves in a text, whatever is around them. */
final class SpecialTokens {
  /** A token found in a text. */
  record Match(int from, int to, int id) {}

  private record Special(byte[] text, int id) {}

  private final Map<String, Integer> ids;

  /** By first byte, the longest first; null where none begins with the byte. */
  private final Special[][] byFirstByte = new Special[256][];

  SpecialTokens(Map<String, Integer> ids) {
    this.ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
    Map<Integer, List<Special>> groups = new LinkedHashMap<>();
    this.ids.forEach(
        (text, id) -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          if (bytes.length == 0) {
            throw new TokenizerFormatException("special token " + id + " has no text");
          }
          groups
              .computeIfAbsent(bytes[0] & 0xff, _ -> new ArrayList<>())
              .add(new Special(bytes, id));
        });
    groups.forEach(
        (first, group) -> {
          group.sort(Comparator.comparingInt((Special s) -> s.text.length).reversed());
          byFirstByte[first] = group.toArray(Special[]::new);
        });
  }

  Map<String, Integer> ids() {
    return ids;
  }

  /** The first special token at or after {@code from}, the longest of those there, or null. */
  Match find(byte[] text, int from, int to) {
    if (ids.isEmpty()) {
      return null;
    }
    for (int i = from; i < to; i++) {
      Special[] group = byFirstByte[text[i] & 0xff];
      if (group != null) {
        for (Special special : group) {
          int end = i + special.text.length;
          if (end <= to && Arrays.equals(special.text, 0, special.text.length, text, i, end)) {
            return new Match(i, end, special.id);
          }
        }
      }
    }
    return null;
  }

  /** The token that the common tokenizers end a document with, or -1. */
  int endOfText() {
    for (String name :
        List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<|im_end|>", "<eos>", "<|eos|>")) {
      Integer id = ids.get(name);
      if (id != null) {
        return id;
      }
    }
    return -1;
  }
}
