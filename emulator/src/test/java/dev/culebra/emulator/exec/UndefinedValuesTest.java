package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Loads of shared memory that nobody wrote: no defect as long as nothing depends on the value, and
 * found at the load's line when something does. Word 0 to 31 of shared memory are written, 32 is
 * what lane 31 finds beyond.
 */
class UndefinedValuesTest {
  private static final String LOAD = "ld.shared.u32 %r2, [%r1+4];";

  private static String kernel(String body) {
    return Emulation.kernel(
        ".param .u64 out",
        """
        .reg .b64 %%rd<4>; .reg .b32 %%r<9>; .reg .pred %%p<6>; .shared .b32 tile[64];
        ld.param.u64 %%rd0, [out];
        mov.u32 %%r0, %%tid.x; mul.wide.u32 %%rd1, %%r0, 4; add.u64 %%rd0, %%rd0, %%rd1;
        mov.u32 %%r1, tile; mad.lo.u32 %%r1, %%r0, 4, %%r1; mov.u32 %%r3, 5;
        st.shared.u32 [%%r1], %%r0;
        bar.warp.sync -1;
        setp.lt.u32 %%p0, %%r0, 31;
        %s
        st.global.u32 [%%rd0], %%r3;
        ret;
        """
            .formatted(body));
  }

  private static void check(Schedule schedule, String body, List<String> expected) {
    ExecutionOptions options =
        ExecutionOptions.checked().with(Set.of(Checker.INITIALISED)).with(schedule);
    String text = kernel(body);
    try (Emulation emulation = new Emulation(text, options)) {
      ExecutionResult result = emulation.launch("kernel", 1, 32, emulation.empty(32));
      List<String> lines = text.lines().toList();
      assertEquals(
          expected,
          result.findings().stream()
              .map(finding -> lines.get(finding.position().line() - 1).strip())
              .toList(),
          body + Schedules.seed());
      assertEquals(
          expected.stream().map(line -> "(31,0,0)").toList(),
          result.findings().stream().map(finding -> finding.thread()).toList());
    }
  }

  static Stream<Arguments> harmless() {
    return withSchedules(
        LOAD,
        LOAD + "\nselp.u32 %r3, %r2, %r3, %p0;",
        LOAD + "\nadd.u32 %r4, %r2, 1; selp.u32 %r3, %r4, %r3, %p0;",
        LOAD + "\nsetp.gt.u32 %p1, %r2, 7; and.pred %p2, %p1, %p0; selp.u32 %r3, 1, 2, %p2;",
        LOAD
            + "\nsetp.gt.u32 %p1, %r2, 7; not.pred %p3, %p0; or.pred %p2, %p3, %p1;"
            + " @%p2 mov.u32 %r3, 1;",
        LOAD + "\nsetp.gt.and.u32 %p2, %r2, 7, %p0; @%p2 mov.u32 %r3, 1;",
        LOAD + "\n@%p0 mov.u32 %r3, %r2;",
        LOAD + "\nmov.u32 %r2, 3; mov.u32 %r3, %r2;",
        LOAD + "\nshfl.sync.idx.b32 %r3, %r2, 0, 31, -1;",
        LOAD + "\n@!%p0 bra $end; mov.u32 %r3, %r2;\n$end:",
        LOAD + "\nst.shared.u32 [%r1], %r2; @%p0 ld.shared.u32 %r3, [%r1];",
        "ld.shared.v2.u32 {%r4, %r5}, [tile+120];\nmov.u32 %r3, %r5;",
        "ld.shared.v2.u32 {%r4, %r5}, [tile+128];\nmov.u32 %r3, 3;",
        "@%p0 bra $end; ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [tile+128]; mov.u32 %r6, 2;"
            + " ld.param.u64 %rd2, [out]; st.global.v4.u32 [%rd2], {%r4, %r5, %r6, %r7}; $end:",
        "st.shared.u8 [tile+200], 1; ld.shared.u32 %r3, [tile+200];");
  }

