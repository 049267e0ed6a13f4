package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.HEAD;
import static dev.culebra.emulator.ptx.PtxTexts.assertDeclarationsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.assertRefused;
import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.body;
import static dev.culebra.emulator.ptx.PtxTexts.instruction;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static dev.culebra.emulator.ptx.PtxTexts.operands;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LexerTest {
  private static Operand.FloatConstant number(String literal) {
    return (Operand.FloatConstant) operands("mov.b64 %rd1, " + literal + ";").get(1);
  }

  @Test
  void comments_line_markers_and_blanks_separate_tokens() {
    Instruction instruction =
        instruction("/* a\n * b */mov.b32// c\r\n%r1\t,\f/**/3\n# 12 \"kernel.cu\"\n#line 7\n;");
    assertEquals("mov.b32", instruction.spelling());
    assertEquals(new SourcePosition(7, 8), instruction.position());
    assertEquals(new Operand.IntegerConstant(3), instruction.operands().get(1));
  }

  @Test
  void old_dwarf_lines_are_comments() {
    assertEquals(1, body("@@DWARF .byte 0x2b, 0x00\nret;").instructions().size());
  }

  @Test
  void blanks_may_stand_within_an_opcode_but_not_within_a_modifier() {
    assertEquals(
        List.of("shared::cta", "u32"), instruction("ld .shared::cta .u32 %r1, [%r2];").modifiers());
    assertStatementsRefused(
        "6:11: expected an operand, found \":\"", "ld.shared : :cta.u32 %r1, [%r2];");
  }

  @Test
  void modifiers_may_begin_with_digits() {
    assertEquals(
        List.of("2d", "v4", "f32", "f32"), instruction("foo.2d.v4.f32.f32 %r1, %r2;").modifiers());
    assertEquals(
        List.of("L2::128B", "16x64b"), instruction("foo.L2::128B.16x64b %r1;").modifiers());
  }

  @Test
  void names_may_hold_dollars_underscores_percents_and_digits() {
    FunctionBody body = body(".reg .b32 $a_1, _b$, %c0, d$$; mov.b32 $a_1, _b$; mov.b32 %c0, d$$;");
    assertEquals(
        List.of("$a_1", "_b$", "%c0", "d$$"),
        body.registers().stream().map(Operand.Register::name).toList());
  }

  @Test
  void opcodes_are_no_reserved_names() {
    assertEquals("add.s32", instruction(".reg .b32 add; mov: add.s32 add, add, add;").spelling());
  }

  @Test
  void exact_numbers_keep_their_bits() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 50; i++) {
      int single = random.nextInt();
      Operand.FloatConstant f = number(String.format("0f%08X", single));
      assertEquals(Integer.toUnsignedLong(single), f.bits(), "seed " + seed);
      assertEquals(ScalarType.F32, f.type());
      assertEquals((double) Float.intBitsToFloat(single), f.value(), "seed " + seed);
      long wide = random.nextLong();
      Operand.FloatConstant d = number(String.format("0D%016x", wide));
      assertEquals(wide, d.bits(), "seed " + seed);
      assertEquals(ScalarType.F64, d.type());
      assertEquals(Double.longBitsToDouble(wide), d.value(), "seed " + seed);
    }
  }

  @Test
  void decimal_numbers_are_doubles() {
    for (String literal : List.of("1.5", ".5", "5.", "1e5", "1.e-5", "1.25E+3", "0.1", "08.5")) {
      assertEquals(Double.parseDouble(literal), number(literal).value(), literal);
      assertEquals(ScalarType.F64, number(literal).type(), literal);
    }
  }

  @Test
  void a_register_named_by_a_remainder_sign_is_no_operator() {
    assertEquals(new Operand.IntegerConstant(1), operands("mov.b32 %r1, 7 % 3;").get(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          08 → malformed number 08
          0x → malformed number 0x
          0xg → malformed number 0xg
          0b2 → malformed number 0b2
          12abc → malformed number 12abc
          12u → malformed number 12u
          12UL → malformed number 12UL
          1.5U → malformed number 1.5U
          1e5x → malformed number 1e5x
          0f3f8 → number that has to have 8 hexadecimal digits: 0f3f8
          0f3f8000000 → number that has to have 8 hexadecimal digits: 0f3f8000000
          0d3f → number that has to have 16 hexadecimal digits: 0d3f
          0x10000000000000000 → number that takes more than 64 bits: 0x10000000000000000
          18446744073709551616 → number that takes more than 64 bits: 18446744073709551616
          1e400 → number too large for 64 bits: 1e400
          """)
  void malformed_numbers_are_refused(String literal, String message) {
    assertStatementsRefused("6:14: " + message, "mov.b32  %r1," + literal + ";");
  }

  @Test
  void characters_that_are_no_tokens_are_refused() {
    for (String character : List.of("'", "\\", "`", "#")) {
      assertStatementsRefused(
          "6:14: unexpected character \"" + character + '"', "mov.b32 %r1, " + character + ";");
    }
    assertStatementsRefused("6:14: unexpected character U+00E9", "mov.b32 %r1, é;");
    assertStatementsRefused("6:14: unexpected character U+0001", "mov.b32 %r1, \1;");
    assertStatementsRefused("6:14: unexpected character U+D83D", "mov.b32 %r1, \uD83D\uDE00;");
  }

  @Test
  void what_is_opened_has_to_be_closed() {
    assertDeclarationsRefused("5:3: \"/*\" is never closed", "\n  /* a\n b");
    assertDeclarationsRefused("4:9: the string is not closed in its line", ".file 1 \"a.cu\n\"");
    assertDeclarationsRefused("4:9: the string is not closed in its line", ".file 1 \"a.cu");
    assertDeclarationsRefused("4:19: \"{\" is never closed", ".section .debug_x {.b8 1, 2");
    assertDeclarationsRefused("4:13: \"{\" is never closed", ".entry e() \t{ ret; { ret; }");
    assertDeclarationsRefused("4:1: expected a name after \".\"", ". visible");
  }

  @Test
  void strings_take_backslashes_as_they_are() {
    SourceLine line =
        module(".file 1 \"C:\\dir\\\"\n.entry k() {\n.loc 1 2 3\nret;\n}")
            .function("k")
            .body()
            .instructions()
            .getFirst()
            .source();
    assertEquals("C:\\dir\\", line.file());
  }

  @Test
  void names_stay_apart_however_many_there_are() {
    StringBuilder text = new StringBuilder();
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      text.append(".reg .b32 n").append(i * 7_919L % 99_991).append("x; ");
    }
    for (int i = 0; i < count; i++) {
      text.append("mov.b32 n").append(i * 7_919L % 99_991).append("x, ").append(i).append(";\n");
    }
    FunctionBody body = body(text.toString());
    for (int i = 0; i < count; i++) {
      Instruction instruction = body.instructions().get(i);
      assertEquals(
          "n" + i * 7_919L % 99_991 + "x",
          ((Operand.Register) instruction.operands().get(0)).name());
    }
  }

  @Test
  void a_text_may_end_anywhere_with_a_message() {
    assertRefused("1:1: expected .version, found the end of the text", "");
    assertRefused("1:9: expected a version such as 8.7, found the end of the text", ".version");
    assertRefused("4:1: expected a directive, found \"x\"", HEAD + "x");
    assertRefused("4:1: unexpected character U+0000", HEAD + "\0");
  }
}
