package dev.culebra.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The bytes of each token. Ids may have gaps; no token is asked for there. */
final class Vocabulary {
  private final byte[][] tokens;

  /**
   * @param tokens by id; null where an id is no token
   */
  Vocabulary(byte[][] tokens) {
    this.tokens = tokens;
  }

  /** The tokens and the special ones; a special token's text takes the place of a token's bytes. */
  static Vocabulary of(byte[][] tokens, Map<String, Integer> specials) {
    int size = tokens.length;
    for (int id : specials.values()) {
      size = Math.max(size, id + 1);
    }
    byte[][] all = Arrays.copyOf(tokens, size);
    specials.forEach((text, id) -> all[id] = text.getBytes(StandardCharsets.UTF_8));
    return new Vocabulary(all);
  }

  int size() {
    return tokens.length;
  }

  boolean has(int id) {
    return id >= 0 && id < tokens.length && tokens[id] != null;
  }

  byte[] bytes(int id) {
    if (!has(id)) {
      throw new IllegalArgumentException(
          "id " + id + " is no token of this vocabulary of " + tokens.length);
    }
    return tokens[id];
  }

  byte[] decode(int[] ids, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(4 * (to - from));
    for (int i = from; i < to; i++) {
      out.writeBytes(bytes(ids[i]));
    }
    return out.toByteArray();
  }

  /** A number that differs, for all that matters, where tokens, merges or settings differ. */
  long fingerprint(MergeTable merges, Map<String, Integer> specials, String settings) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
    ByteBuffer number = ByteBuffer.allocate(16);
    for (byte[] token : tokens) {
      digest.update(number.clear().putInt(token == null ? -1 : token.length).flip());
      digest.update(token == null ? new byte[0] : token);
    }
    for (int[] merge : merges.sorted()) {
      // The order says what matters of the ranks, which a file may number otherwise.
      number.clear().putInt(merge[1]).putInt(merge[2]).putInt(merge[3]);
      digest.update(number.flip());
    }
    digest.update((new TreeMap<>(specials) + settings).getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest.digest()).getLong();
  }
}
