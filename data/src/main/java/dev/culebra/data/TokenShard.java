package dev.culebra.data;

import dev.culebra.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;

/**
 * A file of tokens, mapped into memory. Little-endian throughout:
 *
 * <table>
 * <caption>Header, 128 bytes</caption>
 * <tr><th>at</th><th>what</th></tr>
 * <tr><td>0</td><td>"CULEBRAT"</td></tr>
 * <tr><td>8</td><td>int32 version, 2</td></tr>
 * <tr><td>12</td><td>int32 bytes of a token: 2 (uint16) or 4 (uint32)</td></tr>
 * <tr><td>16</td><td>int64 number of tokens</td></tr>
 * <tr><td>24</td><td>int64 number of documents</td></tr>
 * <tr><td>32</td><td>int64 UTF-8 bytes of the text, separators left out</td></tr>
 * <tr><td>40</td><td>int64 fingerprint of the tokenizer</td></tr>
 * <tr><td>48</td><td>int32 size of its vocabulary</td></tr>
 * <tr><td>52</td><td>int32 id that ends a document, -1 for none</td></tr>
 * <tr><td>56</td><td>the first 16 bytes of the SHA-256 of the tokens as they follow</td></tr>
 * <tr><td>72</td><td>zeros</td></tr>
 * </table>
 *
 * <p>The tokens follow, and the file ends with them.
 */
public final class TokenShard implements AutoCloseable {
  static final int HEADER_BYTES = 128;
  static final int VERSION = 2;
  static final int DIGEST_BYTES = 16;
  private static final int DIGEST_AT = 56;
  static final byte[] MAGIC = "CULEBRAT".getBytes(StandardCharsets.US_ASCII);

  private static final ValueLayout.OfShort UINT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt UINT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * What a shard says of itself.
   *
   * @param tokenBytes 2 or 4
   * @param tokens how many
   * @param documents how many
   * @param textBytes UTF-8 bytes of the text, separators left out
   * @param tokenizer fingerprint of the tokenizer
   * @param vocabularySize of the tokenizer
   * @param endOfDocument id of the separator, -1 for none
   * @param digest of the tokens, in hexadecimal: tells them from all others
   */
  public record Header(
      int tokenBytes,
      long tokens,
      long documents,
      long textBytes,
      long tokenizer,
      int vocabularySize,
      int endOfDocument,
      String digest) {

    ByteBuffer write() {
      ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.put(MAGIC).putInt(VERSION).putInt(tokenBytes).putLong(tokens).putLong(documents);
      bytes.putLong(textBytes).putLong(tokenizer).putInt(vocabularySize).putInt(endOfDocument);
      bytes.put(HexFormat.of().parseHex(digest));
      return bytes.position(0);
    }
  }

  private final Path file;
  private final Header header;
  private final Arena arena;
  private final MemorySegment tokens;

  private TokenShard(Path file, Header header, Arena arena, MemorySegment tokens) {
    this.file = file;
    this.header = header;
    this.arena = arena;
    this.tokens = tokens;
  }

  /** Bytes of a token of a vocabulary. */
  static int tokenBytes(int vocabularySize) {
    return vocabularySize <= 1 << 16 ? 2 : 4;
  }

