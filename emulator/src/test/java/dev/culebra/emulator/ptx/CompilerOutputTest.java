package dev.culebra.emulator.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.emulator.CudaToolkit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nvcc makes of CUDA C++, against a few regular expressions. */
final class CompilerOutputTest {
  private static final Pattern NOISE =
      Pattern.compile(
          "//[^\\n]*|\\.section\\s+\\.\\w+\\s*\\{[^}]*\\}|\\.(loc|pragma|file)\\s[^\\n]*");
  private static final Pattern FUNCTION =
      Pattern.compile(
          "\\.(?:entry|func)\\s+(?:\\([^)]*\\)\\s*)?(\\w+)\\s*(?:\\([^)]*\\))?[^;{]*([;{])");
  private static final Pattern LABEL = Pattern.compile("^([\\w$]+)\\s*:(?!:)\\s*");

  private static String source() throws IOException {
    try (InputStream text = CompilerOutputTest.class.getResourceAsStream("kernels.cu")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static PtxModule checked(String ptx) {
    PtxModule module = PtxParser.parse("kernels.ptx", ptx);
    Map<String, List<String>> expected = statements(ptx);
    Map<String, Integer> instructions = new LinkedHashMap<>();
    for (Function function : module.functions()) {
      if (function.body() != null) {
        instructions.put(function.name(), function.body().instructions().size());
        List<String> texts = expected.get(function.name());
        assertNotNull(texts, function.name());
        assertEquals(texts.size(), function.body().instructions().size(), function.name());
        for (int i = 0; i < texts.size(); i++) {
          compare(texts.get(i), function.body().instructions().get(i), ptx);
        }
      }
    }
    assertEquals(expected.keySet(), instructions.keySet());
    String printed = PtxPrinter.print(module);
    assertEquals(printed, PtxPrinter.print(PtxParser.parse("printed.ptx", printed)));
    return module;
  }

  /** An instruction's opcode, guard and position, against its text. */
  private static void compare(String text, Instruction instruction, String ptx) {
    Matcher matcher =
        Pattern.compile("(?:@(!?)(%?\\w+) +)?([\\w.:]+).*", Pattern.DOTALL).matcher(text);
    assertTrue(matcher.matches(), text);
    assertEquals(matcher.group(3), instruction.spelling(), text);
    assertEquals(matcher.group(2) == null, instruction.guard() == null, text);
    if (instruction.guard() != null) {
      assertEquals("!".equals(matcher.group(1)), instruction.guard().negated(), text);
      assertTrue(instruction.guard().predicate().name().startsWith(matcher.group(2)), text);
    }
    SourcePosition position = instruction.position();
    String line = ptx.lines().skip(position.line() - 1).findFirst().orElseThrow();
    assertTrue(line.substring(position.column() - 1).startsWith(instruction.spelling()), line);
  }

  /** Texts of the instructions of each function that has a body. */
  private static Map<String, List<String>> statements(String ptx) {
    String text = NOISE.matcher(ptx).replaceAll("");
    Map<String, List<String>> functions = new LinkedHashMap<>();
    Matcher matcher = FUNCTION.matcher(text);
    int from = 0;
    while (matcher.find(from)) {
      from = matcher.end();
      if (matcher.group(2).equals("{")) {
        int end = closing(text, from);
        functions.put(matcher.group(1), instructions(text.substring(from, end)));
        from = end;
      }
    }
    return functions;
  }

  private static int closing(String text, int from) {
    int depth = 1;
    int i = from;
    while (depth > 0) {
      char c = text.charAt(i++);
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    }
    return i;
  }

  private static List<String> instructions(String body) {
    List<String> instructions = new ArrayList<>();
    for (String statement : body.split(";")) {
      String text = statement.strip();
      String before;
      do {
        before = text;
        text = text.replaceFirst("^[{}]\\s*", "");
        text = LABEL.matcher(text).replaceFirst("").strip();
      } while (!text.equals(before));
      if (!text.isEmpty() && !text.startsWith(".")) {
        instructions.add(text);
      }
    }
    return instructions;
  }

  @Test
  void instructions_guards_and_source_lines_are_those_of_the_text()
      throws IOException, InterruptedException {
    String source = source();
    PtxModule module = checked(CudaToolkit.ptx(source, "-arch=compute_90a", "-lineinfo"));
    assertEquals(90, module.targetArchitecture());
    assertEquals("a", module.targetSuffix());
    long lines = source.lines().count();
    Map<Integer, Integer> seen = new HashMap<>();
    for (Function function : module.functions()) {
      if (function.entry()) {
        for (Instruction instruction : function.body().instructions()) {
          SourceLine line = instruction.source();
          while (line != null && line.inlinedAt() != null) {
            line = line.inlinedAt();
          }
          if (line != null && line.file().endsWith("kernels.cu")) {
            assertTrue(line.line() >= 1 && line.line() <= lines, line.toString());
            seen.merge(line.line(), 1, Integer::sum);
          }
        }
      }
    }
    int add = (int) source.lines().takeWhile(text -> !text.contains("atomicAdd")).count() + 1;
    assertTrue(seen.containsKey(add), "no instruction is of line " + add + ": " + seen);
    Variable counter =
        module.variables().stream()
            .filter(v -> v.name().equals("counter"))
            .findFirst()
            .orElseThrow();
    assertEquals(7, counter.initial()[0]);
    Variable managed =
        module.variables().stream()
            .filter(v -> v.name().equals("shared_with_host"))
            .findFirst()
            .orElseThrow();
    assertEquals(List.of("managed"), managed.attributes());
    Variable functions =
        module.variables().stream()
            .filter(v -> v.name().equals("functions"))
            .findFirst()
            .orElseThrow();
    assertEquals(2, functions.relocations().size());
  }

  @Test
  void a_small_kernel_is_read_as_it_stands() throws IOException, InterruptedException {
    PtxModule module =
        checked(
            CudaToolkit.ptx(
                "extern \"C\" __global__ void __launch_bounds__(128, 3) add(float *x, int n) {"
                    + " int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) x[i] += 1; }",
                "-arch=compute_80"));
    Function kernel = module.function("add");
    assertTrue(kernel.entry());
    assertEquals(Variable.Linkage.VISIBLE, kernel.linkage());
    assertEquals(List.of(8L, 4L), kernel.parameters().stream().map(Variable::size).toList());
    assertEquals(128, kernel.bounds().maxThreads());
    assertEquals(3, kernel.bounds().minBlocksPerMultiprocessor());
    assertEquals("ret", kernel.body().instructions().getLast().opcode());
    Instruction branch =
        kernel.body().instructions().stream()
            .filter(instruction -> instruction.opcode().equals("bra"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        kernel.body().instructions().size() - 1,
        ((Operand.Label) branch.operands().getFirst()).target());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-arch=compute_75",
        "-arch=compute_80",
        "-arch=compute_80 -G",
        "-arch=compute_86 -lineinfo --use_fast_math",
        "-arch=compute_89 -rdc=true",
        "-arch=compute_90 -O0 -lineinfo",
        "-arch=compute_90a -G -rdc=true",
        "-arch=compute_100",
        "-arch=compute_100a -lineinfo",
        "-arch=compute_100f -G",
        "-arch=compute_120 -ftz=true -fmad=false"
      })
  void all_targets_and_options_are_understood(String options)
      throws IOException, InterruptedException {
    assumeTrue(
        Boolean.getBoolean("culebra.exhaustive"),
        "a long run: -Dculebra.exhaustive=true asks for it");
    assertTrue(checked(CudaToolkit.ptx(source(), options.split(" "))).functions().size() > 5);
  }
}
