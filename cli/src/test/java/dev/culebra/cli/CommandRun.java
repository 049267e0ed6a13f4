package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** What one run of the program did; and tiny texts and models to run it on. */
record CommandRun(int status, String out, String err) {
  static {
    System.setProperty(
        "culebra.cache", Path.of("target", "test-cache").toAbsolutePath().toString());
  }

  /**
   * Runs a command in this JVM; words apart from each other, values with spaces in them as they
   * are.
   */
  static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** Runs a command that must succeed. */
  static CommandRun ok(String... args) {
    CommandRun run = of(args);
    assertEquals(0, run.status, () -> Arrays.toString(args) + ": " + run.err);
    return run;
  }

  /**
   * Runs a command that must fail with one line that holds all of these words, and no stack.
   *
   * @param status 1 for failures, 2 for wrong arguments
   */
  static CommandRun refused(int status, List<String> words, String... args) {
    CommandRun run = of(args);
    assertEquals(status, run.status, () -> Arrays.toString(args) + ": " + run.out + run.err);
    List<String> lines = run.err.lines().filter(line -> line.startsWith("culebra: ")).toList();
    assertEquals(1, lines.size(), run.err);
    for (String word : words) {
      assertTrue(lines.getFirst().contains(word), () -> "no '" + word + "' in: " + run.err);
    }
    assertFalse(run.err.contains("\tat "), run.err);
    return run;
  }

  /** Starts a command in a JVM of its own. */
  static Process start(List<String> jvm, List<String> wrapper, Path output, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(
        List.of("-XX:+UseSerialGC", "-Dculebra.cache=" + System.getProperty("culebra.cache")));
    command.addAll(jvm);
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java would say that it read it
    builder.environment().putAll(Map.of("LC_ALL", "C"));
    return builder.redirectOutput(output.toFile()).start();
  }

  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire != null ? surefire : System.getProperty("java.class.path") + File.pathSeparator;
  }

  /** Sentences of few words: some 30 bytes a line. */
  static Path text(Path file, int lines) throws IOException {
    String[] words =
        "the a cat dog tree runs sees red small big of in on and house green".split(" ");
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines; i++) {
      for (int word = random.nextInt(3, 9); word > 0; word--) {
        text.append(words[random.nextInt(words.length)]).append(word > 1 ? " " : ".\n");
      }
    }
    return Files.writeString(file, text);
  }

  /** A model of 28 thousand parameters, context 32, vocabulary 300. */
  static Path config(Path file) throws IOException {
    return Files.writeString(
        file,
        """
        {"format": "culebra", "version": 1, "vocabularySize": 300, "contextLength": 32,
         "hiddenSize": 32, "layers": 2, "heads": 2, "kvHeads": 2, "headDim": 16, "mlpSize": 64,
         "norm": "LAYER", "normEpsilon": 1e-5, "position": "LEARNED", "mlp": "GELU",
         "biases": true, "tiedEmbeddings": true, "dropout": 0.0, "slidingWindow": 0}
        """);
  }

  /** Arguments that train the tiny model on the tiny text, both made in a folder if need be. */
  static String[] training(Path folder, Path run, String... more) throws IOException {
    Path text = folder.resolve("text.txt");
    Path config = folder.resolve("tiny.json");
    if (!Files.exists(text)) {
      text(text, 800);
    }
    if (!Files.exists(config)) {
      config(config);
    }
    List<String> args =
        new ArrayList<>(List.of("train", "--data", text.toString(), "--model", config.toString()));
    args.addAll(List.of("--vocabulary", "300", "--batch", "4", "--out", run.toString()));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  /** Trains a tiny model for a few steps. */
  static Path model(Path folder) throws IOException {
    Path run = folder.resolve("run");
    ok(training(folder, run, "--steps", "6", "--checkpoint-interval", "3", "--dtype", "f32"));
    return run;
  }

  /** All files under a folder, with their contents' hashes. */
  static Map<String, Integer> contents(Path folder) throws IOException {
    Map<String, Integer> contents = new java.util.TreeMap<>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(folder.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return contents;
  }
}
