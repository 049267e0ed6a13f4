package dev.culebra.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What jextract read in the headers is what a C compiler reads in them. */
class HeaderComparisonTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/culebra/bindings");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "cuda, cuda.h cudaProfiler.h, cuda_h, 500, 50",
    "cublas, cublas_v2.h, cublas_h, 50, 0",
    "cublaslt, cublasLt.h, cublasLt_h, 300, 5",
    "nccl, nccl.h, nccl_h, 20, 1",
    "nvrtc, nvrtc.h, nvrtc_h, 10, 0",
    "dnnl, oneapi/dnnl/dnnl.h, dnnl_h, 200, 2"
  })
  void sizes_offsets_and_constants_are_those_of_the_c_compiler(
      String library, String headers, String headerClass, int leastConstants, int leastStructs)
      throws Exception {
    assumeTrue(onPath("gcc"), "no gcc on the PATH");
    List<Path> includes = includeFolders(library);
    for (String header : headers.split(" ")) {
      assumeTrue(
          includes.stream().anyMatch(include -> Files.exists(include.resolve(header))),
          () -> "no " + header + " in " + includes);
    }

    Map<String, Long> constants = constants(library, headerClass);
    Map<String, Long> layouts = layouts(library);
    assertTrue(constants.size() >= leastConstants, "only " + constants.size() + " constants found");
    long structs = layouts.keySet().stream().filter(key -> key.startsWith("sizeof")).count();
    assertTrue(structs >= leastStructs, "only " + structs + " structs found");

    Map<String, Long> expressions = new TreeMap<>(constants);
    expressions.putAll(layouts);
    assertEquals(compiled(headers, includes, expressions.keySet()), expressions);
  }

  /** Values of the constants, by name; C functions without parameters look alike but have more. */
  private static Map<String, Long> constants(String library, String headerClass) throws Exception {
    Class<?> type = Class.forName("dev.culebra.bindings." + library + "." + headerClass);
    Set<String> names =
        Arrays.stream(type.getMethods()).map(Method::getName).collect(Collectors.toSet());
    Map<String, Long> constants = new TreeMap<>();
    for (Method method : type.getMethods()) {
      boolean integer = method.getReturnType() == int.class || method.getReturnType() == long.class;
      if (Modifier.isStatic(method.getModifiers())
          && method.getParameterCount() == 0
          && integer
          && !names.contains(method.getName() + "$descriptor")) {
        method.setAccessible(true); // it is inherited from a class that is not public
        constants.put(method.getName(), ((Number) method.invoke(null)).longValue());
      }
    }
    return constants;
  }

  /** Sizes of structs and unions and offsets of their members, by C expression. */
  private static Map<String, Long> layouts(String library) throws Exception {
    Map<String, Long> layouts = new TreeMap<>();
    for (Path file : list(SOURCES.resolve(library))) {
      String name = file.getFileName().toString().replace(".java", "");
      String source = Files.readString(file);
      String c =
          source.contains(" * struct " + name + " {")
              ? "struct " + name
              : source.contains(" * union " + name + " {") ? "union " + name : name;
      Class<?> type = Class.forName("dev.culebra.bindings." + library + "." + name);
      if (!source.contains("GroupLayout layout()")) {
        continue;
      }
      GroupLayout layout = (GroupLayout) type.getMethod("layout").invoke(null);
      layouts.put("sizeof(" + c + ")", layout.byteSize());
      for (var member : layout.memberLayouts()) {
        if (member.name().isPresent() && !member.name().get().contains("$")) {
          String field = member.name().get();
          layouts.put(
              "offsetof(" + c + ", " + field + ")",
              layout.byteOffset(PathElement.groupElement(field)));
        }
      }
    }
    return layouts;
  }

  /** What a C program that includes the headers prints for each expression. */
  private Map<String, Long> compiled(String headers, List<Path> includes, Set<String> expressions)
      throws Exception {
    StringBuilder program = new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n");
    for (String header : headers.split(" ")) {
      program.append("#include <").append(header).append(">\n");
    }
    program.append("int main(void) {\n");
    for (String expression : expressions) {
      program.append("printf(\"%lld\\n\", (long long)(" + expression + "));\n");
    }
    Files.writeString(folder.resolve("values.c"), program.append("}\n"));
    List<String> compiler = new ArrayList<>(List.of("gcc", "-w", "-o", "values", "values.c"));
    includes.forEach(include -> compiler.addAll(List.of("-I", include.toString())));
    run(compiler);
    String[] printed = run(List.of(folder.resolve("values").toString())).split("\n");
    Map<String, Long> values = new TreeMap<>();
    for (String expression : expressions) {
      values.put(expression, Long.parseLong(printed[values.size()]));
    }
    return values;
  }

  private String run(List<String> command) throws Exception {
    Path output = folder.resolve("output");
    int status =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
            .waitFor();
    String text = Files.readString(output);
    assertEquals(0, status, () -> command + " failed:\n" + text);
    return text;
  }

  private List<Path> includeFolders(String library) throws IOException {
    if (library.equals("dnnl")) {
      return List.of(oneDnnHeaders());
    }
    List<Path> folders = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      if (System.getenv(variable) != null) {
        folders.add(Path.of(System.getenv(variable), "include"));
      }
    }
    for (Path toolkit : list(Path.of("/usr/local"))) {
      if (toolkit.getFileName().toString().startsWith("cuda")) {
        folders.add(toolkit.resolve("include"));
        folders.add(toolkit.resolve("targets/x86_64-linux/include"));
      }
    }
    return folders.stream().filter(Files::isDirectory).toList();
  }

  /** oneDNN's headers, out of its artifact. */
  private Path oneDnnHeaders() throws IOException {
    String inside = "org/bytedeco/dnnl/linux-x86_64/include/";
    URL resource = HeaderComparisonTest.class.getResource("/" + inside + "oneapi/dnnl/dnnl.h");
    assumeTrue(resource != null, "no oneDNN headers on the class path");
    try (var jar = ((JarURLConnection) resource.openConnection()).getJarFile()) {
      for (var entry : jar.stream().filter(e -> e.getName().startsWith(inside)).toList()) {
        Path file = folder.resolve("include").resolve(entry.getName().substring(inside.length()));
        if (!entry.isDirectory()) {
          Files.createDirectories(file.getParent());
          try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, file);
          }
        }
      }
    }
    return folder.resolve("include");
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.sorted().toList();
    }
  }
}
