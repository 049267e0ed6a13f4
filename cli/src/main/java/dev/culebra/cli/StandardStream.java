package dev.culebra.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * A standard stream that remembers why it took no more: what writes to it goes through a {@link
 * PrintWriter}, which only says that something failed.
 */
final class StandardStream extends OutputStream {
  private final FileOutputStream stream;
  private IOException failure;

  StandardStream(FileDescriptor descriptor) {
    stream = new FileOutputStream(descriptor);
  }

  /** UTF-8 whatever the locale says: what a model writes may be in any script. */
  PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(this, StandardCharsets.UTF_8), true);
  }

  /** Why not all was written; null where all was, or where a pipe's reader wanted no more. */
  String failure() {
    return failure == null || "Broken pipe".equals(failure.getMessage())
        ? null
        : failure.getMessage();
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      stream.write(bytes, from, length);
    } catch (IOException e) {
      failure = failure == null ? e : failure;
      throw e;
    }
  }
}