  /**
   * Maps a shard.
   *
   * @throws ShardFormatException if it is damaged or no shard
   */
  public static TokenShard open(Path file) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Header header = header(file, channel);
      MemorySegment tokens =
          channel.map(
              FileChannel.MapMode.READ_ONLY,
              HEADER_BYTES,
              header.tokens * header.tokenBytes,
              arena);
      return new TokenShard(file, header, arena, tokens);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static Header header(Path file, FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    bytes.flip();
    boolean magic = bytes.remaining() >= MAGIC.length;
    for (int i = 0; magic && i < MAGIC.length; i++) {
      magic = bytes.get(i) == MAGIC[i];
    }
    if (!magic) {
      throw new ShardFormatException(file + " is no token shard");
    }
    if (bytes.remaining() < HEADER_BYTES) {
      throw new ShardFormatException(file + " is cut off inside its header");
    }
    if (bytes.getInt(8) != VERSION) {
      throw new ShardFormatException(
          file + " has version " + bytes.getInt(8) + "; version " + VERSION + " can be read");
    }
    Header header =
        new Header(
            bytes.getInt(12),
            bytes.getLong(16),
            bytes.getLong(24),
            bytes.getLong(32),
            bytes.getLong(40),
            bytes.getInt(48),
            bytes.getInt(52),
            HexFormat.of().formatHex(bytes.array(), DIGEST_AT, DIGEST_AT + DIGEST_BYTES));
    check(
        file,
        "bytes of a token",
        header.tokenBytes,
        header.tokenBytes == 2 || header.tokenBytes == 4);
    check(file, "vocabulary size", header.vocabularySize, header.vocabularySize > 0);
    check(
        file,
        "end of document",
        header.endOfDocument,
        header.endOfDocument >= -1 && header.endOfDocument < header.vocabularySize);
    check(file, "text bytes", header.textBytes, header.textBytes >= 0);
    check(
        file,
        "documents",
        header.documents,
        header.documents >= 0 && header.documents <= Math.max(1, header.tokens));
    long there = channel.size() - HEADER_BYTES;
    if (header.tokens < 0
        || header.tokens > there / header.tokenBytes
        || header.tokens * header.tokenBytes != there) {
      throw new ShardFormatException(
          file
              + ": the header says "
              + header.tokens
              + " tokens of "
              + header.tokenBytes
              + " bytes, but "
              + there
              + " bytes follow it");
    }
    return header;
  }

  private static void check(Path file, String field, long value, boolean valid) {
    if (!valid) {
      throw new ShardFormatException(file + ": the header's " + field + " is " + value);
    }
  }

  public Path file() {
    return file;
  }

  public Header header() {
    return header;
  }

  /** Number of tokens. */
  public long size() {
    return header.tokens;
  }

  /** Throws a {@link ShardFormatException} unless the shard was made with this tokenizer. */
  public void requireTokenizer(Tokenizer tokenizer) {
    if (tokenizer.fingerprint() != header.tokenizer) {
      throw new ShardFormatException(
          file + " was made with another tokenizer: tokenize the text again");
    }
  }

  /** Token {@code index}. */
  public int get(long index) {
    int id =
        header.tokenBytes == 2
            ? Short.toUnsignedInt(tokens.get(UINT16, 2 * index))
            : tokens.get(UINT32, 4 * index);
    if (Integer.compareUnsigned(id, header.vocabularySize) >= 0) {
      throw new ShardFormatException(
          file
              + ": token "
              + index
              + " is "
              + Integer.toUnsignedString(id)
              + ", beyond the vocabulary of "
              + header.vocabularySize);
    }
    return id;
  }

  /** The whole shard. */
  public TokenRange all() {
    return new TokenRange(this, 0, size(), header.textBytes);
  }

  /**
   * The shard in two: what to train on, and the tail to validate with. The cut moves on to the next
   * document where one begins soon enough.
   *
   * @param share of the tokens to validate with, in (0, 1)
   * @param tokenizer that made the shard: it counts the bytes of the tail
   * @return training part, validation part
   */
  public TokenRange[] split(double share, Tokenizer tokenizer) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("validation share " + share + " is not in (0, 1)");
    }
    requireTokenizer(tokenizer);
    long tail = Math.round(size() * share);
    long cut = size() - tail;
    for (long i = cut; i < size() - tail / 2; i++) {
      if (i > 0 && get(i - 1) == header.endOfDocument) {
        cut = i;
        break;
      }
    }
    long tailBytes = textBytes(cut, tokenizer);
    return new TokenRange[] {
      new TokenRange(this, 0, cut, header.textBytes - tailBytes),
      new TokenRange(this, cut, size(), tailBytes)
    };
  }

  private long textBytes(long from, Tokenizer tokenizer) {
    int separator = header.endOfDocument;
    int separatorBytes = separator < 0 ? 0 : tokenizer.decode(new int[] {separator}, 0, 1).length;
    int[] block = new int[1 << 16];
    long bytes = 0;
    for (long at = from; at < size(); ) {
      // Some tokenizers write a token differently by what comes before it.
      int before = at > 0 ? 1 : 0;
      int count = 0;
      at -= before;
      while (count < block.length && at < size()) {
        block[count] = get(at++);
        if (count >= before && block[count] == separator) {
          bytes -= separatorBytes;
        }
        count++;
      }
      bytes += tokenizer.decode(block, before, count).length;
    }
    return bytes;
  }

  /** Unmaps the file; the shard's tokens can't be read after this. */
  @Override
  public void close() {
    arena.close();
  }
}
