package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertDeclarationsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.body;
import static dev.culebra.emulator.ptx.PtxTexts.kernel;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static dev.culebra.emulator.ptx.PtxTexts.variable;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VariableTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .global .u32 x → GLOBAL → U32 → 1 → 4
          .const .f64 x → CONST → F64 → 1 → 8
          .shared .align 16 .b8 x[33] → SHARED → B8 → 33 → 16
          .align 32 .shared .b8 x[33] → SHARED → B8 → 33 → 32
          .shared .u16 x[19][19] → SHARED → U16 → 361 → 2
          .shared .b32 x[2*3+1] → SHARED → B32 → 7 → 4
          .extern .shared .align 16 .b8 x[] → SHARED → B8 → 0 → 16
          .extern .global .b32 x[][4] → GLOBAL → B32 → 0 → 4
          .global .v4 .f32 x → GLOBAL → F32 → 4 → 16
          .global .v2 .u16 x[3] → GLOBAL → U16 → 6 → 4
          .global .v4 .b8 x → GLOBAL → B8 → 4 → 4
          .global .b128 x → GLOBAL → B128 → 1 → 16
          .global .f16x2 x → GLOBAL → F16X2 → 1 → 4
          .global .texref x → GLOBAL → TEXREF → 1 → 8
          .global .surfref x → GLOBAL → SURFREF → 1 → 8
          .global .samplerref x → GLOBAL → SAMPLERREF → 1 → 8
          """)
  void space_type_elements_and_alignment_are_read(
      String text, StateSpace space, ScalarType type, long elements, int alignment) {
    Variable variable = variable(text + ";");
    assertEquals("x", variable.name());
    assertEquals(space, variable.space());
    assertEquals(type, variable.type());
    assertEquals(elements, variable.elements());
    assertEquals(alignment, variable.alignment());
    assertEquals(elements * type.bytes(), variable.size());
    assertNull(variable.initial());
  }

  @Test
  void one_declaration_may_name_several_variables() {
    PtxModule module = module(".global .u32 a, b[4], c = 3;\n.shared .align 8 .b32 d<3>;");
    assertEquals(
        List.of("a", "b", "c", "d0", "d1", "d2"),
        module.variables().stream().map(Variable::name).toList());
    assertEquals(8, module.variables().getLast().alignment());
    assertEquals(new SourcePosition(4, 17), module.variables().get(1).position());
  }

  @Test
  void attributes_are_kept() {
    assertEquals(List.of("managed"), variable(".global .attribute(.managed) .u32 x;").attributes());
    assertEquals(
        List.of("managed", "unified(171, 205)"),
        variable(".global .align 8 .attribute(.managed, .unified(0xAB, 0xCD)) .u64 x;")
            .attributes());
  }

  @Test
  void functions_have_local_shared_and_parameter_variables() {
    FunctionBody body =
        body(
            ".local .align 8 .b8 depot[32]; .shared .f32 s[2]; .param .b64 a, b; .param .b32"
                + " q<2>;");
    assertEquals(
        List.of("tile", "depot", "s", "a", "b", "q0", "q1"),
        body.variables().stream().map(Variable::name).toList());
    assertEquals(
        List.of(
            StateSpace.SHARED,
            StateSpace.LOCAL,
            StateSpace.SHARED,
            StateSpace.PARAM,
            StateSpace.PARAM,
            StateSpace.PARAM,
            StateSpace.PARAM),
        body.variables().stream().map(Variable::space).toList());
  }

  @Test
  void global_variables_of_functions_become_the_modules() {
    PtxModule module =
        PtxParser.parse(
            "test.ptx",
            kernel(
                ".global .u32 g = 7; .const .u64 c = 1; { .global .u32 g[2]; mov.u64 %rd1, g+4; }"
                    + " mov.u64 %rd2, g;"));
    assertEquals(
        List.of("k.g", "k.c", "k.g$2"), module.variables().stream().map(Variable::name).toList());
    List<Instruction> instructions = module.functions().getFirst().body().instructions();
    assertEquals(new Operand.SymbolAddress("k.g$2", 4), instructions.get(0).operands().get(1));
    assertEquals(new Operand.SymbolAddress("k.g", 0), instructions.get(1).operands().get(1));
  }

  /** Bytes that ptxas 13.0 writes for such a variable. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .u32 x = 42 → 2a000000
          .u8 x = 300 → 2c
          .s8 x = -200 → 38
          .u16 x = 70000 → 7011
          .u64 x = -1 → ffffffffffffffff
          .b64 x = 0x0102030405060708 → 0807060504030201
          .f32 x = 1.0 + 2.5 → 00006040
          .f32 x = 0.1 → cdcccc3d
          .f32 x = 16777217.0 → 0000804b
          .f32 x = 1e-40 → c2160100
          .f32 x = 1e39 → 0000807f
          .f32 x = 0fc0490fdb → db0f49c0
          .f64 x = 1.0 / 3.0 → 555555555555d53f
          .f32 x[2] = {0f3f800000, 0d4000000000000000} → 0000803f00000040
          .f32 x[2] = {1.5, -0.0} → 0000c03f00000080
          .b32 x = 1.5 → 0000c03f
          .b64 x = 1.5 → 000000000000f83f
          .b16 x = 1.0 → 0000
          .b64 x = 0f3f800000 → 0000803f00000000
          .f64 x = 0f3f800000 → 0000803f00000000
          .b8 x[2][2] = {{1, 2}, {3}} → 010203
          .s32 x[3][2] = {{1}, {2, 3}} → 01000000000000000200000003000000
          .b8 x[] = {1, 2, 3} → 010203
          .b8 x[][2] = {{1}, {}, {5, 6}} → 010000000506
          .b8 x[4] = {} → ``
          .v2 .b8 x = {1, 2} → 0102
          .v2 .b16 x[2] = {{1, 2}, {3, 4}} → 0100020003000400
          .v4 .f32 x[1] = {{1.0, 2.0, 3.0, 4.0}} → 0000803f000000400000404000008040
          .u32 x = 0xff00(70000) → 11000000
          .u8 x[3] = {0xff(1000 + 546), 0xff00(131187), 0xFF0000(0x123456)} → 0a0012
          .u32 x = WARP_SZ → 20000000
          """,
      quoteCharacter = '`')
  void initial_values_have_the_bytes_that_ptxas_writes(String text, String bytes) {
    Variable variable = variable(".global " + text + ";");
    assertEquals(bytes, HexFormat.of().formatHex(variable.initial()));
    assertEquals(List.of(), variable.relocations());
  }

  @Test
  void an_open_dimension_is_as_long_as_its_initial_value() {
    assertEquals(3, variable(".global .b8 x[] = {1, 2, 3};").elements());
    assertEquals(8, variable(".const .s32 x[][2] = {{-1, 0}, {0}, {1}, {0, 1}};").elements());
    assertEquals(8, variable(".const .v4 .b8 x[] = {{1,2,3,4},{1,2,3,4}};").elements());
    assertEquals(1, variable(".const .b8 x[] = {7};").elements());
  }

  @Test
  void addresses_in_initial_values_become_relocations() {
    PtxModule module =
        module(
            """
            .global .u32 v[4];
            .const .u32 c = 1;
            .func f() { ret; }
            .entry k() { ret; }
            .global .u64 a[6] = {v, v+4, generic(v), generic(c)+8, f, k};
            .global .u32 b = v+2*2;
            .global .u8 m[4] = {0xff(v), 0xff00(v+4), 0xFF0000(generic(v)+4), 9};
            .global .u32 w = 0xff000000(c);
            """);
    List<Variable> variables = module.variables();
    assertEquals(
        List.of(
            new Variable.Relocation(0, 8, "v", 0, false, 0),
            new Variable.Relocation(8, 8, "v", 4, false, 0),
            new Variable.Relocation(16, 8, "v", 0, true, 0),
            new Variable.Relocation(24, 8, "c", 8, true, 0),
            new Variable.Relocation(32, 8, "f", 0, false, 0),
            new Variable.Relocation(40, 8, "k", 0, false, 0)),
        variables.get(2).relocations());
    assertEquals(48, variables.get(2).initial().length);
    assertEquals(
        List.of(new Variable.Relocation(0, 4, "v", 4, false, 0)), variables.get(3).relocations());
    assertEquals(
        List.of(
            new Variable.Relocation(0, 1, "v", 0, false, 0),
            new Variable.Relocation(1, 1, "v", 4, false, 8),
            new Variable.Relocation(2, 1, "v", 4, true, 16)),
        variables.get(4).relocations());
    assertEquals("00000009", HexFormat.of().formatHex(variables.get(4).initial()));
    assertEquals(
        List.of(new Variable.Relocation(0, 1, "c", 0, false, 24)), variables.get(5).relocations());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .global x → 5:9: expected a type, found "x"
          .global .foo x → 5:9: expected a type, found ".foo"
          .global .u32 → 5:13: expected a variable's name, found the end of the text
          .global .u32 _ → 5:14: expected a variable's name, found "_"
          .global .u32 WARP_SZ → 5:14: expected a variable's name, found "WARP_SZ"
          .global .u32 x → 5:15: expected ";", found the end of the text
          .global .bf16 x → 5:9: .bf16 is no type that a variable can have here
          .global .e4m3 x → 5:9: .e4m3 is no type that a variable can have here
          .global .f32x2 x → 5:9: .f32x2 is no type that a variable can have here
          .global .pred x → 5:9: .pred is no type that a variable can have here
          .shared .texref x → 5:9: .texref is no type that a variable can have here
          .global .v8 .b8 x → 5:9: expected a type, found ".v8"
          .global .v4 .f64 x → 5:13: a vector of .f64 can't have 4 elements
          .global .align 3 .b8 x → 5:16: an alignment has to be a power of two, found 3
          .global .align 0 .b8 x → 5:16: an alignment has to be a power of two, found 0
          .global .align -8 .b8 x → 5:16: an alignment has to be a power of two, found -8
          .align 8 .b8 x → 5:10: expected a state space, found ".b8"
          .global .b8 x[0] → 5:14: an array can't have a dimension of 0
          .global .b8 x[-1] → 5:14: an array can't have a dimension of -1
          .global .b8 x[2][] → 5:18: expected a dimension's size, found "]"
          .global .b8 x[1.5] → 5:15: expected a dimension's size, found a floating number
          .global .b8 x[1<<30][1<<30] → 5:13: array x is too large
          .global .b8 x[] → 5:13: array x has no size
          .global .b8 x<2>[3] → 5:17: a range of variables can have no dimensions and no initial values
          .global .b8 x<2> = 3 → 5:18: a range of variables can have no dimensions and no initial values
          .global .b8 x<9999999> → 5:15: expected a number of names up to 1048576, found "9999999"
          .global .b8 x<y> → 5:15: expected a number of names up to 1048576, found "y"
          .global .attribute(.foo) .b8 x → 5:20: expected .managed or .unified, found ".foo"
          .global .attribute() .b8 x → 5:20: expected .managed or .unified, found ")"
          .extern .global .u32 x = 3 → 5:24: a variable that is .extern can't be initialised
          .shared .u32 x = 3 → 5:16: only variables in .const and .global space can be initialised
          .global .b8 x[4] = 3 → 5:20: expected "{", found "3"
          .global .b8 x = {3} → 5:17: expected a constant, found "{"
          .global .b8 x[2] = {1, 2, 3} → 5:27: more values than the 2 elements that there are
          .global .b8 x[2] = {1, 2,} → 5:26: more values than the 2 elements that there are
          .global .b8 x[4] = {1, 2,} → 5:26: expected a constant, found "}"
          .global .b8 x[2][2] = {1, 2} → 5:24: expected "{", found "1"
          .global .b8 x[] = {} → 5:19: the array's size is left open and no value is given
          .global .v4 .f32 x = {1.0} → 5:26: a vector needs all of its 4 values
          .global .f32 x = 3 → 5:18: a variable of type .f32 can't be initialised with an integer
          .global .u32 x = 3.0 → 5:18: a variable of type .u32 can't be initialised with a floating number
          .global .u32 x = 0f3f800000 → 5:18: a variable of type .u32 can't be initialised with a floating number
          .global .f16 x = 1.0 → 5:18: variables of type .f16 can't be initialised here
          .global .b128 x = 1 → 5:19: variables of type .b128 can't be initialised here
          .global .b8 x[2][200000000] = {{1}, {1}} → 5:39: the module's initial values take more than 134217728 bytes
          .global .u64 x = y → 5:18: unknown name y
          .global .u64 x = x → 5:18: unknown name x
          .global .u64 x = v-4 → 5:19: PTX writes a negative offset +-, as in [%rd1+-8]
          .global .u64 x = 4+v → 5:20: expected a constant, found "v"
          .global .u64 x = generic(v → 5:27: expected ")", found the end of the text
          .global .s64 x = v → 5:18: an address needs a variable of type .u32 or .u64, or .u8 with a mask, not .s64
          .global .u8 x = v → 5:17: an address needs a variable of type .u32 or .u64, or .u8 with a mask, not .u8
          .global .b8 x = 0xff(v) → 5:22: an address needs a variable of type .u32 or .u64, or .u8 with a mask, not .b8
          .global .u8 x = 0xfff(v) → 5:17: a mask has to choose one byte: 0xff, 0xff00 ...
          .global .u8 x = 0xff0(v) → 5:17: a mask has to choose one byte: 0xff, 0xff00 ...
          .global .u8 x = 0(v) → 5:17: a mask has to choose one byte: 0xff, 0xff00 ...
          """)
  void malformed_variables_are_refused(String text, String message) {
    assertDeclarationsRefused(message, ".global .u32 v;\n" + text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          f+4 → f can't be in an initial value: it takes variables in .global and .const space, and functions without generic() and offset
          generic(f) → f can't be in an initial value: it takes variables in .global and .const space, and functions without generic() and offset
          s → s can't be in an initial value: it takes variables in .global and .const space, and functions without generic() and offset
          """)
  void what_has_no_address_there_is_refused_in_initial_values(String value, String message) {
    String refusal =
        PtxTexts.refusal(
            PtxTexts.HEAD + ".func f() { ret; } .shared .b32 s;\n.global .u64 x = " + value + ";");
    assertEquals(message, refusal.substring(refusal.indexOf(": ") + 2));
  }

  @Test
  void registers_have_no_initial_values_and_no_dimensions() {
    assertStatementsRefused("6:13: expected \";\", found \"=\"", ".reg .b32 x = 3;");
    assertStatementsRefused("6:12: expected \";\", found \"[\"", ".reg .b32 x[3];");
    assertStatementsRefused(
        "6:10: .texref is no type that a variable can have here", ".reg .v2 .texref x;");
    assertStatementsRefused("6:10: a vector of .pred can't have 2 elements", ".reg .v2 .pred x;");
    assertStatementsRefused("6:11: expected a register's name, found \"_\"", ".reg .b32 _;");
    assertStatementsRefused("6:11: expected a register's name, found \"$\"", ".reg .b32 $;");
    assertStatementsRefused(
        "6:14: expected a number of names up to 2147483647, found \"2147483648\"",
        ".reg .b32 %q<2147483648>;");
  }
}
