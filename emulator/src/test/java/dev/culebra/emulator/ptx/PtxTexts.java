package dev.culebra.emulator.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** Short ways to parse pieces of PTX in tests. */
final class PtxTexts {
  /** Three lines: what {@link #module} adds begins in line 4. */
  static final String HEAD =
      """
      .version 9.0
      .target sm_90a
      .address_size 64
      """;

  private static final String REGISTERS =
      ".reg .pred %p<4>; .reg .b16 %rs<9>; .reg .b32 %r<20>; .reg .f32 %f<20>;"
          + " .reg .b64 %rd<9>; .reg .f64 %fd<4>; .shared .align 8 .b8 tile[64];\n";

  private PtxTexts() {}

  static PtxModule module(String declarations) {
    return PtxParser.parse("test.ptx", HEAD + declarations);
  }

  /** A module with a kernel k whose statements begin in line 6. */
  static String kernel(String statements) {
    return HEAD
        + ".visible .entry k(.param .u64 pointer, .param .align 8 .b8 pair[16]) {\n"
        + REGISTERS
        + statements
        + "\n}\n";
  }

  static FunctionBody body(String statements) {
    return PtxParser.parse("test.ptx", kernel(statements)).functions().getFirst().body();
  }

  /** The last instruction of some statements. */
  static Instruction instruction(String statements) {
    return body(statements).instructions().getLast();
  }

  static List<Operand> operands(String statements) {
    return instruction(statements).operands();
  }

  /** The only variable of a module. */
  static Variable variable(String declaration) {
    List<Variable> variables = module(declaration).variables();
    assertEquals(1, variables.size());
    return variables.getFirst();
  }

  /** What a text is refused with: {@code line:column: message}. */
  static String refusal(String text) {
    PtxException refused =
        assertThrows(PtxException.class, () -> PtxParser.parse("test.ptx", text), text);
    String message = refused.getMessage();
    assertTrue(message.startsWith("test.ptx:" + refused.position() + ": "), message);
    assertEquals(1, message.lines().count(), message);
    return message.substring("test.ptx:".length());
  }

  static void assertRefused(String expected, String text) {
    assertEquals(expected, refusal(text), text);
  }

  /** Statements of a kernel, the first in line 6, are refused so. */
  static void assertStatementsRefused(String expected, String statements) {
    assertRefused(expected, kernel(statements));
  }

  /** Declarations of a module, the first in line 4, are refused so. */
  static void assertDeclarationsRefused(String expected, String declarations) {
    assertRefused(expected, HEAD + declarations);
  }
}
