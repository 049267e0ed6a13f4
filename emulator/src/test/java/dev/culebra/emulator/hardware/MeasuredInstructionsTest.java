package dev.culebra.emulator.hardware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.Emulator;
import dev.culebra.emulator.KernelArguments;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.exec.Program;
import dev.culebra.emulator.exec.UnsupportedPtxException;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * What an H100 computed, instruction by instruction: every result has to be the same to the bit,
 * that of an approximate instruction as near as the manual allows both. The kernels, their inputs
 * and the outputs are made by {@code src/test/python/measure_instructions.py} on a machine with
 * such a GPU.
 */
class MeasuredInstructionsTest {
  /** Threads of a case. */
  private static final int THREADS = 128;

  private static final int WORDS = 3;

  /** One line of the list of cases. */
  private record Case(String kernel, String pool, long[] outputs, String text) {
    boolean approximate() {
      return text.contains(".approx") || text.contains("div.full");
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(
            MeasuredInstructionsTest.class.getResourceAsStream("/hardware/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long[] words(String hex) {
    long[] words = new long[hex.isEmpty() ? 0 : hex.split(" ").length];
    String[] parts = hex.split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] = Long.parseUnsignedLong(parts[i], 16);
    }
    return words;
  }

  @Test
  void every_instruction_gives_what_an_h100_gave() throws IOException {
    Map<String, long[]> pools = new HashMap<>();
    List<Case> cases = new ArrayList<>();
    for (String line : resource("h100-instructions.txt.gz").lines().toList()) {
      String[] fields = line.split("\t");
      if (fields[0].equals("pool")) {
        pools.put(fields[1], words(fields[2]));
      } else {
        cases.add(new Case(fields[0], fields[1], words(fields[2]), fields[3]));
      }
    }
    List<String> wrong = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    ExecutionOptions options = ExecutionOptions.checked().withWorkers(1);
    try (Emulator emulator = new Emulator(DeviceProfile.H100, options, System.out)) {
      Program program =
          emulator.load("h100-instructions.ptx", resource("h100-instructions.ptx.gz"));
      Map<String, Long> inputs = new HashMap<>();
      pools.forEach((name, words) -> inputs.put(name, upload(emulator, name, words)));
      long scratch = emulator.allocate(THREADS * Long.BYTES, "scratch");
      for (Case each : cases) {
        try {
          compare(
              each,
              pools.get(each.pool),
              run(emulator, program, each, inputs.get(each.pool), scratch),
              wrong);
        } catch (UnsupportedPtxException e) {
          refused.add(e.getMessage());
        }
      }
    }
    System.out.printf(
        "%d cases measured on an H100: %d differ, %d are not emulated%n",
        cases.size(), wrong.size(), refused.size());
    assertEquals("", String.join("\n", wrong));
    assertEquals("", String.join("\n", refused));
    assertTrue(cases.size() > 2000);
  }

  private static long upload(Emulator emulator, String name, long[] words) {
    assertEquals(THREADS * WORDS, words.length, name);
    long address = emulator.allocate((long) words.length * Long.BYTES, name);
    emulator.memory().copyIn(address, MemorySegment.ofArray(words));
    return address;
  }

  private static long[] run(
      Emulator emulator, Program program, Case each, long input, long scratch) {
    long output = emulator.allocate(THREADS * Long.BYTES, "output");
    Kernel kernel = program.kernel(each.kernel);
    byte[] arguments =
        new KernelArguments(kernel).address(input).address(output).address(scratch).bytes();
    ExecutionResult result =
        emulator.launch(new Launch(kernel, new Dim3(1), new Dim3(THREADS), 0, arguments));
    assertTrue(result.clean(), () -> each.text + ": " + result);
    long[] outputs = new long[THREADS];
    emulator.memory().copyOut(MemorySegment.ofArray(outputs), output);
    emulator.memory().free(output);
    return outputs;
  }

  private static void compare(Case each, long[] inputs, long[] outputs, List<String> wrong) {
    for (int i = 0; i < each.outputs.length; i++) {
      boolean same =
          each.approximate()
              ? Approximations.agree(each.text, inputs[i * WORDS], each.outputs[i], outputs[i])
              : each.outputs[i] == outputs[i];
      if (!same) {
        wrong.add(
            "%s %s thread %d: %x, measured %x"
                .formatted(each.kernel, each.text, i, outputs[i], each.outputs[i]));
        return;
      }
    }
  }
}
