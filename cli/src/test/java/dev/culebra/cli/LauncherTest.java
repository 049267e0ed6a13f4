package dev.culebra.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher in a project of its own, with a Maven and a JDK that only write down their calls.
 */
class LauncherTest {
  @TempDir Path folder;

  private Path project;
  private Path jdk;
  private Path calls;

  @BeforeEach
  void project() throws IOException {
    project = Files.createDirectories(folder.resolve("a project"));
    calls = folder.resolve("calls");
    Files.copy(Path.of("..", "culebra"), project.resolve("culebra"));
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    Files.createDirectories(project.resolve("cli/src/main/java"));
    Files.writeString(project.resolve("cli/pom.xml"), "<project/>");
    Files.writeString(project.resolve("cli/src/main/java/Main.java"), "class Main {}");
    jdk = jdk("jdk", "25.0.1");
    script(
        "bin/mvn",
        """
        echo "mvn $*" >> "$CALLS"
        sleep "${MAVEN_SECONDS:-0}"
        [ -z "${MAVEN_FAILS:-}" ] || { echo "[ERROR] Main.java does not compile"; exit 1; }
        for a in "$@"; do
          case $a in -Dculebra.launcher.lib=*) mkdir -p "${a#*=}" ;; esac
        done
        """);
  }

  private Path jdk(String name, String version) throws IOException {
    script(name + "/bin/javac", "exit 0");
    script(
        name + "/bin/java",
        """
        for last in "$@"; do :; done
        echo "java $last" >> "$CALLS"
        echo "${LC_ALL:-}" > "$CALLS.locale"
        for stream in 0 1 2; do
          { : 3<&$stream; } 2>/dev/null || echo "$stream is closed" >> "$CALLS.streams"
        done
        exit "${JAVA_STATUS:-0}"
        """);
    Path home = folder.resolve(name);
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private void script(String name, String body) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Result(int status, String output) {}

  private Process start(Map<String, String> environment, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("CULEBRA_"));
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().put("CALLS", calls.toString());
    builder.environment().put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }

  private Result finish(Process process) throws Exception {
    String output = new String(process.getInputStream().readAllBytes());
    return new Result(process.waitFor(), output);
  }

  private Result launch(Map<String, String> environment, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", project + "/culebra"));
    command.addAll(List.of(args));
    return finish(start(environment, command.toArray(String[]::new)));
  }

  private long builds() throws IOException {
    return Files.readAllLines(calls).stream().filter(call -> call.startsWith("mvn")).count();
  }

  @Test
  void builds_once_and_again_only_after_a_change() throws Exception {
    assertEquals(0, launch(Map.of(), "one").status());
    assertEquals(1, builds());
    assertEquals("", launch(Map.of(), "two").output());
    assertEquals(1, builds());
    Files.writeString(project.resolve("cli/src/main/java/Other.java"), "class Other {}");
    assertTrue(launch(Map.of(), "three").output().startsWith("culebra: building what has changed"));
    assertEquals(2, builds());
    Files.delete(project.resolve("cli/src/main/java/Other.java"));
    launch(Map.of(), "four");
    assertEquals(3, builds());
    assertEquals("java four", Files.readAllLines(calls).getLast());
  }

  @Test
  void passes_arguments_and_the_exit_code_through() throws Exception {
    assertEquals(7, launch(Map.of("JAVA_STATUS", "7"), "say", "two words * $x").status());
    assertEquals("java two words * $x", Files.readAllLines(calls).getLast());
  }

