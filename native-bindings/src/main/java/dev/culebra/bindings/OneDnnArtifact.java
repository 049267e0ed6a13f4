package dev.culebra.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.URL;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Properties;

/**
 * oneDNN out of the Maven artifact {@code org.bytedeco:dnnl}, where that is on the class path and
 * the user has not named another file.
 */
final class OneDnnArtifact implements NativeLibraryProvider {
  private static final String OPENMP = "libgomp.so.1";
  private static final String ONEDNN = "libdnnl.so.3";

  private final String resources;
  private final String version;

  OneDnnArtifact() {
    this.resources = "/org/bytedeco/dnnl/" + platform() + "/";
    this.version = version();
  }

  @Override
  public String name() {
    return "onednn-artifact";
  }

  @Override
  public NativeLibrary open(String library) {
    if (!library.equals("dnnl") || SystemLibraries.ofThisProcess().named(library) != null) {
      return null;
    }
    if (resource(ONEDNN) == null) {
      throw new NativeLibraryException(
          "the Maven artifact org.bytedeco:dnnl for "
              + platform()
              + " is not on the class path (no "
              + resources
              + ONEDNN
              + ")");
    }
    Path folder = CacheFolder.path().resolve("dnnl").resolve(version).resolve(platform());
    extract(folder);
    limitOpenMp();
    load(folder.resolve(OPENMP));
    Path file = folder.resolve(ONEDNN);
    return new NativeLibrary("dnnl", file.toString(), load(file));
  }

  /**
   * Puts both libraries into a folder, unless they are there in full. Safe when several processes
   * do so at once: one writes, the others wait; and a library appears under its name only when all
   * of it is on the disk.
   */
  void extract(Path folder) {
    if (isComplete(folder, OPENMP) && isComplete(folder, ONEDNN)) {
      return;
    }
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = channel.lock()) {
        extract(folder, OPENMP);
        extract(folder, ONEDNN);
      }
    } catch (IOException failure) {
      throw new NativeLibraryException(
          "oneDNN could not be extracted into "
              + folder
              + " ("
              + failure
              + "); name a writable folder in CULEBRA_CACHE",
          failure);
    }
  }

  private void extract(Path folder, String file) throws IOException {
    if (isComplete(folder, file)) {
      return;
    }
    Path part = folder.resolve(file + ".part");
    try (InputStream in = resource(file).openStream();
        FileChannel out =
            FileChannel.open(
                part,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
      in.transferTo(Channels.newOutputStream(out));
      out.force(true);
    }
    Files.move(part, folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private boolean isComplete(Path folder, String file) {
    Path path = folder.resolve(file);
    try {
      return Files.isRegularFile(path)
          && Files.size(path) == resource(file).openConnection().getContentLengthLong();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * Makes every thread that calls oneDNN work alone: the pool of the runtime already keeps all
   * cores busy. libgomp reads its environment when it is loaded, so this comes first, and overrides
   * what the user set for other programs; binding to cores is undone because libgomp would bind the
   * loading Java thread, and all threads that it starts, to the first place.
   */
  static void limitOpenMp() {
    Libc.setEnvironment("OMP_NUM_THREADS", "1");
    Libc.setEnvironment("OMP_PROC_BIND", "false");
  }

  private static SymbolLookup load(Path file) {
    return SystemLibraries.load(file, Arena.global());
  }

  private URL resource(String file) {
    return OneDnnArtifact.class.getResource(resources + file);
  }

  /** As the artifact's classifiers spell it: {@code linux-x86_64}. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return (system.startsWith("mac") ? "macosx" : system.split(" ")[0])
        + "-"
        + switch (machine) {
          case "amd64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> machine;
        };
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in =
        OneDnnArtifact.class.getResourceAsStream("/META-INF/maven/org.bytedeco/dnnl/pom.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return properties.getProperty("version", "unknown");
  }
}
