package dev.culebra.cli;

import static dev.culebra.cli.CommandRun.ok;
import static dev.culebra.cli.CommandRun.refused;
import static dev.culebra.cli.CommandRun.training;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only whole processes show: kills, signals, locks, full disks, closed pipes. */
class ProcessFaultsTest {
  private static final long DEADLINE_SECONDS = 60;

  @TempDir Path folder;
  private Process process;

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  private Path start(Path run, String... more) throws IOException {
    Path log = folder.resolve(run.getFileName() + ".log");
    process = CommandRun.start(List.of(), List.of(), log, training(folder, run, more));
    return log;
  }

  /** Waits for a checkpoint of that step or a later one. */
  private static void awaitStep(Path run, Process training, Path log, long step) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (newest(run) < step) {
      assertTrue(training.isAlive(), () -> read(log));
      assertTrue(System.nanoTime() < end, () -> "no step " + step + ": " + read(log));
      Thread.sleep(5);
    }
  }

  private static long newest(Path run) throws IOException {
    Path checkpoints = run.resolve("checkpoints");
    if (!Files.isDirectory(checkpoints)) {
      return 0;
    }
    try (Stream<Path> names = Files.list(checkpoints)) {
      return names
          .map(path -> path.getFileName().toString())
          .filter(name -> name.matches("step-\\d+"))
          .mapToLong(name -> Long.parseLong(name.substring(5)))
          .max()
          .orElse(0);
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void a_killed_run_goes_on_to_the_bits_of_a_whole_one() throws Exception {
    String[] options = {"--steps", "120", "--checkpoint-interval", "10", "--eval-interval", "20"};
    Path killed = folder.resolve("killed");
    Path log = start(killed, options);
    awaitStep(killed, process, log, 20);
    process.destroyForcibly().waitFor();
    assertTrue(newest(killed) < 120, "it was over before the kill");
    Path whole = folder.resolve("whole");
    ok(training(folder, whole, options));
    ok("train", "--resume", "--out", killed.toString());
    for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
      Path name = Path.of("checkpoints", "step-00000120", file);
      assertEquals(-1, Files.mismatch(whole.resolve(name), killed.resolve(name)), file);
    }
    assertEquals(losses(whole), losses(killed));
    try (Stream<Path> left = Files.walk(killed)) {
      assertEquals(
          List.of(),
          left.filter(path -> path.toString().matches(".*(\\.tmp|\\.partial)")).toList());
    }
  }

  /** Step, loss, validation loss, gradient norm and learning rate of each step. */
  private static List<String> losses(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> String.join(",", List.of(line.split(",")).subList(0, 5)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"INT, 2", "TERM, 15"})
  void an_interrupted_run_saves_says_how_to_go_on_and_goes_on(String signal, int number)
      throws Exception {
    assumeTrue(!isIgnored(number), "SIG" + signal + " is ignored, as in a shell's background");
    Path run = folder.resolve("run");
    Path log = start(run, "--steps", "1000000", "--checkpoint-interval", "5");
    awaitStep(run, process, log, 5);
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor());
    assertTrue(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS), () -> read(log));
    assertEquals(128 + number, process.exitValue(), () -> read(log));
    long step = newest(run);
    assertTrue(read(log).contains("stopped after step " + step + " of 1000000"), () -> read(log));
    assertTrue(read(log).contains("culebra train --resume --out " + run), () -> read(log));
    ok("train", "--resume", "--out", run.toString(), "--steps", "" + (step + 3));
    assertEquals(step + 3, newest(run));
  }

  /** Whether this process, and so those that it starts, does not get a signal. */
  private static boolean isIgnored(int signal) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        long ignored = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        return (ignored >>> signal - 1 & 1) != 0;
      }
    }
    return false;
  }

  @Test
  void a_second_training_in_a_run_is_refused_and_names_the_first() throws Exception {
    Path run = folder.resolve("run");
    Path log = start(run, "--steps", "1000000", "--checkpoint-interval", "5");
    awaitStep(run, process, log, 5);
    String[] resume = {"train", "--resume", "--out", run.toString()};
    refused(1, List.of("another training writes there", "process " + process.pid()), resume);
    assertTrue(process.isAlive(), () -> read(log));
  }

  @Test
  void two_new_runs_in_one_place_are_one_too_many() throws Exception {
    Path run = folder.resolve("run");
    Path log = start(run, "--steps", "1000000", "--checkpoint-interval", "0");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!Files.exists(run.resolve("metrics.csv"))) {
      assertTrue(process.isAlive() && System.nanoTime() < end, () -> read(log));
      Thread.sleep(5);
    }
    refused(1, List.of("process " + process.pid()), training(folder, run, "--steps", "5"));
    assertTrue(process.isAlive(), () -> read(log));
  }

  /** As on a full disk, but for a message of its own; needs no rights. */
  @Test
  void a_checkpoint_that_does_not_fit_leaves_the_one_before_and_no_half() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "no bash here");
    Path run = CommandRun.model(folder);
    Path log = folder.resolve("log");
    List<String> limit = List.of("/bin/bash", "-c", "ulimit -f 150; exec \"$@\"", "bash");
    process =
        CommandRun.start(
            List.of("-XX:-UsePerfData"),
            limit,
            log,
            "train",
            "--resume",
            "--out",
            run.toString(),
            "--steps",
            "12");
    assertEquals(1, process.waitFor(), () -> read(log));
    assertTrue(read(log).contains("File too large; the checkpoint of step"), () -> read(log));
    assertIntact(run, log);
  }

  @Test
  void a_full_disk_leaves_the_checkpoint_before_and_no_half() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=600k", "none", disk.toString())
                .start()
                .waitFor()
            == 0,
        "a small file system can't be mounted: that needs root");
    try {
      Path run = disk.resolve("run");
      refused(
          1,
          List.of("No space left on device", "disk/run"),
          training(folder, run, "--steps", "90", "--checkpoint-interval", "3", "--keep", "9"));
      assertIntact(run, null);
      ok("generate", "--model", run.toString(), "--prompt", "the", "--max-tokens", "2");
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }

  /** As on a full disk, but for a message of its own; needs no rights. */
  @Test
  void what_does_not_fit_is_named_and_leaves_no_half() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "no bash here");
    Path run = CommandRun.model(folder);
    assertDoesNotFit("model.safetensors: File too large", "export", "--model", run.toString());
    String text = CommandRun.text(folder.resolve("long.txt"), 20_000).toString();
    assertDoesNotFit("tokenizer.json: File too large", "tokenizer", "train", "--data", text);
    String[] train = {"train", "--data", text, "--tokenizer", run.toString(), "--model", "tiny"};
    assertDoesNotFit(".tokens: File too large", train);
    String cache = System.setProperty("culebra.cache", folder.resolve("cache").toString());
    try {
      assertDoesNotFit("oneDNN could not be extracted into " + folder.resolve("cache"), train);
    } finally {
      System.setProperty("culebra.cache", cache);
    }
  }

  private void assertDoesNotFit(String message, String... args) throws Exception {
    Path log = folder.resolve("log");
    Path out = folder.resolve("out");
    List<String> limit = List.of("/bin/bash", "-c", "ulimit -f 5; exec \"$@\"", "bash");
    String[] all = Arrays.copyOf(args, args.length + 2);
    all[args.length] = "--out";
    all[args.length + 1] = out.toString();
    process = CommandRun.start(List.of("-XX:-UsePerfData"), limit, log, all);
    assertEquals(1, process.waitFor(), () -> read(log));
    assertTrue(read(log).contains(message), () -> read(log));
    if (Files.exists(out)) {
      assertTrue(
          CommandRun.contents(out).keySet().stream().allMatch("tokenizer_config.json"::equals));
    }
  }

  private static void assertIntact(Path run, Path log) throws IOException {
    assertTrue(newest(run) >= 3, () -> log == null ? "" : read(log));
    try (Stream<Path> left = Files.walk(run)) {
      assertEquals(
          List.of(),
          left.filter(path -> path.toString().matches(".*(\\.tmp|\\.partial)")).toList());
    }
  }

  @Test
  void a_reader_that_goes_away_ends_generation_quietly() throws Exception {
    Path run = CommandRun.model(folder);
    Path log = folder.resolve("log");
    List<String> head =
        List.of("/bin/bash", "-c", "\"$@\" 2>" + folder + "/err | head -c 5", "bash");
    process =
        CommandRun.start(
            List.of(),
            head,
            log,
            "generate",
            "--model",
            run.toString(),
            "--prompt",
            "the cat",
            "--max-tokens",
            "0");
    assertEquals(0, process.waitFor());
    assertEquals("the c", read(log));
    assertTrue(!read(folder.resolve("err")).contains("xception"), read(folder.resolve("err")));
  }

  @Test
  void output_that_cannot_be_written_is_a_failure() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")), "no device that is always full here");
    Path log = folder.resolve("log");
    List<String> full = List.of("/bin/bash", "-c", "\"$@\" >/dev/full", "bash");
    process = CommandRun.start(List.of(), full, log, "--help");
    assertEquals(1, process.waitFor(), () -> read(log));
    assertTrue(
        read(log).contains("culebra: the output can't be written: No space left on device"),
        () -> read(log));
  }
}