  @Test
  void arguments_are_utf8_where_the_locale_says_nothing() throws Exception {
    assertEquals(0, launch(Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", "C"), "x").status());
    assertEquals("C.UTF-8\n", Files.readString(folder.resolve("calls.locale")));
    assertEquals(0, launch(Map.of("LC_ALL", "de_DE.utf8"), "x").status());
    assertEquals("de_DE.utf8\n", Files.readString(folder.resolve("calls.locale")));
  }

  @Test
  void a_failed_build_shows_why_runs_nothing_and_is_tried_again() throws Exception {
    Result failed = launch(Map.of("MAVEN_FAILS", "1"), "run");
    assertEquals(1, failed.status());
    assertTrue(failed.output().contains("Main.java does not compile"), failed.output());
    assertTrue(Files.readAllLines(calls).stream().noneMatch(call -> call.startsWith("java")));
    assertEquals(0, launch(Map.of(), "run").status());
    assertEquals(2, builds());
  }

  @Test
  void two_launches_at_once_build_once() throws Exception {
    Map<String, String> slow = Map.of("MAVEN_SECONDS", "1");
    Process first = start(slow, "bash", project + "/culebra", "a");
    Process second = start(slow, "bash", project + "/culebra", "b");
    assertEquals(0, finish(first).status());
    assertEquals(0, finish(second).status());
    assertEquals(1, builds());
  }

  @Test
  void works_through_a_link() throws Exception {
    Files.createSymbolicLink(folder.resolve("bin/culebra"), project.resolve("culebra"));
    Result result = finish(start(Map.of(), "bash", "-c", "bash bin/culebra linked"));
    assertEquals(new Result(0, result.output()), result);
    assertEquals("java linked", Files.readAllLines(calls).getLast());
  }

  /** Else the program's next file takes the stream's number, and is read or written as it. */
  @Test
  void closed_streams_are_opened_before_the_program_starts() throws Exception {
    launch(Map.of(), "built");
    for (String closing : List.of("<&-", ">&-", "2>&-", "<&- >&- 2>&-")) {
      String command = "exec bash '" + project + "/culebra' x " + closing;
      assertEquals(new Result(0, ""), finish(start(Map.of(), "bash", "-c", command)), closing);
      Path closed = folder.resolve("calls.streams");
      assertTrue(Files.notExists(closed), () -> closing + ": " + read(closed));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void an_older_java_home_gives_way_to_a_newer_jdk_on_the_path() throws Exception {
    Path old = jdk("old", "17.0.2");
    String path = jdk.resolve("bin") + ":" + folder.resolve("bin") + ":/usr/bin:/bin";
    assertEquals(0, launch(Map.of("JAVA_HOME", old.toString(), "PATH", path), "x").status());
    assertEquals("java x", Files.readAllLines(calls).getLast());
  }

  @Test
  void a_missing_maven_is_named() throws Exception {
    Files.delete(folder.resolve("bin/mvn"));
    for (String tool :
        List.of(
            "bash", "dirname", "find", "flock", "head", "mkdir", "rm", "touch", "grep", "cat")) {
      script("bin/" + tool, "exec \"" + tool(tool) + "\" \"$@\"");
    }
    Result result = launch(Map.of("PATH", folder.resolve("bin").toString()), "x");
    assertEquals(1, result.status(), result.output());
    assertTrue(result.output().contains("Maven (mvn) is not on the PATH"), result.output());
  }

  private static Path tool(String name) {
    Path usual = Path.of("/usr/bin", name);
    return Files.exists(usual) ? usual : Path.of("/bin", name);
  }

  @Test
  void test_runs_the_whole_suite_and_fails_with_it() throws Exception {
    assertEquals(0, launch(Map.of(), "test", "--exhaustive", "-pl", "cli").status());
    String call = Files.readAllLines(calls).getLast();
    assertTrue(call.contains(" verify -Dculebra.exhaustive=true -pl cli"), call);
    assertEquals(1, launch(Map.of("MAVEN_FAILS", "1"), "test").status());
  }

  @Test
  void test_explains_itself_without_running_anything() throws Exception {
    Result help = launch(Map.of(), "test", "--help");
    assertEquals(0, help.status());
    assertTrue(help.output().startsWith("Usage: culebra test"), help.output());
    assertTrue(help.output().contains("--exhaustive"), help.output());
    assertTrue(Files.notExists(calls));
  }

  @Test
  void bench_lists_the_benchmarks_and_refuses_others() throws Exception {
    Path sources =
        Files.createDirectories(project.resolve("bench/src/main/java/dev/culebra/bench"));
    Files.writeString(sources.resolve("Benchmarks.java"), "class Benchmarks {}");
    for (String[] asking : new String[][] {{"bench"}, {"bench", "--help"}, {"bench", "-h"}}) {
      assertEquals(0, launch(Map.of(), asking).status());
      assertEquals("java dev.culebra.bench.Benchmarks", Files.readAllLines(calls).getLast());
      Files.delete(calls);
    }
    Result unknown = launch(Map.of(), "bench", "Speed");
    assertEquals(2, unknown.status());
    assertTrue(unknown.output().contains("no benchmark is called Speed"), unknown.output());
    assertTrue(Files.notExists(calls));
  }
}
