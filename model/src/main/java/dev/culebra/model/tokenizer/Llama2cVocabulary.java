package dev.culebra.model.tokenizer;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads llama2.c's {@code tokenizer.bin}: the longest token's length as int32, then for each token
 * its score as float32, its length as int32 and its bytes, all little-endian, to the end of the
 * file. Ids 0 to 2 are special, 3 to 258 the bytes; of two neighbours those merge first whose token
 * has the highest score. Documents are separated by the token that begins them.
 */
final class Llama2cVocabulary {
  private static final int FIRST_BYTE = 3;
  private static final int FIRST_PIECE = FIRST_BYTE + 256;
  private static final int BEGIN = 1;
  private static final int MAX_TOKEN_BYTES = 1 << 16;

  private Llama2cVocabulary() {}

  /** Whether a file begins like one of these: lengths that fit, and the mark of id 0. */
  static boolean looksLikeOne(byte[] head) {
    if (head.length < 17) {
      return false;
    }
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    int longest = bytes.getInt();
    bytes.getFloat();
    int first = bytes.getInt();
    return longest > 0
        && longest <= MAX_TOKEN_BYTES
        && first == 5
        && new String(head, 12, 5, StandardCharsets.US_ASCII).equals("<unk>");
  }

  static SentencePieceTokenizer read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> tokens = new ArrayList<>();
    List<Float> scores = new ArrayList<>();
    try {
      int longest = bytes.getInt();
      while (bytes.hasRemaining()) {
        scores.add(bytes.getFloat());
        int length = bytes.getInt();
        if (length < 0 || length > longest) {
          throw new TokenizerFormatException(
              "token " + tokens.size() + " has a length of " + length + ", over " + longest);
        }
        byte[] token = new byte[length];
        bytes.get(token);
        tokens.add(token);
      }
    } catch (BufferUnderflowException e) {
      throw new TokenizerFormatException("the file is cut off inside token " + tokens.size(), e);
    }
    return tokenizer(tokens.toArray(byte[][]::new), scores);
  }

  private static SentencePieceTokenizer tokenizer(byte[][] tokens, List<Float> scores) {
    if (tokens.length < FIRST_PIECE) {
      throw new TokenizerFormatException(
          tokens.length + " tokens are fewer than 3 special ones and 256 bytes");
    }
    int[] byteIds = new int[256];
    for (int b = 0; b < 256; b++) {
      byteIds[b] = FIRST_BYTE + b;
      String name = new String(tokens[byteIds[b]], StandardCharsets.UTF_8);
      if (!name.equals(String.format("<0x%02X>", b))) {
        throw new TokenizerFormatException(
            "token " + byteIds[b] + " is \"" + name + "\" where byte " + b + " is expected");
      }
      tokens[byteIds[b]] = new byte[] {(byte) b};
    }
    Map<String, Integer> specials = new LinkedHashMap<>();
    specials.put("<unk>", 0);
    specials.put("<s>", BEGIN);
    specials.put("</s>", 2);
    return new SentencePieceTokenizer(
        tokens,
        byteIds,
        merges(tokens, scores),
        specials,
        new PromptTemplate(new int[] {BEGIN}, new int[0]),
        SentencePieceTokenizer.Prefix.ALWAYS,
        BEGIN);
  }

  private static MergeTable merges(byte[][] tokens, List<Float> scores) {
    BytesTable pieces = new BytesTable();
    int[] ids = new int[tokens.length];
    for (int id = FIRST_PIECE; id < tokens.length; id++) {
      int number = pieces.add(tokens[id], 0, tokens[id].length);
      if (ids[number] == 0) {
        ids[number] = id;
      }
    }
    // Equal scores are of equal rank, so that the leftmost pair goes first, as in llama2.c.
    List<Float> order = new ArrayList<>(new TreeSet<>(scores).descendingSet());
    Map<Float, Integer> ranks = new LinkedHashMap<>();
    order.forEach(score -> ranks.put(score, ranks.size()));
    MergeTable merges = new MergeTable(2 * tokens.length);
    for (int number = 0; number < pieces.size(); number++) {
      byte[] token = pieces.get(number);
      int rank = ranks.get(scores.get(ids[number]));
      for (int cut = 1; cut < token.length; cut++) {
        int left = pieces.find(token, 0, cut);
        int right = pieces.find(token, cut, token.length);
        if (left >= 0 && right >= 0) {
          merges.add(ids[left], ids[right], rank, ids[number]);
        }
      }
    }
    return merges;
  }
}
