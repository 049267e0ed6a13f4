package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks that wait for what blocks of lower numbers write: prefix sums that look back. */
class WaitingBlocksTest {
  private static final int BLOCKS = 300;

  /** Each block adds its number to its predecessor's sum, for which it waits. */
  private static final String CHAIN =
      Emulation.kernel(
          ".param .u64 sums",
          """
          .reg .b64 %rd<4>; .reg .b32 %r<4>; .reg .pred %p<2>;
          ld.param.u64 %rd0, [sums];
          mov.u32 %r0, %ctaid.x; mul.wide.u32 %rd1, %r0, 4; add.u64 %rd1, %rd0, %rd1;
          setp.eq.u32 %p0, %r0, 0; mov.u32 %r1, 1;
          @%p0 bra $add;
          $wait:
          ld.acquire.gpu.global.u32 %r1, [%rd1+-4];
          setp.eq.u32 %p1, %r1, 0;
          @%p1 bra $wait;
          $add:
          add.u32 %r1, %r1, %r0;
          st.release.gpu.global.u32 [%rd1], %r1;
          ret;
          """);

  static Stream<ExecutionOptions> options() {
    return Schedules.all()
        .flatMap(
            schedule ->
                Stream.of(ExecutionOptions.fast(), ExecutionOptions.checked())
                    .map(options -> options.with(schedule)));
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_block_may_wait_for_lower_ones(ExecutionOptions options) {
    try (Emulation emulation = new Emulation(CHAIN, options)) {
      long sums = emulation.buffer(new int[BLOCKS]);
      emulation.run("kernel", BLOCKS, 1, sums);
      assertArrayEquals(
          IntStream.range(0, BLOCKS).map(b -> 1 + b * (b + 1) / 2).toArray(),
          emulation.ints(sums, BLOCKS),
          Schedules.seed());
    }
  }

  @Test
  void each_block_begins_once_in_an_order_that_a_seed_changes() {
    for (int blocks : new int[] {2, 63, 64, 65, 1000}) {
      long[] all = LongStream.range(0, blocks).toArray();
      BlockOrder order = BlockOrder.of(blocks, new Schedule.Random(Schedules.SEED));
      long[] turns = LongStream.range(0, blocks).map(order::block).toArray();
      assertArrayEquals(all, LongStream.of(turns).sorted().toArray(), Schedules.seed());
    }
    assertEquals(
        2,
        LongStream.range(0, 100)
            .map(seed -> BlockOrder.of(2, new Schedule.Random(seed)).block(0))
            .distinct()
            .count());
  }
}
