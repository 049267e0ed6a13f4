package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** CUDA C++ among the tests' resources, compiled to PTX once where nvcc is there. */
final class CudaSource {
  private static final Map<String, String> COMPILED = new ConcurrentHashMap<>();
  private static final Map<String, PtxModule> PARSED = new ConcurrentHashMap<>();
  private static final Path USUAL = Path.of("/usr/local/cuda/bin/nvcc");

  private CudaSource() {}

  /**
   * PTX of a source; the test is skipped where there is no nvcc.
   *
   * @param architecture 90 for {@code compute_90}
   */
  static String ptx(String source, int architecture) {
    String compiler = compiler();
    assumeTrue(
        compiler != null, "there is no nvcc on the PATH: kernels in CUDA C++ can't be tested");
    return COMPILED.computeIfAbsent(
        source + architecture, key -> compile(compiler, source, architecture));
  }

  /** The same, parsed once. */
  static PtxModule module(String source, int architecture) {
    String ptx = ptx(source, architecture);
    return PARSED.computeIfAbsent(source + architecture, key -> PtxParser.parse("test.ptx", ptx));
  }

  /** The number of the only line of a source that holds a text. */
  static int line(String source, String text) {
    List<Integer> lines = lines(source, text);
    if (lines.size() > 1) {
      throw new IllegalArgumentException("more than one line holds: " + text);
    }
    return lines.getFirst();
  }

  /** The numbers of all lines of a source that hold a text, at least one. */
  static List<Integer> lines(String source, String text) {
    try (InputStream in = CudaSource.class.getResourceAsStream(source)) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      List<Integer> found =
          IntStream.range(0, lines.size())
              .filter(i -> lines.get(i).contains(text))
              .mapToObj(i -> i + 1)
              .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException("no line holds: " + text);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String compiler() {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(folder, "nvcc"))) {
        return Path.of(folder, "nvcc").toString();
      }
    }
    return Files.isExecutable(USUAL) ? USUAL.toString() : null;
  }

  private static String compile(String compiler, String source, int architecture) {
    try (InputStream text = CudaSource.class.getResourceAsStream(source)) {
      Path folder = Files.createTempDirectory("cuda-source");
      Path input = folder.resolve(source);
      Path output = folder.resolve("kernels.ptx");
      Path messages = folder.resolve("messages");
      Files.write(input, text.readAllBytes());
      Process process =
          new ProcessBuilder(
                  List.of(
                      compiler,
                      "-arch=compute_" + architecture,
                      "-lineinfo",
                      "-ptx",
                      input.toString(),
                      "-o",
                      output.toString()))
              .redirectErrorStream(true)
              .redirectOutput(messages.toFile())
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(Files.readString(messages));
      }
      String ptx = Files.readString(output, StandardCharsets.UTF_8);
      for (Path file : List.of(input, output, messages, folder)) {
        Files.delete(file);
      }
      return ptx;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
