package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.HEAD;
import static dev.culebra.emulator.ptx.PtxTexts.assertDeclarationsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.assertRefused;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModuleTest {
  private static PtxModule parse(String text) {
    return PtxParser.parse("test.ptx", text);
  }

  @Test
  void version_target_and_address_size_are_read() {
    PtxModule module = parse("// made by hand\n.version 8.7 .target sm_90a .address_size 64");
    assertEquals("test.ptx", module.name());
    assertEquals(8, module.versionMajor());
    assertEquals(7, module.versionMinor());
    assertEquals(90, module.targetArchitecture());
    assertEquals("a", module.targetSuffix());
    assertEquals(64, module.addressSize());
    assertEquals(List.of(), module.targetOptions());
    assertEquals(List.of(), module.functions());
    assertEquals(List.of(), module.variables());
  }

  @Test
  void addresses_take_32_bits_where_nothing_is_said() {
    assertEquals(32, parse(".version 6.0\n.target sm_70").addressSize());
  }

  @Test
  void a_target_may_have_options_and_other_spellings() {
    PtxModule module = parse(".version 7.0\n.target compute_80, debug, texmode_independent");
    assertEquals(80, module.targetArchitecture());
    assertEquals("", module.targetSuffix());
    assertEquals(List.of("debug", "texmode_independent"), module.targetOptions());
    PtxModule family = parse(".version 8.8\n.target sm_100f\n.target sm_80\n.target sm_120f");
    assertEquals(120, family.targetArchitecture());
    assertEquals("f", family.targetSuffix());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .target sm_90 → 1:1: expected .version, found ".target"
          .version 8 → 1:10: expected a version such as 8.7, found "8"
          .version 0x8.7 → 1:10: expected a version such as 8.7, found "0x8"
          .version 8.7.1 .target sm_90 → 1:13: expected .target, found ".1"
          .version 1e1 .target sm_90 → 1:10: expected a version such as 8.7, found "1e1"
          .version 10.0 .target sm_90 → 1:10: PTX version 10.0 is not understood; versions 3.0 to 9.x are
          .version 2.3 .target sm_20 → 1:10: PTX version 2.3 is not understood; versions 3.0 to 9.x are
          .version 8.7 .address_size 64 → 1:14: expected .target, found ".address_size"
          .version 8.7 .target → 1:21: expected a target such as sm_90, found the end of the text
          .version 8.7 .target debug → 1:27: .target names no architecture such as sm_90
          .version 8.7 .target sm_90z → 1:22: target sm_90z is not known
          .version 8.7 .target sm_90 .version 8.7 → 1:28: .version stands twice
          .version 8.7 .target sm_90 .address_size 48 → 1:42: expected 32 or 64, found 48
          .version 8.7 .target sm_90 .foo → 1:28: expected a directive of a module, found ".foo"
          .version 8.7 .target sm_90 .tex .u32 t → 1:28: PTX has no .tex space since 1.5: write .global .texref
          .VERSION 8.7 → 1:1: expected .version, found ".VERSION"
          """)
  void what_a_module_begins_with_is_judged(String text, String message) {
    assertRefused(message, text);
  }

  @Test
  void linkage_is_read_for_functions_and_variables() {
    PtxModule module =
        module(
            """
            .global .u32 a;
            .visible .global .u32 b;
            .extern .global .u32 c;
            .weak .global .u32 d;
            .common .global .u32 e;
            .func f() { ret; }
            .visible .entry g() { ret; }
            .extern .func h();
            .weak .func i() { ret; }
            """);
    assertEquals(
        List.of(
            Variable.Linkage.LOCAL,
            Variable.Linkage.VISIBLE,
            Variable.Linkage.EXTERN,
            Variable.Linkage.WEAK,
            Variable.Linkage.COMMON),
        module.variables().stream().map(Variable::linkage).toList());
    assertEquals(
        List.of(
            Variable.Linkage.LOCAL,
            Variable.Linkage.VISIBLE,
            Variable.Linkage.EXTERN,
            Variable.Linkage.WEAK),
        module.functions().stream().map(Function::linkage).toList());
    assertTrue(module.function("g").entry());
    assertNull(module.function("h").body());
    assertNull(module.function("nothing"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .visible .foo → 4:10: expected .entry, .func or a variable's state space, found ".foo"
          .visible → 4:9: expected .entry, .func or a variable's state space, found the end of the text
          .visible .visible .entry k() { ret; } → 4:10: expected .entry, .func or a variable's state space, found ".visible"
          .common .entry k() { ret; } → 4:9: expected .entry, .func or a variable's state space, found ".entry"
          .common .shared .u32 x; → 4:9: a variable that is .common has to be in .global space
          .extern .func f() { ret; } → 4:15: a function that is .extern can't have a body
          .global .u32 x; .global .u32 x; → 4:30: x is declared twice
          .global .u32 x; .func x(); → 4:23: x is defined twice
          .func x(); .global .u32 x; → 4:25: x is declared twice
          .func f() { ret; } .func f() { ret; } → 4:26: f is defined twice
          .func f(.reg .b32 a); .func f() { ret; } → 4:29: f was declared with other parameters before
          .reg .b32 x; → 4:1: variables in this space belong into functions
          .local .b32 x; → 4:1: variables in this space belong into functions
          .param .b32 x; → 4:1: variables in this space belong into functions
          .entry k() { ret; } } → 4:21: expected a directive, found "}"
          .entry k() { ret; } ; → 4:21: expected a directive, found ";"
          """)
  void misplaced_declarations_are_refused(String declarations, String message) {
    assertDeclarationsRefused(message, declarations);
  }

  @Test
  void a_definition_takes_the_place_of_its_declaration() {
    PtxModule module =
        module(
            """
            .func f(.param .b32 a);
            .extern .global .align 8 .b8 x[];
            .visible .entry k() { ret; }
            .func f(.param .b32 b) { ret; }
            .visible .global .align 8 .b8 x[16];
            .extern .global .align 8 .b8 x[];
            """);
    assertEquals(List.of("f", "k"), module.functions().stream().map(Function::name).toList());
    assertEquals("b", module.function("f").parameters().getFirst().name());
    assertEquals(1, module.variables().size());
    assertEquals(16, module.variables().getFirst().elements());
    assertEquals(Variable.Linkage.VISIBLE, module.variables().getFirst().linkage());
  }

  @Test
  void an_alias_stands_for_its_function() {
    PtxModule module =
        module(
            """
            .visible .func foo(.param .u32 p) { ret; }
            .visible .func bar(.param .u32 p);
            .alias bar, foo;
            """);
    assertEquals(Map.of("bar", "foo"), module.aliases());
    assertSame(module.function("foo"), module.function("bar"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .alias g, f; → 4:54: g has to be declared, without a body, to be an alias
          .alias h, g; → 4:57: g is no function with a body
          .alias f, f; → 4:54: f has to be declared, without a body, to be an alias
          .alias k, f; → 4:54: k has to be declared, without a body, to be an alias
          .alias h, k; → 4:57: k is no function with a body
          .alias h f; → 4:56: expected ",", found "f"
          .alias h, f → 4:58: expected ";", found the end of the text
          """)
  void an_alias_is_of_declared_functions(String alias, String message) {
    assertDeclarationsRefused(message, ".func f() {ret;} .entry k() {ret;} .func h(); " + alias);
  }

  @Test
  void debug_sections_files_and_pragmas_are_passed_over() {
    PtxModule module =
        module(
            """
            .pragma "nounroll", "x";
            .file 1 "a.cu", 123, 456
            .file 2 "b.cu"
            .section .debug_info {
              .b32 .debug_abbrev // }
              .b8 -11, 0x2b /* } */
            label: .b64 label+12
            }
            .section .debug_loc { }
            .entry k() { ret; }
            """);
    assertEquals(1, module.functions().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .file a → 4:7: expected a file's number, found "a"
          .file 1 a → 4:9: expected a file's name, found "a"
          .file 1 "a" .file 1 "b" → 4:21: file number 1 is given twice
          .file -1 "a" → 4:7: expected a file's number, found "-"
          .section x {} → 4:10: expected a section's name, found "x"
          .section .x → 4:12: expected "{", found the end of the text
          .pragma x; → 4:9: expected a string, found "x"
          .pragma "x" → 4:12: expected ";", found the end of the text
          """)
  void malformed_files_sections_and_pragmas_are_refused(String text, String message) {
    assertDeclarationsRefused(message, text);
  }

  @Test
  void windows_line_ends_are_blanks() {
    assertEquals(90, parse(HEAD.replace("\n", "\r\n")).targetArchitecture());
    assertRefused("4:2: expected a directive, found \"x\"", HEAD.replace("\n", "\r\n") + " x");
  }
}
