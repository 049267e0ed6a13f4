package dev.culebra.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** NVIDIA's compiler and assembler, for tests that are skipped where they are not installed. */
public final class CudaToolkit {
  private static final Path USUAL = Path.of("/usr/local/cuda/bin");

  private CudaToolkit() {}

  /** A program of the toolkit on the PATH or in its usual folder; null where there is none. */
  private static Path program(String name) {
    List<Path> folders = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      folders.add(Path.of(folder));
    }
    folders.add(USUAL);
    for (Path folder : folders) {
      if (Files.isExecutable(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    return null;
  }

  private static Path required(String name) {
    Path program = program(name);
    assumeTrue(program != null, "there is no " + name + " on the PATH: what needs it isn't tested");
    return program;
  }

  /** PTX of a program in CUDA C++; skips the test where there is no nvcc. */
  public static String ptx(String source, String... options)
      throws IOException, InterruptedException {
    Path compiler = required("nvcc");
    Path folder = Files.createTempDirectory("cuda-toolkit");
    Path input = folder.resolve("kernels.cu");
    Path output = folder.resolve("kernels.ptx");
    try {
      Files.writeString(input, source);
      List<String> command = new ArrayList<>(List.of(compiler.toString(), "-ptx", "-std=c++17"));
      command.addAll(List.of(options));
      command.addAll(List.of(input.toString(), "-o", output.toString()));
      Result result = run(command);
      assertEquals(0, result.status(), result.output());
      return Files.readString(output);
    } finally {
      Files.deleteIfExists(input);
      Files.deleteIfExists(output);
      Files.delete(folder);
    }
  }

  /**
   * Whether ptxas takes a module; skips the test where there is none.
   *
   * @param architecture {@code sm_90a}
   */
  public static boolean assembles(String ptx, String architecture)
      throws IOException, InterruptedException {
    Path assembler = required("ptxas");
    Path input = Files.createTempFile("cuda-toolkit", ".ptx");
    try {
      Files.writeString(input, ptx);
      Result result =
          run(
              List.of(
                  assembler.toString(),
                  "-arch=" + architecture,
                  input.toString(),
                  "-o",
                  "/dev/null"));
      return result.status() == 0;
    } finally {
      Files.delete(input);
    }
  }

  private record Result(int status, String output) {}

  private static Result run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
