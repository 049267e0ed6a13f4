package dev.culebra.emulator.ptx;

import static dev.culebra.emulator.ptx.PtxTexts.assertStatementsRefused;
import static dev.culebra.emulator.ptx.PtxTexts.module;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SourceLineTest {
  private static List<SourceLine> lines(String statements, String files) {
    return module(".entry k() {\n" + statements + "\n}\n" + files)
        .function("k")
        .body()
        .instructions()
        .stream()
        .map(Instruction::source)
        .toList();
  }

  @Test
  void instructions_have_the_last_line_before_them_and_files_may_follow() {
    List<SourceLine> lines =
        lines(
            "ret;\n.loc 1 7 3\nret; ret;\n{ .loc 2 9 1\n ret; }\nL: ret;",
            ".file 1 \"a.cu\"\n.file 2 \"b.cuh\", 0, 0\n");
    SourceLine seven = new SourceLine("a.cu", 7, null);
    SourceLine nine = new SourceLine("b.cuh", 9, null);
    assertNull(lines.getFirst());
    assertEquals(List.of(seven, seven, nine, nine), lines.subList(1, 5));
    assertSame(lines.get(1), lines.get(2));
    assertEquals("a.cu:7", seven.toString());
  }

  @Test
  void lines_of_unknown_files_are_unknown() {
    List<SourceLine> lines = lines(".loc 7 1 1\nret; .loc 1 1 1\nret;", ".file 1 \"a.cu\"\n");
    assertNull(lines.get(0));
    assertEquals(new SourceLine("a.cu", 1, null), lines.get(1));
  }

  @Test
  void inlined_lines_know_where_they_were_inlined() {
    List<SourceLine> lines =
        lines(
            """
            .loc 1 30 3
            ret;
            .loc 2 10 5, function_name $L__info_string0, inlined_at 1 30 3
            ret;
            .loc 3 5 1, function_name $L__info_string1+4, inlined_at 2 10 5
            ret;
            .loc 3 6 1, function_name $L__info_string1, inlined_at 9 9 9
            ret;
            """,
            ".file 1 \"a.cu\"\n.file 2 \"b.cuh\"\n.file 3 \"c.hpp\"\n");
    SourceLine kernel = new SourceLine("a.cu", 30, null);
    SourceLine inlined = new SourceLine("b.cuh", 10, kernel);
    SourceLine twice = new SourceLine("c.hpp", 5, inlined);
    assertEquals(List.of(kernel, inlined, twice, new SourceLine("c.hpp", 6, null)), lines);
    assertEquals("c.hpp:5 (inlined at b.cuh:10 (inlined at a.cu:30))", lines.get(2).toString());
  }

  @Test
  void endless_chains_are_cut() {
    StringBuilder statements = new StringBuilder(".loc 1 1 1\n");
    for (int i = 0; i < 10_000; i++) {
      statements.append(".loc 1 1 1, function_name x, inlined_at 1 1 1\n");
    }
    SourceLine line = lines(statements + "ret;", ".file 1 \"a.cu\"\n").getFirst();
    int depth = 0;
    for (SourceLine at = line; at != null; at = at.inlinedAt()) {
      depth++;
    }
    assertEquals(true, depth <= 33, "depth " + depth);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      textBlock =
          """
          .loc 1 2; → 6:9: expected a column, found ";"
          .loc x 2 3 → 6:6: expected a file's number, found "x"
          .loc 1 -2 3 → 6:8: expected a line, found "-"
          .loc 1 2 3; → 6:11: expected an instruction, a label or a directive, found ";"
          .loc 1 2 3, inlined_at 1 2 3 → 6:13: expected function_name, found "inlined_at"
          .loc 1 2 3, function_name 3 → 6:27: expected a label, found "3"
          .loc 1 2 3, function_name f ret; → 6:29: expected ",", found "ret"
          .loc 1 2 3, function_name f, ret; → 6:30: expected inlined_at, found "ret"
          .loc 1 2 3, function_name f, inlined_at 1 2 ret; → 6:45: expected a column, found "ret"
          """)
  void malformed_lines_are_refused(String statement, String message) {
    assertStatementsRefused(message, statement);
  }
}
