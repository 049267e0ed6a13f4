package dev.culebra.bindings;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.bindings.dnnl.dnnl_h;
import dev.culebra.bindings.dnnl.dnnl_version_t;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneDnnArtifactTest {
  private static final String ONEDNN = "libdnnl.so.3";

  @TempDir Path folder;

  /** Loads oneDNN in a process of its own and prints what the C library's environment holds. */
  static final class Loader {
    public static void main(String[] args) {
      NativeLibrary library = NativeLibraries.require("dnnl");
      MemorySegment version = dnnl_h.dnnl_version();
      System.out.println(
          library.origin()
              + " "
              + dnnl_version_t.major(version)
              + "."
              + dnnl_version_t.minor(version)
              + " OMP_NUM_THREADS="
              + Libc.environment("OMP_NUM_THREADS"));
    }
  }

  @Test
  void onednn_loads_and_answers_the_version_of_its_headers() {
    NativeLibraries.require("dnnl", "dnnl_version");
    MemorySegment version = dnnl_h.dnnl_version();
    assertEquals(dnnl_h.DNNL_VERSION_MAJOR(), dnnl_version_t.major(version));
    assertEquals(dnnl_h.DNNL_VERSION_MINOR(), dnnl_version_t.minor(version));
  }

  @Test
  void processes_that_start_at_once_all_get_a_whole_library() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(load("culebra.cache", folder));
    }
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes()).strip();
      assertEquals(0, process.waitFor(), output);
      assertTrue(output.startsWith(folder.toString()), output);
      assertTrue(output.endsWith(ONEDNN + " 3.13 OMP_NUM_THREADS=1"), output);
    }
    try (var files = Files.walk(folder)) {
      assertEquals(
          List.of(), files.filter(file -> file.toString().endsWith(".part")).toList(), "left over");
    }
  }

  @Test
  void a_file_that_the_user_names_comes_before_the_artifact() throws Exception {
    new OneDnnArtifact().extract(folder);
    Path named = Files.move(folder.resolve(ONEDNN), folder.resolve("libdnnl-of-the-user.so"));
    Process process = load("culebra.library.dnnl", named);
    String output = new String(process.getInputStream().readAllBytes()).strip();
    assertEquals(0, process.waitFor(), output);
    assertEquals(named + " 3.13 OMP_NUM_THREADS=1", output);
  }

  /** Starts a {@link Loader} with a system property, in the environment of a user of OpenMP. */
  private static Process load(String property, Path value) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx64m",
            "-D" + property + "=" + value,
            "-cp",
            System.getProperty("java.class.path"),
            Loader.class.getName());
    builder.environment().put("OMP_NUM_THREADS", "7");
    builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java would say that it read it
    return builder.redirectErrorStream(true).start();
  }

  @Test
  void a_truncated_library_is_extracted_again() throws Exception {
    OneDnnArtifact artifact = new OneDnnArtifact();
    artifact.extract(folder);
    Path library = folder.resolve("libgomp.so.1");
    byte[] whole = Files.readAllBytes(library);
    try (FileChannel channel = FileChannel.open(library, StandardOpenOption.WRITE)) {
      channel.truncate(whole.length / 2);
    }
    artifact.extract(folder);
    assertArrayEquals(whole, Files.readAllBytes(library));
    try (InputStream original =
        getClass().getResourceAsStream("/org/bytedeco/dnnl/linux-x86_64/libgomp.so.1")) {
      assertArrayEquals(original.readAllBytes(), whole);
    }
  }

  @Test
  void a_cache_that_cannot_be_written_is_named_with_the_remedy() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    String message =
        assertThrows(
                NativeLibraryException.class,
                () -> new OneDnnArtifact().extract(file.resolve("dnnl")))
            .getMessage();
    assertTrue(message.contains(file.toString()), message);
    assertTrue(message.contains("CULEBRA_CACHE"), message);
  }

  @Test
  void generated_files_are_as_they_came() throws IOException {
    Path handedOver = Path.of("../../shared/bindings/dev/culebra/bindings");
    assumeTrue(Files.isDirectory(handedOver), "no " + handedOver + " to compare with");
    Path kept = Path.of("src/main/java/dev/culebra/bindings");
    try (var files = Files.walk(handedOver)) {
      List<Path> generated = files.filter(Files::isRegularFile).toList();
      assertFalse(generated.isEmpty());
      for (Path file : generated) {
        Path own = kept.resolve(handedOver.relativize(file).toString());
        assertEquals(-1, Files.mismatch(file, own), own.toString());
      }
    }
  }
}