  static Stream<Arguments> defects() {
    return withSchedules(
        LOAD + "\nmov.u32 %r3, %r2;",
        LOAD + "\nselp.u32 %r3, %r3, %r2, %p0;",
        LOAD + "\nxor.b32 %r4, %r2, 1; cvt.u16.u32 %rs0, %r4; cvt.u32.u16 %r3, %rs0;",
        LOAD + "\nsetp.gt.u32 %p1, %r2, 7; or.pred %p2, %p1, %p0; @%p2 mov.u32 %r3, 1;",
        LOAD + "\nsetp.gt.u32 %p1, %r2, 7; @%p1 bra $end; mov.u32 %r3, 1;\n$end:",
        LOAD + "\nand.b32 %r4, %r2, 4; add.u32 %r4, %r1, %r4; ld.shared.u32 %r3, [%r4];",
        LOAD + "\nshfl.sync.bfly.b32 %r3, %r2, 0, 31, -1;",
        LOAD + "\nsetp.ne.u32 %p1, %r2, 0; vote.sync.ballot.b32 %r4, %p1, -1;",
        LOAD + "\nand.b32 %r4, %r2, 0; bar.sync %r4, 32;",
        LOAD
            + "\nand.b32 %r4, %r2, 1; targets: .branchtargets $one, $two; brx.idx %r4, targets;"
            + "\n$one: mov.u32 %r3, 1;\n$two:",
        LOAD + "\nst.local.u32 [room], %r2;");
  }

  private static Stream<Arguments> withSchedules(String... bodies) {
    return Schedules.all()
        .flatMap(schedule -> Stream.of(bodies).map(body -> Arguments.of(schedule, body)));
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void a_value_on_which_nothing_depends_is_no_defect(Schedule schedule, String body) {
    check(schedule, body, List.of());
  }

  @ParameterizedTest
  @MethodSource("defects")
  void a_value_that_is_used_is_found_where_it_was_loaded(Schedule schedule, String body) {
    check(schedule, ".reg .b16 %rs<2>; .local .b32 room;\n" + body, List.of(LOAD));
  }

  /** Sums 16 lanes with a mask of 16: the upper ones read beyond, and only lane 0 counts. */
  private static ExecutionResult halfWarp(Schedule schedule, String consumer) {
    StringBuilder body = new StringBuilder("setp.ge.u32 %p1, %r0, 16;\n@%p1 ret;\n");
    body.append("mov.u32 %r3, %r0;\n");
    for (int offset = 8; offset > 0; offset /= 2) {
      body.append("shfl.sync.down.b32 %r2, %r3, ")
          .append(offset)
          .append(", 31, 0xffff; add.u32 %r3, %r3, %r2;\n");
    }
    body.append("setp.eq.u32 %p2, %r0, ").append(consumer).append(";\n@!%p2 ret;");
    ExecutionOptions options =
        ExecutionOptions.checked().with(Set.of(Checker.BARRIER)).with(schedule);
    try (Emulation emulation = new Emulation(kernel(body.toString()), options)) {
      long out = emulation.empty(32);
      ExecutionResult result = emulation.launch("kernel", 1, 32, out);
      if (consumer.equals("0")) {
        assertEquals(120, emulation.ints(out, 1)[0]);
      }
      return result;
    }
  }

  @ParameterizedTest
  @MethodSource("dev.culebra.emulator.exec.Schedules#all")
  void a_shuffle_from_an_absent_lane_counts_where_it_is_used(Schedule schedule) {
    assertEquals(List.of(), halfWarp(schedule, "0").findings());
    List<Finding> findings = halfWarp(schedule, "9").findings();
    assertEquals(1, findings.size(), findings::toString);
    assertEquals(Checker.BARRIER, findings.getFirst().checker());
    assertEquals("(9,0,0)", findings.getFirst().thread());
  }
}
