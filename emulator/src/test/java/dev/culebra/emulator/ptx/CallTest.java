package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.HEAD;
import static dev.culebra.emulator.ptx.PtxTexts.assertRefused;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CallTest {
  /** Functions in line 4 of a module; statements that follow stand in line 5. */
  private static final String FUNCTIONS =
      ".func f0(); .func (.reg .b32 r) f1(.reg .b32 a); .func open(.param .b32 n, .param .b8 m[]);"
          + " .func (.param .b32 r) fp(.param .b32 a, .param .align 8 .b8 s[16]);\n";

  private static String kernel(String statements) {
    return FUNCTIONS
        + ".entry k() { .reg .pred %p<2>; .reg .b32 %r<9>; .reg .b64 %rd<9>;\n"
        + statements
        + "\n}";
  }

  private static FunctionBody body(String statements) {
    return module(kernel(statements)).function("k").body();
  }

  /** Operands of the last instruction of some statements. */
  private static List<Operand> operands(String statements) {
    return body(statements).instructions().getLast().operands();
  }

  private static Operand.Arguments arguments(Operand... elements) {
    return new Operand.Arguments(List.of(elements));
  }

  private static Operand.SymbolAddress symbol(String name) {
    return new Operand.SymbolAddress(name, 0);
  }

  private static Operand.Register r(int number, int index) {
    return new Operand.Register("%r" + number, ScalarType.B32, index);
  }

  @Test
  void direct_calls_name_results_function_and_arguments() {
    List<Operand> bare = List.of(arguments(), symbol("f0"), arguments());
    assertEquals(bare, operands("call f0;"));
    assertEquals(bare, operands("call.uni f0, ();"));
    assertEquals(bare, operands("call (), f0, ();"));
    assertEquals(bare, operands("@%p1 call (), f0;"));
    assertEquals(
        List.of(arguments(r(1, 0)), symbol("f1"), arguments(r(2, 1))),
        operands("call (%r1), f1, (%r2);"));
    assertEquals(
        List.of(
            arguments(new Operand.Sink()), symbol("f1"), arguments(new Operand.IntegerConstant(7))),
        operands("call (_), f1, (3+4);"));
  }

  @Test
  void parameters_of_calls_in_blocks_of_their_own_have_unique_names() {
    String block =
        "{ .param .b32 a; .param .align 8 .b8 s[16]; .param .b32 z;"
            + " st.param.b32 [a], %r1; call.uni (z), fp, (a, s); ld.param.b32 %r2, [z]; }\n";
    FunctionBody body = body(block + block);
    assertEquals(
        List.of("a", "s", "z", "a$2", "s$2", "z$2"),
        body.variables().stream().map(Variable::name).toList());
    assertEquals(
        List.of(arguments(symbol("z$2")), symbol("fp"), arguments(symbol("a$2"), symbol("s$2"))),
        body.instructions().get(4).operands());
    assertEquals(
        new Operand.Address(symbol("a$2"), 0), body.instructions().get(3).operands().getFirst());
  }

  @Test
  void an_array_without_a_size_may_be_left_out() {
    assertEquals(
        List.of(arguments(), symbol("open"), arguments(symbol("n"))),
        operands(".param .b32 n; call open, (n);"));
    assertEquals(
        List.of(arguments(), symbol("open"), arguments(symbol("n"), symbol("m"))),
        operands(".param .b32 n; .param .b8 m[7]; call open, (n, m);"));
  }

  @Test
  void indirect_calls_name_a_prototype_or_targets() {
    FunctionBody body =
        body(
            """
            P: .callprototype (.reg .b32 _) _ (.reg .b32 x);
            T: .calltargets f1;
            mov.u64 %rd1, f1;
            call (%r1), %rd1, (%r2), P;
            @%p1 call (%r1), %rd1, (%r2), T;
            """);
    Operand.Register rd1 = new Operand.Register("%rd1", ScalarType.B64, 0);
    assertEquals(symbol("f1"), body.instructions().get(0).operands().get(1));
    assertEquals(
        List.of(arguments(r(1, 1)), rd1, arguments(r(2, 2)), new Operand.DirectiveLabel("P")),
        body.instructions().get(1).operands());
    assertEquals(new Operand.DirectiveLabel("T"), body.instructions().get(2).operands().getLast());
    FunctionBody.Prototype prototype = body.prototypes().get("P");
    assertEquals("_", prototype.results().getFirst().name());
    assertEquals("x", prototype.parameters().getFirst().name());
    assertEquals(List.of("f1"), body.callTargets().get("T"));
  }

  @Test
  void prototypes_may_lack_results_parameters_or_parentheses() {
    FunctionBody body =
        body(
            """
            A: .callprototype _;
            B: .callprototype ()_ ();
            C: .callprototype _ (.param .align 8 .b8 _[12], .param .b32 _) .noreturn .abi_preserve 3;
            D: .callprototype (.param .b32 _) _ (.param .b8 _[]);
            call %rd1, A; call (), %rd1, (), B;
            """);
    assertEquals(List.of(), body.prototypes().get("A").parameters());
    assertEquals(List.of(), body.prototypes().get("B").results());
    assertEquals(12, body.prototypes().get("C").parameters().getFirst().size());
    assertEquals(0, body.prototypes().get("D").parameters().getFirst().elements());
    assertEquals(
        List.of(
            arguments(),
            new Operand.Register("%rd1", ScalarType.B64, 0),
            arguments(),
            new Operand.DirectiveLabel("A")),
        body.instructions().getFirst().operands());
  }

  @Test
  void directives_in_scopes_of_their_own_have_unique_names() {
    String block = "{ P: .callprototype _ (); call %rd1, (), P; }";
    FunctionBody body = body(block + block);
    assertEquals(List.of("P", "P$2"), List.copyOf(body.prototypes().keySet()));
    assertEquals(
        new Operand.DirectiveLabel("P$2"), body.instructions().getLast().operands().getLast());
  }

  @Test
  void a_function_may_call_itself() {
    PtxModule module = module(".func f(.reg .b32 a) { call f, (a); }");
    assertEquals(
        symbol("f"), module.function("f").body().instructions().getFirst().operands().get(1));
    assertNull(module.function("k"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          call; → 6:5: expected a function, found ";"
          call 5; → 6:6: expected a function, found "5"
          call nothing; → 6:6: unknown name nothing
          call f1; → 6:6: the call passes 0 arguments for 0 results, the function takes 1 for 1
          call f1, (3); → 6:6: the call passes 1 arguments for 0 results, the function takes 1 for 1
          call (%r1), f0; → 6:6: the call passes 0 arguments for 1 results, the function takes 0 for 0
          call (%r1), f1, (1, 2); → 6:6: the call passes 2 arguments for 1 results, the function takes 1 for 1
          call open, (1, 2, 3); → 6:6: the call passes 3 arguments for 0 results, the function takes 2 for 0
          call (%r1) f1; → 6:12: expected ",", found "f1"
          call (%r1), f1, (%r2; → 6:21: expected ")", found ";"
          call (%r1), f1, (%r2), f1; → 6:24: expected the label of a .callprototype or .calltargets, found "f1"
          call %rd1; → 6:10: expected "," and the label of a .callprototype or .calltargets, found ";"
          call (%r1), %rd1, (%r2); → 6:24: expected "," and the label of a .callprototype or .calltargets, found ";"
          call %rd1, P; P: .callprototype _; → 6:12: expected the label of a .callprototype or .calltargets, found "P"
          P: .callprototype _; call %rd1, (3), P; → 6:27: the call passes 1 arguments for 0 results, the function takes 0 for 0
          call [%rd1]; → 6:6: expected a function, found "["
          .param .b32 v; call v; → 6:21: expected a function or a register that holds its address
          P: .callprototype foo (); → 6:19: expected "_", found "foo"
          P: .callprototype (.param .b32 _) _ .noreturn; → 6:37: a function with results can't be .noreturn
          P: .callprototype _ (.param .b32 _) → 7:1: expected ";", found "}"
          P: .callprototype _; P: .callprototype _; → 6:22: P is declared twice here
          P: .callprototype _; P: ret; → 6:22: P is declared twice here
          T: .calltargets nothing; → 6:17: there is no function nothing
          T: .calltargets f0, f1; → 6:21: f1 takes other parameters than the functions before it
          T: .calltargets f0; brx.idx %r1, T; → 6:34: expected the label of a .branchtargets, found "T"
          """)
  void calls_that_fit_no_function_are_refused(String statements, String message) {
    assertRefused(message, HEAD + kernel(statements));
  }
}
