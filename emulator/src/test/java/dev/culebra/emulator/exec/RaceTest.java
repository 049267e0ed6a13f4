package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Races as nvcc compiles them, each with its clean twin, under every schedule. */
class RaceTest {
  private static final String SOURCE = "races.cu";

  private final int[] in = new Random(Schedules.SEED).ints(4096, 0, 1000).toArray();

  static Stream<ExecutionOptions> options() {
    return Schedules.all().map(schedule -> ExecutionOptions.checked().with(schedule));
  }

  private static Emulation emulation(ExecutionOptions options) {
    return new Emulation(CudaSource.module(SOURCE, 90), options);
  }

  /** A race was found where the source says so; what comes of it may have been found too. */
  private static void assertFinds(ExecutionResult result, String... lines) {
    List<Finding> findings =
        result.findings().stream().filter(finding -> finding.checker() == Checker.RACE).toList();
    List<Integer> expected = Stream.of(lines).map(line -> CudaSource.line(SOURCE, line)).toList();
    assertTrue(
        findings.stream().anyMatch(finding -> expected.contains(finding.source().line())),
        findings + ", lines " + expected + ", " + Schedules.seed());
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_missing_barrier_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      emulation.run("neighbours_right", 1, 256, data, emulation.empty(256));
      assertFinds(
          emulation.launch("neighbours_without_barrier", 1, 256, data, emulation.empty(256)),
          "race: missing barrier",
          "race: stored where another reads");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_tile_that_is_overwritten_too_early_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      emulation.run("reuse_right", 1, 128, data, emulation.empty(128), 5);
      assertFinds(
          emulation.launch("reuse_without_second_barrier", 1, 128, data, emulation.empty(128), 5),
          "race: overwrites what others read");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void lanes_of_a_warp_that_do_not_wait_for_one_another_are_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long out = emulation.empty(1);
      emulation.run("warp_sum_right", 1, 32, data, out);
      assertArrayEquals(new int[] {Arrays.stream(in, 0, 32).sum()}, emulation.ints(out, 1));
      assertFinds(
          emulation.launch("warp_sum_without_syncwarp", 1, 32, data, out),
          "race: missing syncwarp");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_block_may_overwrite_what_another_said_it_has_read(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(Arrays.copyOf(in, 256));
      emulation.run("moved_in_place_right", 8, 32, data, emulation.buffer(new int[8]));
      int[] moved = Arrays.copyOf(in, 256);
      System.arraycopy(in, 32, moved, 0, 224);
      assertArrayEquals(moved, emulation.ints(data, 256), Schedules.seed());
      assertFinds(
          emulation.launch("moved_without_waiting", 8, 32, data, emulation.buffer(new int[8])),
          "race: reads another's tile",
          "race: overwrites another's tile");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_plain_read_may_begin_a_loop_around_a_swap(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long out = emulation.buffer(-1);
      emulation.run("largest_by_swap", 8, 64, data, out);
      assertArrayEquals(
          new int[] {Arrays.stream(in, 0, 512).max().orElseThrow()}, emulation.ints(out, 1));
      assertFinds(
          emulation.launch(
              "sum_read_while_it_grows", 8, 64, data, emulation.buffer(0), emulation.empty(512)),
          "race: others still add",
          "atomicAdd(sum, in[i]);");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_plain_read_of_shared_memory_may_find_a_swap_needless(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(1);
      emulation.run("largest_in_shared", 1, 256, emulation.buffer(in), out);
      assertArrayEquals(
          new int[] {Arrays.stream(in, 0, 256).max().orElseThrow()}, emulation.ints(out, 1));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void another_blocks_read_is_not_forgotten_for_those_of_one_warp(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch("edge_without_waiting", 2, 32, emulation.buffer(new int[256])),
          "race: the other block overwrites it",
          "race: overwrites what the other block reads");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_shuffle_tells_of_other_warps_and_not_of_its_own(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long out = emulation.empty(32);
      emulation.run("told_by_shuffle_right", 1, 64, data, out);
      assertFinds(
          emulation.launch("told_without_acquiring", 1, 64, data, out), "race: nobody acquired");
      assertFinds(
          emulation.launch("shuffle_is_no_barrier", 1, 32, data, out),
          "race: only a shuffle between");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void blocks_that_count_into_one_word_without_atomics_are_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long out = emulation.buffer(0);
      emulation.run("count_right", 8, 64, data, out);
      assertArrayEquals(new int[] {Arrays.stream(in, 0, 512).sum()}, emulation.ints(out, 1));
      assertFinds(emulation.launch("count_without_atomic", 8, 64, data, out), "race: no atomic");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_last_block_may_read_what_others_fenced_and_nothing_else(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long parts = emulation.empty(8);
      long counter = emulation.buffer(0);
      long out = emulation.empty(1);
      emulation.run("last_block_right", 8, 64, data, parts, counter, out);
      assertArrayEquals(new int[] {Arrays.stream(in, 0, 512).sum()}, emulation.ints(out, 1));
      assertFinds(
          emulation.launch("last_block_without_fence", 8, 64, data, parts, counter, out),
          "race: missing fence");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void parts_of_one_word_and_equal_values_do_not_race(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      emulation.run(
          "small_elements", 4, 64, emulation.buffer(in), emulation.empty(128), emulation.empty(64));
      emulation.run("same_value", 4, 64, emulation.empty(1));
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void launches_do_not_race_with_one_another(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      long out = emulation.buffer(new int[64]);
      for (int round = 0; round < 2; round++) {
        emulation.run("small_elements", 4, 64, data, emulation.empty(128), out);
        assertFinds(emulation.launch("count_without_atomic", 8, 64, data, out), "race: no atomic");
        emulation.run("count_right", 8, 64, data, out);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_grids_barrier_orders_blocks(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      Dim3 grid = new Dim3(4);
      Dim3 block = new Dim3(64);
      ExecutionResult right =
          emulation.launch(
              "ring_right", grid, block, 0, true, emulation.empty(256), emulation.empty(256));
      assertEquals(List.of(), right.findings(), Schedules.seed());
      assertFinds(
          emulation.launch(
              "ring_without_barrier",
              grid,
              block,
              0,
              true,
              emulation.buffer(new int[256]),
              emulation.empty(256)),
          "race: missing grid barrier");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void producers_and_consumers_are_ordered_by_named_barriers(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long data = emulation.buffer(in);
      emulation.run("hand_over_right", 1, 128, data, emulation.empty(320), 5);
      ExecutionResult wrong =
          emulation.launch("hand_over_one_way", 1, 128, data, emulation.empty(320), 1);
      assertFalse(wrong.findings().isEmpty(), Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_lock_orders_what_it_guards_if_fences_say_so(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long lock = emulation.buffer(0);
      long data = emulation.buffer(0);
      emulation.run("locked_right", 4, 32, lock, data);
      assertArrayEquals(new int[] {128}, emulation.ints(data, 1));
      assertFinds(
          emulation.launch("locked_without_fences", 4, 32, lock, data),
          "race: lock without fences");
    }
  }
}
