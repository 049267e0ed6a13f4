package dev.culebra.data;

import dev.culebra.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Writes a {@link TokenShard}. The file appears under its name when it is {@link #finish finished},
 * whole and on the disk; closed before that, it leaves nothing.
 */
public final class TokenShardWriter implements AutoCloseable {
  private final Path file;
  private final Path temporary;
  private final FileChannel channel;
  private final Tokenizer tokenizer;
  private final int tokenBytes;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
  private final MessageDigest digest = Digests.sha256();
  private long tokens;
  private long documents;
  private long textBytes;
  private int last = -1;

  public TokenShardWriter(Path file, Tokenizer tokenizer) throws IOException {
    this.file = file.toAbsolutePath();
    this.tokenizer = tokenizer;
    tokenBytes = TokenShard.tokenBytes(tokenizer.vocabularySize());
    Files.createDirectories(this.file.getParent());
    temporary = Files.createTempFile(this.file.getParent(), file.getFileName().toString(), ".part");
    temporary.toFile().deleteOnExit(); // Ctrl-C comes without a close
    channel = FileChannel.open(temporary, StandardOpenOption.WRITE);
    channel.position(TokenShard.HEADER_BYTES);
  }

  /**
   * Appends tokens.
   *
   * @param textBytes UTF-8 bytes that they stand for, separators left out
   */
  public void append(int[] ids, long textBytes) throws IOException {
    for (int id : ids) {
      append(id);
    }
    this.textBytes += textBytes;
  }

  private void append(int id) throws IOException {
    if (id < 0 || id >= tokenizer.vocabularySize()) {
      throw new IllegalArgumentException(
          "token " + id + " is not in the vocabulary of " + tokenizer.vocabularySize());
    }
    if (buffer.remaining() < tokenBytes) {
      flush();
    }
    if (tokenBytes == 2) {
      buffer.putShort((short) id);
    } else {
      buffer.putInt(id);
    }
    tokens++;
    last = id;
    if (id == tokenizer.endOfText()) {
      documents++;
    }
  }

  /** Ends a document, unless one just ended. Without a separator documents run together. */
  public void endDocument() throws IOException {
    if (tokenizer.endOfText() >= 0 && last >= 0 && last != tokenizer.endOfText()) {
      append(tokenizer.endOfText());
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    digest.update(buffer.duplicate());
    try {
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) { // a full disk, say, which Java reports without the file
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
    buffer.clear();
  }

  /** Writes the header and gives the file its name. */
  public void finish() throws IOException {
    flush();
    boolean open = tokens > 0 && last != tokenizer.endOfText();
    TokenShard.Header header =
        new TokenShard.Header(
            tokenBytes,
            tokens,
            documents + (open ? 1 : 0),
            textBytes,
            tokenizer.fingerprint(),
            tokenizer.vocabularySize(),
            tokenizer.endOfText(),
            HexFormat.of().formatHex(digest.digest(), 0, TokenShard.DIGEST_BYTES));
    ByteBuffer bytes = header.write();
    channel.write(bytes, 0);
    channel.force(true);
    channel.close();
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(temporary);
  }
}
