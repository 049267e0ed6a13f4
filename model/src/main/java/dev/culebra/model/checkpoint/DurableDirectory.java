package dev.culebra.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;

/**
 * A directory that appears whole or not at all: its files are written to a sibling that ends in
 * {@value #PARTIAL}, each is fsynced, the sibling is renamed, and the parent is fsynced. A crash
 * leaves at most the sibling, which nobody takes for the directory.
 */
public final class DurableDirectory {
  static final String PARTIAL = ".partial";

  private final Path directory;

  private DurableDirectory(Path directory) {
    this.directory = directory;
  }

  /** Fills the directory. */
  @FunctionalInterface
  public interface Content {
    void writeTo(DurableDirectory directory) throws IOException;
  }

  /**
   * Makes {@code target} with what {@code content} writes. Where that fails the sibling is removed
   * and nothing else has changed.
   *
   * @param target must not exist, or be an empty directory
   */
  public static void create(Path target, Content content) throws IOException {
    Path absolute = target.toAbsolutePath();
    Path partial = absolute.resolveSibling(absolute.getFileName() + PARTIAL);
    requireVacant(target);
    Files.createDirectories(absolute.getParent());
    delete(partial);
    try {
      Files.createDirectory(partial);
      content.writeTo(new DurableDirectory(partial));
      sync(partial);
      Files.move(partial, absolute, StandardCopyOption.ATOMIC_MOVE);
      sync(absolute.getParent());
    } catch (IOException | RuntimeException e) {
      try {
        delete(partial);
      } catch (IOException | UncheckedIOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  /**
   * Refuses a place where something is already, before any work is done for it.
   *
   * @throws FileAlreadyExistsException if it is a file, or a directory that is not empty
   */
  private static void requireVacant(Path target) throws IOException {
    if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new FileAlreadyExistsException(target.toString(), null, "there is a file already");
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      if (entries.iterator().hasNext()) {
        throw new FileAlreadyExistsException(
            target.toString(), null, "the folder is not empty; choose a new one");
      }
    }
  }

  /** Where files not written by the methods here belong; they must be fsynced by their writer. */
  public Path path() {
    return directory;
  }

  /** Writes a small file. */
  public void write(String name, byte[] bytes) throws IOException {
    write(name, channel -> SafeTensorsWriter.writeAll(channel, ByteBuffer.wrap(bytes)));
  }

  /** Writes a safetensors file. */
  public void write(
      String name, Map<String, String> metadata, List<SafeTensorsWriter.Source> sources)
      throws IOException {
    write(name, channel -> SafeTensorsWriter.write(channel, metadata, sources));
  }

  /** Fills a file. */
  private interface FileContent {
    void writeTo(WritableByteChannel channel) throws IOException;
  }

  private void write(String name, FileContent content) throws IOException {
    Path file = directory.resolve(name);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.writeTo(channel);
      channel.force(true);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) { // a full disk, say, which Java reports without the file
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }

  /** Removes a directory, first taking its name from it, so that no half of it is ever found. */
  static void retire(Path directory) throws IOException {
    Path partial = directory.resolveSibling(directory.getFileName() + PARTIAL);
    delete(partial);
    Files.move(directory, partial, StandardCopyOption.ATOMIC_MOVE);
    delete(partial);
  }

  /** Removes a file or a directory and all in it; nothing happens where there is none. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
