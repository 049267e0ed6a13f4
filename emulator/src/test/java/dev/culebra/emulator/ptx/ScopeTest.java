package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.body;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScopeTest {
  private static List<Operand> target(FunctionBody body, int instruction) {
    return body.instructions().get(instruction).operands();
  }

  private static List<Operand> label(String name, int target) {
    return List.of(new Operand.Label(name, target));
  }

  private static String register(FunctionBody body, int instruction, int operand) {
    return ((Operand.Register) body.instructions().get(instruction).operands().get(operand)).name();
  }

  @Test
  void labels_are_found_before_and_behind_the_branch() {
    FunctionBody body = body("A: B: bra C; bra.uni A; C: ret; @%p1 bra D; D:");
    assertEquals(label("C", 2), target(body, 0));
    assertEquals(label("A", 0), target(body, 1));
    assertEquals(label("D", 4), target(body, 3));
    assertEquals(4, body.instructions().size());
  }

  @Test
  void a_scope_has_labels_registers_and_variables_of_its_own() {
    String inline =
        """
        { .reg .pred p; .reg .b32 t; .shared .b32 s;
          setp.eq.u32 p, t, 3;
          @p bra DONE;
        LAB_WAIT:
          mov.u32 t, s;
          bra LAB_WAIT;
        DONE: }
        """;
    FunctionBody body = body(inline + inline);
    assertEquals(label("DONE", 4), target(body, 1));
    assertEquals(label("LAB_WAIT", 2), target(body, 3));
    assertEquals(label("DONE", 8), target(body, 5));
    assertEquals(label("LAB_WAIT", 6), target(body, 7));
    assertEquals("p", body.instructions().get(1).guard().predicate().name());
    assertEquals("p$2", body.instructions().get(5).guard().predicate().name());
    assertEquals("t", register(body, 2, 0));
    assertEquals("t$2", register(body, 6, 0));
    assertEquals(new Operand.SymbolAddress("s$2", 0), target(body, 6).get(1));
    assertEquals(
        List.of("tile", "s", "s$2"), body.variables().stream().map(Variable::name).toList());
  }

  @Test
  void inner_names_hide_outer_ones_and_only_inside() {
    FunctionBody body =
        body(
            """
            .reg .b32 x; .reg .b32 y<2>;
            mov.b32 x, y1;
            { .reg .f32 x; .reg .f32 y<2>; mov.f32 x, y1; { .shared .b32 x; mov.u32 y1, x; } }
            mov.b32 x, y1;
            """);
    assertEquals("x", register(body, 0, 0));
    assertEquals("y1", register(body, 0, 1));
    assertEquals("x$2", register(body, 1, 0));
    assertEquals("y1$2", register(body, 1, 1));
    assertEquals("y1$2", register(body, 2, 0));
    assertEquals(new Operand.SymbolAddress("x$3", 0), target(body, 2).get(1));
    assertEquals("x", register(body, 3, 0));
    assertEquals("y1", register(body, 3, 1));
    assertEquals(ScalarType.F32, body.registers().get(2).type());
  }

  @Test
  void a_branch_may_leave_scopes_but_not_enter_them() {
    FunctionBody body = body("{ { bra OUT; } OUT: ret; } bra OUT; OUT: ret; { bra OUT; }");
    assertEquals(label("OUT", 1), target(body, 0));
    assertEquals(label("OUT", 3), target(body, 2));
    assertEquals(label("OUT", 3), target(body, 4));
    assertStatementsRefused("6:5: there is no label IN in reach", "bra IN; { IN: ret; }");
    assertStatementsRefused("6:21: there is no label IN in reach", "{ IN: ret; } { bra  IN; }");
  }

  @Test
  void an_inner_label_that_follows_is_nearer_than_an_outer_one_before() {
    FunctionBody body = body("L: { bra L; ret; L: ret; }");
    assertEquals(label("L", 2), target(body, 0));
  }

  @Test
  void names_of_functions_and_of_the_module_can_be_hidden() {
    PtxModule module =
        module(
            """
            .global .u32 g; .global .u32 x$2; .func f() { ret; }
            .entry k(.param .u32 x) {
              .reg .b64 %rd1;
              mov.u64 %rd1, g;
              { .shared .b32 g; .reg .b64 f; mov.u64 f, g; }
              { .shared .b32 x; mov.u64 %rd1, x; }
              mov.u64 %rd1, x;
              f: bra f;
            }
            """);
    FunctionBody body = module.function("k").body();
    assertEquals(new Operand.SymbolAddress("g", 0), target(body, 0).get(1));
    assertEquals(new Operand.SymbolAddress("g$2", 0), target(body, 1).get(1));
    assertEquals("f$2", register(body, 1, 0));
    assertEquals(new Operand.SymbolAddress("x$3", 0), target(body, 2).get(1));
    assertEquals(new Operand.SymbolAddress("x", 0), target(body, 3).get(1));
    assertEquals(label("f", 4), target(body, 4));
  }

  @Test
  void parameters_keep_their_names_whatever_the_module_calls_so() {
    PtxModule module = module(".global .u32 a; .entry k(.param .u32 a) { st.u32 [a], 3; }");
    assertEquals("a", module.function("k").parameters().getFirst().name());
    assertEquals(
        new Operand.Address(new Operand.SymbolAddress("a", 0), 0),
        target(module.function("k").body(), 0).getFirst());
  }

  @Test
  void unique_names_meet_no_name_that_is_there() {
    FunctionBody body = body(".reg .b32 a, a$2; mov.b32 a, a$2; { .reg .b32 a; mov.b32 a, 3; }");
    assertEquals("a$3", register(body, 1, 0));
    FunctionBody later =
        body("{ .reg .b32 b; { .reg .b32 b; mov.b32 b, 3; } .reg .b32 b$2;" + " mov.b32 b$2, b; }");
    assertEquals(3, later.registers().stream().map(Operand.Register::name).distinct().count());
    assertNotEquals(register(later, 0, 0), register(later, 1, 0));
  }

  @Test
  void ranges_declare_names_with_numbers() {
    FunctionBody body =
        body(".reg .b32 %a<2000000000>, %b1<12>; mov.b32 %a1999999999, %b111; mov.b32 %a0, %b10;");
    assertEquals(
        List.of("%a1999999999", "%b111", "%a0", "%b10"),
        body.registers().stream().map(Operand.Register::name).toList());
    assertStatementsRefused("6:27: unknown name %a3", ".reg .b32 %a<3>; mov.b32  %a3, 1;");
    assertStatementsRefused(
        "6:29: unknown name %a-".replace("-", "99999999999"),
        ".reg .b32 %a<999>; mov.b32  %a99999999999, 1;");
    assertEquals(0, body(".reg .b32 %z<0>;").registers().size());
  }

  @Test
  void branch_targets_are_labels_in_reach() {
    FunctionBody body =
        body(
            """
            T: .branchtargets A, N<2>, B;
            A: ret;
            @%p1 brx.idx.uni %r1, T;
            N0: ret; N1: ret;
            { U: .branchtargets A, A; brx.idx %r2, U; }
            B:
            """);
    assertEquals(
        List.of(
            new Operand.Label("A", 0),
            new Operand.Label("N0", 2),
            new Operand.Label("N1", 3),
            new Operand.Label("B", 5)),
        body.branchTargets().get("T"));
    assertEquals(new Operand.DirectiveLabel("T"), target(body, 1).get(1));
    assertEquals(
        List.of(new Operand.Label("A", 0), new Operand.Label("A", 0)),
        body.branchTargets().get("U"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .reg .b32 a; .reg .b32 a; → 6:24: register a is declared twice here
          .reg .b32 a, a; → 6:14: register a is declared twice here
          .reg .b32 %r3; → 6:11: register %r3 is declared twice here
          .reg .b32 %r<3>; → 6:11: register %r is declared twice here
          .reg .b32 a2; .reg .b32 a<3>; → 6:25: register a is declared twice here
          .reg .b32 a<3>; .reg .b32 a2; → 6:27: register a2 is declared twice here
          .reg .b32 a<3>; .shared .b32 a2; → 6:30: a2 is declared twice here
          .reg .b32 a; .shared .b32 a; → 6:27: a is declared twice here
          .reg .b32 pointer; → 6:11: register pointer is declared twice here
          .shared .b32 pointer; → 6:14: pointer is declared twice here
          L: L: → 6:4: L is declared twice here
          .reg .b32 L; L: → 6:14: L is declared twice here
          L: .reg .b32 L; → 6:14: register L is declared twice here
          bra L; → 6:5: there is no label L in reach
          bra %r1; → 6:5: there is no label %r1 in reach
          bra L, M; L: M: → 6:6: expected ";", found ","
          bra L+4; L: → 6:6: expected ";", found "+"
          bra; → 6:4: expected a label, found ";"
          T: .branchtargets; → 6:18: expected a label, found ";"
          T: .branchtargets A; → 6:19: there is no label A in reach
          T: .branchtargets A<2>; A0: → 6:19: there is no label A1 in reach
          T: .branchtargets A<2000000>; → 6:21: expected a number of names up to 1048576, found "2000000"
          T: .branchtargets A B; → 6:21: expected ";", found "B"
          T: .branchtargets A; A: T: ret; → 6:25: T is declared twice here
          A: brx.idx %r1, A; → 6:17: expected the label of a .branchtargets, found "A"
          brx.idx %r1, T; T: .branchtargets A; A: → 6:14: expected the label of a .branchtargets, found "T"
          brx.idx T; → 6:9: unknown name T
          brx.idx 3, T; → 6:9: expected an index, found "3"
          brx.idx %r1; → 6:12: expected ",", found ";"
          """)
  void names_that_clash_or_lead_nowhere_are_refused(String statements, String message) {
    assertStatementsRefused(message, statements);
  }

  @Test
  void deep_nesting_is_refused_and_shallow_is_not() {
    assertEquals(1, body("{".repeat(90) + "ret;" + "}".repeat(90)).instructions().size());
    assertStatementsRefused("6:100: scopes are nested more than 100 deep", "{".repeat(99_999));
  }
}
