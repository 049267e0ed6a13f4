package dev.culebra.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** A corpus of UTF-8 files, each a document or, with separators in it, several. */
public final class TextFiles implements Corpus {
  private static final int[] NO_END = {};

  private final List<Path> files;
  private final int chunkBytes;
  private final long bytes;

  TextFiles(List<Path> files, int chunkBytes) throws IOException {
    this.files = List.copyOf(files);
    this.chunkBytes = chunkBytes;
    long sum = 0;
    for (Path file : files) {
      sum += Files.size(file);
    }
    bytes = sum;
    if (sum == 0) {
      throw new CorpusException(
          files.size() == 1 ? files.getFirst() + " is empty" : "all files of the corpus are empty");
    }
  }

  /**
   * Finds the files of a corpus.
   *
   * @param sources files, directories (all files in them, hidden ones left out, links followed) and
   *     globs; in this order, what a source gives sorted by name, no file twice
   * @throws CorpusException if a source gives no file, or a named file is empty
   */
  public static TextFiles of(List<String> sources) throws IOException {
    Set<Path> files = new LinkedHashSet<>();
    for (String source : sources) {
      files.addAll(find(source));
    }
    if (files.isEmpty()) {
      throw new CorpusException("no data is named: a file, a directory or a glob is needed");
    }
    return new TextFiles(new ArrayList<>(files), CHUNK_BYTES);
  }

  private static List<Path> find(String source) throws IOException {
    if (source.isBlank()) {
      throw new CorpusException(
          "an empty name is no data: a file, a directory or a glob is needed");
    }
    Path path = pathOrNull(source);
    if (path != null && Files.isDirectory(path)) {
      List<Path> found = walk(path, file -> !hidden(path.relativize(file)));
      if (found.isEmpty()) {
        throw new CorpusException(source + " is a directory without files");
      }
      return found;
    }
    if (path != null && Files.exists(path)) {
      if (!Files.isReadable(path)) {
        throw new CorpusException(source + " can't be read: permission is missing");
      }
      if (!Files.isRegularFile(path)) {
        throw new CorpusException(
            source + " is no regular file; it is read more than once, so write it to one first");
      }
      if (Files.size(path) == 0) {
        throw new CorpusException(source + " is empty");
      }
      return List.of(path);
    }
    int wild = firstWildcard(source);
    if (wild < 0) {
      throw new CorpusException(source + " does not exist");
    }
    int slash = source.lastIndexOf('/', wild);
    Path base = Path.of(slash < 0 ? "" : source.substring(0, slash + 1));
    PathMatcher matcher = matcher(source, source.substring(slash + 1));
    List<Path> found =
        Files.isDirectory(base)
            ? walk(base, file -> matcher.matches(base.relativize(file)))
            : List.of();
    if (found.isEmpty()) {
      throw new CorpusException("no file matches " + source);
    }
    return found;
  }

  private static PathMatcher matcher(String source, String glob) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new CorpusException(
          source + " is neither there nor a valid glob: " + e.getDescription());
    }
  }

  private static Path pathOrNull(String source) {
    try {
      return Path.of(source);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static int firstWildcard(String source) {
    for (int i = 0; i < source.length(); i++) {
      if ("*?[{".indexOf(source.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static boolean hidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> walk(Path base, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> paths = Files.walk(base, FileVisitOption.FOLLOW_LINKS)) {
      return paths.filter(Files::isRegularFile).filter(wanted).sorted().toList();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof FileSystemLoopException loop) {
        throw new CorpusException(loop.getFile() + " is a link to a directory that it lies in");
      }
      throw e.getCause();
    }
  }

  /** The files, in order. */
  public List<Path> files() {
    return files;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public String key() throws IOException {
    StringBuilder key = new StringBuilder();
    for (Path file : files) {
      key.append(file.toAbsolutePath().normalize()).append('\0').append(Files.size(file));
      key.append('\0').append(Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS));
      key.append('\n');
    }
    return key.toString();
  }

  @Override
  public void read(Sink sink) throws IOException {
    for (Path file : files) {
      read(file, sink);
    }
  }

  private void read(Path file, Sink sink) throws IOException {
    Utf8Check check = new Utf8Check(file);
    byte[] buffer = new byte[chunkBytes];
    int count = 0;
    boolean continues = false;
    try (InputStream in = Files.newInputStream(file)) {
      while (true) {
        int got = in.readNBytes(buffer, count, buffer.length - count);
        count += got;
        if (count < buffer.length) {
          break;
        }
        int cut = cut(buffer, count);
        if (cut == 0) {
          buffer = Arrays.copyOf(buffer, Math.multiplyExact(2, buffer.length));
          continue;
        }
        byte[] text = Arrays.copyOf(buffer, cut);
        check.valid(text);
        sink.chunk(new Chunk(text, continues, NO_END));
        continues = true;
        System.arraycopy(buffer, cut, buffer, 0, count - cut);
        count -= cut;
      }
    }
    byte[] text = Arrays.copyOf(buffer, count);
    check.valid(text);
    sink.chunk(new Chunk(text, continues, new int[] {count}));
  }

  /** Above this a chunk may end between any two characters. */
  private static final int UNBROKEN_BYTES = 1 << 24;

  /**
   * The last place to cut that makes no difference to the published splitting rules: between a
   * letter or digit and ASCII white space. 0 where more text is needed to find one.
   */
  private static int cut(byte[] text, int count) {
    for (int i = count - 1; i > 0; i--) {
      if ((text[i] == ' ' || text[i] >= '\t' && text[i] <= '\r') && endsWord(text, i)) {
        return i;
      }
    }
    if (count < UNBROKEN_BYTES) {
      return 0;
    }
    return characterStart(text, count - 1);
  }

  private static boolean endsWord(byte[] text, int end) {
    int start = characterStart(text, end - 1);
    int character = new String(text, start, end - start, StandardCharsets.UTF_8).codePointAt(0);
    return Character.isLetterOrDigit(character);
  }

  /** Where the character that a byte is part of begins. */
  private static int characterStart(byte[] text, int at) {
    int start = at;
    while (start > 0 && start > at - 3 && (text[start] & 0xc0) == 0x80) {
      start--;
    }
    return start;
  }

  /** Says where a file stops being text. */
  private static final class Utf8Check {
    private final Path file;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer sink = CharBuffer.allocate(1 << 16);
    private long offset;

    Utf8Check(Path file) {
      this.file = file;
    }

    void valid(byte[] text) {
      for (int i = 0; i < text.length; i++) {
        if (text[i] == 0) {
          throw new CorpusException(file + " looks binary: a zero byte at offset " + (offset + i));
        }
      }
      ByteBuffer bytes = ByteBuffer.wrap(text);
      decoder.reset();
      CoderResult result;
      do {
        result = decoder.decode(bytes, sink.clear(), true);
      } while (result.isOverflow());
      if (result.isError()) {
        throw new CorpusException(
            file
                + " is not valid UTF-8: byte "
                + String.format("0x%02x", text[bytes.position()])
                + " at offset "
                + (offset + bytes.position()));
      }
      offset += text.length;
    }
  }
}
