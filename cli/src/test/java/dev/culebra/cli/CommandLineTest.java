package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... args) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }

  @Test
  void no_command_is_a_usage_error() {
    assertEquals(2, run());
    assertTrue(err.toString().startsWith("culebra: name a command"), err.toString());
  }

  @Test
  void a_misspelt_command_is_a_usage_error_with_a_suggestion() {
    assertEquals(2, run("docter"));
    assertTrue(err.toString().contains("Did you mean: culebra doctor"), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void an_unknown_option_is_named() {
    assertEquals(2, run("doctor", "--fast"));
    assertTrue(err.toString().contains("'--fast'"), err.toString());
  }

  @Test
  void an_unknown_device_is_a_usage_error_that_lists_the_names() {
    assertEquals(2, run("doctor", "--device", "tpu"));
    assertTrue(
        err.toString().contains("unknown device 'tpu'; there are auto, cpu"), err.toString());
  }

  @Test
  void impossible_numbers_of_threads_are_usage_errors_before_anything_is_said() {
    assertEquals(2, run("doctor", "--device", "cpu", "--threads", "-3"));
    assertTrue(err.toString().contains("--threads -3 is negative"), err.toString());
    assertEquals(2, run("doctor", "--device", "cpu", "--threads", "100000"));
    assertTrue(err.toString().contains("--threads 100000 is more than 1024"), err.toString());
    assertEquals("", out.toString());
  }

  @Test
  void an_empty_path_is_a_usage_error_and_not_this_folder() {
    assertEquals(2, run("train", "--data", "x", "--out", ""));
    assertTrue(err.toString().contains("'--out': an empty name"), err.toString());
  }

  @Test
  void version_names_culebra_and_java() {
    assertEquals(0, run("--version"));
    assertTrue(out.toString().startsWith("culebra "), out.toString());
    assertTrue(out.toString().contains("Java " + Runtime.version()), out.toString());
  }

  @Test
  void every_command_has_a_description_and_describes_each_option() {
    Deque<CommandLine> open = new ArrayDeque<>();
    open.add(Main.commandLine());
    while (!open.isEmpty()) {
      CommandLine command = open.remove();
      String name = command.getCommandSpec().qualifiedName();
      assertTrue(command.getCommandSpec().usageMessage().description().length > 0, name);
      for (var option : command.getCommandSpec().options()) {
        assertTrue(option.description().length > 0, name + " " + option.longestName());
      }
      assertTrue(command.getUsageMessage().contains("--help"), name);
      open.addAll(command.getSubcommands().values());
    }
  }

  @Test
  void completion_prints_a_script_that_knows_the_commands_and_their_options() {
    assertEquals(0, run("completion"));
    assertTrue(out.toString().contains("complete -F"), out.toString());
    assertTrue(out.toString().contains("doctor"), out.toString());
    assertTrue(out.toString().contains("--device"), out.toString());
  }

  @Test
  void a_failure_is_one_line_and_exit_code_1() {
    assertEquals(1, fail(new IllegalArgumentException("weights.bin: 3 bytes\n are too few")));
    assertEquals("culebra: weights.bin: 3 bytes are too few", err.toString().strip());
  }

  @Test
  void verbose_adds_the_stack_of_a_failure() {
    assertEquals(1, fail(new IOException("disk full"), "--verbose"));
    assertTrue(err.toString().contains("\tat dev.culebra.cli"), err.toString());
  }

  @Test
  void file_errors_say_what_is_wrong_with_the_path() {
    assertEquals("a/b: no such file or folder", Errors.describe(new NoSuchFileException("a/b")));
    assertEquals("a/b: permission denied", Errors.describe(new AccessDeniedException("a/b")));
    assertFalse(Errors.describe(new NullPointerException()).isBlank());
  }

  @Test
  void too_little_memory_says_so_in_a_command_that_is_a_method() {
    CommandLine culebra = Main.commandLine();
    culebra.addSubcommand("exhaust", new Exhausting());
    culebra.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    assertEquals(1, culebra.execute("exhaust", "memory"));
    assertTrue(err.toString().startsWith("culebra: Java's memory is too small"), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  @Command(name = "exhaust")
  record Exhausting() {
    @Command(name = "memory")
    int memory() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  private int fail(Exception failure, String... options) {
    CommandLine culebra = Main.commandLine();
    culebra.addSubcommand("fail", new Failing(failure));
    String[] args = java.util.Arrays.copyOf(options, options.length + 1);
    args[options.length] = "fail";
    return culebra
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  @Command(name = "fail")
  record Failing(Exception failure) implements java.util.concurrent.Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }
}
