package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Registers that are not what one assignment says, and those that are, in kernels run twice. */
class InvariantsTest {
  private static final String OUT =
      """
      .reg .b32 %%index, %%blockId, %%threads, %%thread;
      .reg .b64 %%out, %%at;
      ld.param.u64 %%out, [out];
      mov.u32 %%blockId, %%ctaid.x;
      mov.u32 %%threads, %%ntid.x;
      mov.u32 %%thread, %%tid.x;
      mad.lo.s32 %%index, %%blockId, %%threads, %%thread;
      mad.wide.s32 %%at, %%index, 4, %%out;
      """
          .replace("%%", "%");

  private final Random random = new Random(Schedules.SEED);

  static Stream<ExecutionOptions> options() {
    return Schedules.both();
  }

  private interface Expected {
    int of(int block, int thread, int parameter);
  }

  /** Runs a kernel of a few blocks, twice with other parameters and shapes. */
  private void check(ExecutionOptions options, String ptx, Expected expected) {
    try (Emulation emulation = new Emulation(ptx, options)) {
      for (int threads : new int[] {96, 96, 40}) {
        int blocks = 1 + random.nextInt(9);
        int parameter = random.nextInt(1000);
        long out = emulation.empty(blocks * threads);
        emulation.run("kernel", blocks, threads, out, parameter);
        assertArrayEquals(
            IntStream.range(0, blocks * threads)
                .map(i -> expected.of(i / threads, i % threads, parameter))
                .toArray(),
            emulation.ints(out, blocks * threads),
            Schedules.seed());
      }
    }
  }

  private static String kernel(String body) {
    return Emulation.kernel(".param .u64 out, .param .u32 n", OUT + body + "ret;");
  }

  @ParameterizedTest
  @MethodSource("options")
  void what_parameters_and_indices_give_is_the_launch_s_own(ExecutionOptions options) {
    check(
        options,
        kernel(
            """
            .reg .b32 %a, %b, %c, %d, %lane;
            ld.param.u32 %a, [n];
            mov.u32 %lane, %laneid;
            shl.b32 %b, %a, 3;
            add.s32 %c, %b, %lane;
            xor.b32 %d, %c, %blockId;
            st.global.u32 [%at], %d;
            """),
        (block, thread, parameter) -> (parameter << 3) + thread % 32 ^ block);
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_copy_keeps_what_its_source_was(ExecutionOptions options) {
    check(
        options,
        kernel(
            """
            .reg .pred %p;
            .reg .b32 %i, %copy, %sum;
            mov.u32 %i, %thread;
            mov.u32 %sum, 0;
            again:
            mov.u32 %copy, %i;
            add.s32 %i, %i, 1;
            mad.lo.s32 %sum, %sum, 31, %copy;
            add.s32 %copy, %copy, 0;
            setp.lt.s32 %p, %i, 100;
            @%p bra again;
            st.global.u32 [%at], %sum;
            """),
        (block, thread, parameter) -> {
          int sum = 0;
          for (int i = thread; i < Math.max(100, thread + 1); i++) {
            sum = sum * 31 + i;
          }
          return sum;
        });
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_copy_is_its_source_only_while_that_stays(ExecutionOptions options) {
    check(
        options,
        kernel(
            """
            .reg .pred %p;
            .reg .b32 %i, %near, %far, %late, %nearer, %sum;
            mov.u32 %i, %thread;
            mov.u32 %sum, 0;
            again:
            mov.u32 %near, %i;
            mov.u32 %nearer, %near;
            mov.u32 %far, %i;
            mov.u32 %late, %i;
            mad.lo.s32 %sum, %sum, 31, %nearer;
            add.s32 %i, %late, 1;
            mad.lo.s32 %sum, %sum, 31, %far;
            setp.lt.s32 %p, %i, 100;
            @%p bra again;
            add.s32 %sum, %sum, %near;
            st.global.u32 [%at], %sum;
            """),
        (block, thread, parameter) -> {
          int sum = 0;
          for (int i = thread; i < Math.max(100, thread + 1); i++) {
            sum = (sum * 31 + i) * 31 + i;
          }
          return sum + Math.max(99, thread);
        });
  }

  @ParameterizedTest
  @MethodSource("options")
  void guards_vectors_and_second_assignments_count(ExecutionOptions options) {
    check(
        options,
        kernel(
            """
            .reg .pred %p;
            .reg .b32 %a, %b, %low, %high, %sum;
            .reg .b64 %pair;
            mov.u32 %a, 5;
            setp.gt.u32 %p, %thread, 20;
            @%p mov.u32 %a, 7;
            mov.u32 %b, %thread;
            mov.b64 %pair, {%b, %blockId};
            mov.u32 %low, 1000;
            st.global.u32 [%at], %low;
            mov.b64 {%low, %high}, %pair;
            mad.lo.s32 %sum, %high, 100, %low;
            mad.lo.s32 %sum, %a, 10000, %sum;
            st.global.u32 [%at], %sum;
            """),
        (block, thread, parameter) -> (thread > 20 ? 7 : 5) * 10000 + block * 100 + thread);
  }

  @ParameterizedTest
  @MethodSource("options")
  void what_calls_take_and_give_is_assigned_too(ExecutionOptions options) {
    check(
        options,
        Emulation.module(
            """
            .func (.reg .b32 %result) count(.reg .b32 %left, .reg .b32 %salt)
            {
              .reg .pred %p;
              .reg .b32 %seven, %less, %more;
              mov.u32 %seven, 7;
              mov.u32 %result, %salt;
              setp.eq.s32 %p, %left, 0;
              @%p bra end;
              sub.s32 %less, %left, 1;
              add.s32 %more, %salt, %seven;
              mov.u32 %left, 3;
              call (%result), count, (%less, %more);
              add.s32 %result, %result, %left;
            end:
              ret;
            }
            .visible .entry kernel(.param .u64 out, .param .u32 n)
            {
            """
                + OUT
                + """
                .reg .b32 %depth, %given, %n;
                and.b32 %depth, %thread, 7;
                ld.param.u32 %n, [n];
                call (%given), count, (%depth, %n);
                st.global.u32 [%at], %given;
                ret;
                }
                """),
        (block, thread, parameter) -> parameter + thread % 8 * 10);
  }
}
