package dev.culebra.runtime.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VectorSupportTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  /** Opens two CPU devices in a JVM of its own. */
  static final class Opener {
    public static void main(String[] args) {
      new CpuDevice(1).close();
      new CpuDevice(1).close();
    }
  }

  private static List<String> outputWith(int expectedStatus, String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Opener.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS"); // Java would say that it read it
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(expectedStatus, process.waitFor(), output);
    return output.lines().filter(line -> !line.contains("Using incubator modules")).toList();
  }

  @Test
  void the_jvm_of_the_tests_is_fast() {
    assertNull(VectorSupport.problem());
  }

  @Test
  void a_fast_jvm_gets_no_warning() throws Exception {
    assertEquals(List.of(), outputWith(0, MODULE));
  }

  @Test
  void an_interpreting_jvm_gets_one_line_that_names_the_flag() throws Exception {
    List<String> output = outputWith(0, MODULE, "-Xint");
    assertEquals(1, output.size(), output.toString());
    assertTrue(output.getFirst().contains("remove -Xint"), output.toString());
  }

  @Test
  void a_jvm_without_c2_gets_one_line_that_names_the_flag() throws Exception {
    List<String> output = outputWith(0, MODULE, "-XX:TieredStopAtLevel=1");
    assertEquals(1, output.size(), output.toString());
    assertTrue(output.getFirst().contains("-XX:TieredStopAtLevel"), output.toString());
  }

  @Test
  void without_the_module_the_device_says_which_flag_adds_it() throws Exception {
    List<String> output = outputWith(1);
    assertTrue(
        output.getFirst().contains("start java with --add-modules jdk.incubator.vector"),
        output.toString());
  }
}
