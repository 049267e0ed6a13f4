package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertDeclarationsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FunctionTest {
  private static Function function(String declaration) {
    return module(declaration).functions().getLast();
  }

  private static Function.LaunchBounds bounds(String directives) {
    return function(".entry k() " + directives + " { ret; }").bounds();
  }

  @Test
  void a_kernel_has_a_name_a_position_and_parameters() {
    Function kernel =
        function(
            """
            .visible .entry _Z1kPfi(
              .param .u64 .ptr .global .align 16 _Z1kPfi_param_0,
              .param .u32 _Z1kPfi_param_1,
              .param .align 8 .b8 _Z1kPfi_param_2[472],
              .param .b8 .align 64 map[128],
              .param .texref texture
            )
            { ret; }
            """);
    assertEquals("_Z1kPfi", kernel.name());
    assertTrue(kernel.entry());
    assertEquals(new SourcePosition(4, 17), kernel.position());
    assertEquals(List.of(), kernel.results());
    List<Variable> parameters = kernel.parameters();
    assertEquals(
        List.of("_Z1kPfi_param_0", "_Z1kPfi_param_1", "_Z1kPfi_param_2", "map", "texture"),
        parameters.stream().map(Variable::name).toList());
    assertEquals(List.of(8L, 4L, 472L, 128L, 8L), parameters.stream().map(Variable::size).toList());
    assertEquals(List.of(8, 4, 8, 64, 8), parameters.stream().map(Variable::alignment).toList());
    assertEquals(new Variable.Pointer(StateSpace.GLOBAL, 16), parameters.getFirst().pointer());
    assertNull(parameters.get(1).pointer());
    assertEquals(StateSpace.PARAM, parameters.get(1).space());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .ptr → → 4
          .ptr .align 1 → → 1
          .ptr .global → GLOBAL → 4
          .ptr .const .align 8 → CONST → 8
          .ptr .shared → SHARED → 4
          .ptr .local .align 2 → LOCAL → 2
          """)
  void what_a_parameter_points_to_is_kept(String attribute, StateSpace space, int alignment) {
    assertEquals(
        new Variable.Pointer(space, alignment),
        function(".entry k(.param .u64 " + attribute + " p) { ret; }")
            .parameters()
            .getFirst()
            .pointer());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".alias f, g;",
        ".global .b32 x;",
        ".visible .entry k() { ret; }",
        ".extern .func h();",
        ".pragma \"nounroll\";"
      })
  void the_next_directive_ends_a_declaration_without_a_semicolon(String next) {
    PtxModule module =
        PtxParser.parse(
            "test.ptx", PtxTexts.HEAD + ".func g() { ret; }\n.visible .func f()\n" + next);
    Function declared =
        module.functions().stream().filter(f -> f.name().equals("f")).findFirst().orElseThrow();
    assertNull(declared.body());
  }

  @Test
  void a_kernel_needs_no_parameters_and_no_parentheses() {
    assertEquals(List.of(), function(".entry k { ret; }").parameters());
    assertEquals(List.of(), function(".entry k() {}").parameters());
    assertEquals(List.of(), function(".entry k() {}").body().instructions());
    assertNull(function(".extern .entry k;").body());
  }

  @Test
  void performance_directives_are_kept() {
    assertEquals(256, bounds(".maxntid 256").maxThreads());
    assertEquals(1024, bounds(".maxntid 16,16,4").maxThreads());
    assertEquals(32, bounds(".maxntid 16, 2").maxThreads());
    assertEquals(List.of(128, 1, 1), bounds(".reqntid 128").required());
    assertEquals(List.of(16, 8, 2), bounds(".reqntid 16, 8, 2").required());
    assertEquals(4, bounds(".maxntid 0x80 .minnctapersm 4").minBlocksPerMultiprocessor());
    assertEquals(5, bounds(".maxnctapersm 5").minBlocksPerMultiprocessor());
    assertEquals(32, bounds(".maxnreg 32").maxRegisters());
    assertEquals(List.of(2, 1, 1), bounds(".reqnctapercluster 2").cluster());
    assertEquals(List.of(2, 3, 1), bounds(".reqnctapercluster 2, 3").cluster());
    assertEquals(8, bounds(".maxclusterrank 8").maxClusterRank());
    assertTrue(bounds(".explicitcluster").explicitCluster());
    assertTrue(bounds(".reqntid 32 .reqnctapercluster 2 .blocksareclusters").blocksAreClusters());
    assertEquals(64, bounds(".pragma \"nounroll\", \"x\"; .maxntid 64").maxThreads());
    assertEquals(Integer.MAX_VALUE, bounds(".maxntid 99999,99999,99999").maxThreads());
  }

  @Test
  void nothing_is_bound_where_nothing_is_said() {
    assertEquals(
        new Function.LaunchBounds(0, List.of(), 0, 0, List.of(), false, 0, false, false),
        bounds(""));
  }

  @Test
  void functions_have_results_and_parameters_in_registers_or_memory() {
    Function registers =
        function(
            ".func (.reg .b32 r, .reg .f32 s) f(.reg .pred p, .reg .v4 .f32 v) { mov.b32 r, 3; }");
    assertFalse(registers.entry());
    assertEquals(List.of("r", "s"), registers.results().stream().map(Variable::name).toList());
    assertEquals(StateSpace.REG, registers.results().getFirst().space());
    assertEquals(
        List.of("r", "s", "p", "v.x", "v.y", "v.z", "v.w"),
        registers.body().registers().stream().map(Operand.Register::name).toList());
    assertEquals(
        registers.body().registers().getFirst(),
        registers.body().instructions().getFirst().operands().getFirst());

    Function memory =
        function(
            """
            .func (.param .align 8 .b8 r[16]) f(.param .b32 n, .param .align 4 .b8 rest[])
            { ld.param.b32 %r1, [rest+4]; }
            """
                .replace("{", "{ .reg .b32 %r1;"));
    assertEquals(16, memory.results().getFirst().size());
    assertEquals(0, memory.parameters().getLast().elements());
    assertEquals(
        new Operand.Address(new Operand.SymbolAddress("rest", 0), 4),
        memory.body().instructions().getFirst().operands().getLast());
  }

  @Test
  void functions_may_say_that_they_do_not_return_and_what_they_preserve() {
    assertTrue(function(".func f() .noreturn { trap; }").bounds().noReturn());
    assertTrue(
        function(".func f(.reg .b32 a) .noreturn .abi_preserve 8 .abi_preserve_control 3;")
            .bounds()
            .noReturn());
    assertNotNull(function(".func .attribute(.unified(0xAB, 0xCD)) f() { ret; }").body());
    assertEquals(List.of(), function(".func () f { ret; }").results());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .entry → 4:7: expected a kernel's name, found the end of the text
          .entry 3 → 4:8: expected a kernel's name, found "3"
          .entry _ → 4:8: expected a kernel's name, found "_"
          .entry k() → 4:11: expected a kernel's body or ";", found the end of the text
          .entry k(.reg .b32 a) {} → 4:10: expected .param, found ".reg"
          .entry k(.param .b8 a[]) {} → 4:21: only the last parameter of a function can be an array without a size
          .entry k(.param .b8 a,) {} → 4:23: expected .param, found ")"
          .entry k(.param .b8 a .param .b8 b) {} → 4:23: expected ")", found ".param"
          .entry k(.param .b8) {} → 4:20: expected a parameter's name, found ")"
          .entry k(.param .b8 _) {} → 4:21: expected a parameter's name, found "_"
          .entry k(.param .b8 a, .param .b8 a) {} → 4:35: a is declared twice here
          .entry k(.param .b8 a = 3) {} → 4:23: expected ")", found "="
          .entry k(.param .pred a) {} → 4:17: .pred is no type that a variable can have here
          .entry k(.param .u64 .ptr .param a) {} → 4:27: expected .global, .const, .shared, .local or .align, found ".param"
          .entry k(.param .u64 .ptr .align 3 a) {} → 4:34: an alignment has to be a power of two, found 3
          .entry (.param .b32 r) k() {} → 4:8: expected a kernel's name, found "("
          .entry k() .maxntid {} → 4:21: expected a number, found "{"
          .entry k() .maxntid 1,2,3,4 {} → 4:26: there are three dimensions at most
          .entry k() .maxntid 0 {} → 4:21: a dimension can't be 0
          .entry k() .maxntid -1 {} → 4:21: expected a number, found "-"
          .entry k() .maxntid 99999999999 {} → 4:21: expected a number, found "99999999999"
          .entry k() .reqntid 32 .maxntid 32 {} → 4:24: a kernel can have .maxntid or .reqntid, not both
          .entry k() .maxntid 32 .reqntid 32 {} → 4:24: a kernel can have .maxntid or .reqntid, not both
          .entry k() .noreturn {} → 4:12: expected a directive of a kernel or its body, found ".noreturn"
          .entry k() .foo {} → 4:12: expected a directive of a kernel or its body, found ".foo"
          .func f() .maxntid 32 {} → 4:11: expected a directive of a function or its body, found ".maxntid"
          .func (.reg .b32 r) f() .noreturn {} → 4:25: a function with results can't be .noreturn
          .func f(.param .b8 a[], .param .b32 b) {} → 4:20: only the last parameter of a function can be an array without a size
          .func f(.reg .b32 a[3]) {} → 4:20: expected ")", found "["
          .func f(.global .b32 a) {} → 4:9: expected .param or .reg, found ".global"
          .func f(.reg .b32 f, .reg .b32 f) {} → 4:32: f is declared twice here
          .func f() → 4:10: expected a function's body or ";", found the end of the text
          """)
  void malformed_heads_are_refused(String text, String message) {
    assertDeclarationsRefused(message, text);
  }
}
