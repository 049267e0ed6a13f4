package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** cp.async, mbarriers and bulk copies as nvcc compiles them, right and with a planted defect. */
class AsyncCopyTest {
  private static final String SOURCE = "copies.cu";

  private final Random random = new Random(Schedules.SEED);

  static Stream<ExecutionOptions> options() {
    return Schedules.both();
  }

  static Stream<ExecutionOptions> checking() {
    return Schedules.checkingAccesses();
  }

  private static Emulation emulation(ExecutionOptions options) {
    return new Emulation(CudaSource.module(SOURCE, 90), options);
  }

  private float[] numbers(int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextInt(1000);
    }
    return numbers;
  }

  private static void assertFinds(ExecutionResult result, String line) {
    List<Finding> findings =
        result.findings().stream()
            .filter(finding -> finding.checker() == Checker.ASYNC_COPY)
            .toList();
    assertTrue(!findings.isEmpty(), "nothing found");
    assertEquals(
        CudaSource.line(SOURCE, line), findings.getFirst().source().line(), findings.toString());
  }

  @ParameterizedTest
  @MethodSource("options")
  void a_ring_of_buffers_gives_each_tile_once(ExecutionOptions options) {
    int tiles = 7;
    float[] in = numbers(256 * tiles);
    float[] expected = new float[64];
    for (int t = 0; t < 64; t++) {
      for (int i = 0; i < tiles; i++) {
        for (int j = 0; j < 4; j++) {
          expected[t] += in[256 * i + (t + 64 * j + 17) % 256];
        }
      }
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      emulation.run("ring_right", 1, 64, emulation.buffer(in), out, tiles);
      assertArrayEquals(expected, emulation.floats(out, 64), Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("checking")
  void a_wait_for_too_few_groups_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch(
              "ring_waits_for_too_few",
              1,
              64,
              emulation.buffer(numbers(1024)),
              emulation.empty(64),
              4),
          "sum += buffers[i % 3]");
    }
  }

  @ParameterizedTest
  @MethodSource("checking")
  void a_wait_without_a_barrier_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch(
              "ring_without_barrier",
              1,
              64,
              emulation.buffer(numbers(1024)),
              emulation.empty(64),
              4),
          "sum += buffers[i % 3]");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void what_a_copy_does_not_read_is_zero(ExecutionOptions options) {
    for (int n : new int[] {256, 253, 130, 1, 0}) {
      float[] in = numbers(Math.max(1, n));
      try (Emulation emulation = emulation(options)) {
        long out = emulation.empty(256);
        emulation.run("partial", 1, 64, emulation.buffer(in), out, n);
        assertArrayEquals(
            Arrays.copyOf(Arrays.copyOf(in, n), 256), emulation.floats(out, 256), Schedules.seed());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void copies_arrive_at_an_mbarrier(ExecutionOptions options) {
    float[] in = numbers(128);
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(128);
      emulation.run("mbarrier_right", 1, 128, emulation.buffer(in), out);
      float[] expected = new float[128];
      for (int i = 0; i < 128; i++) {
        expected[i] = in[(i + 1) % 128];
      }
      assertArrayEquals(expected, emulation.floats(out, 128), Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("checking")
  void an_mbarrier_that_nobody_waits_for_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch(
              "mbarrier_without_wait",
              1,
              128,
              emulation.buffer(numbers(128)),
              emulation.empty(128)),
          "out[t] = buffer[(t + 1) % 128];");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void bulk_copies_go_there_and_back(ExecutionOptions options) {
    int rounds = 9;
    float[] in = numbers(256 * rounds);
    float[] expected = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      expected[i] = 2 * in[i];
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(in.length);
      emulation.run("bulk_right", 1, 256, emulation.buffer(in), out, rounds);
      assertArrayEquals(expected, emulation.floats(out, in.length), Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("checking")
  void a_bulk_copy_that_nobody_waits_for_is_found(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      assertFinds(
          emulation.launch(
              "bulk_without_wait",
              1,
              256,
              emulation.buffer(numbers(1024)),
              emulation.empty(1024),
              4),
          "row[t] = row[t] * 2;");
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void bulk_reductions_of_many_blocks_add_up(ExecutionOptions options) {
    int blocks = 12;
    int[] in = random.ints(64 * blocks, 0, 1000).toArray();
    try (Emulation emulation = emulation(options)) {
      long out = emulation.buffer(new int[64]);
      emulation.run("bulk_reduce", blocks, 64, emulation.buffer(in), out);
      assertArrayEquals(
          IntStream.range(0, 64)
              .map(i -> IntStream.range(0, blocks).map(b -> in[64 * b + i]).sum())
              .toArray(),
          emulation.ints(out, 64),
          Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void the_librarys_barrier_waits_for_its_copies(ExecutionOptions options) {
    int[] in = random.ints(256).toArray();
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(256);
      emulation.run("library_barrier", 1, 256, emulation.buffer(in), out);
      assertArrayEquals(
          IntStream.range(0, 256).map(i -> in[255 - i]).toArray(),
          emulation.ints(out, 256),
          Schedules.seed());
    }
  }

  @ParameterizedTest
  @MethodSource("options")
  void the_librarys_pipeline_hands_over_each_tile(ExecutionOptions options) {
    int tiles = 6;
    int[] in = random.ints(128 * tiles, 0, 1000).toArray();
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(128);
      emulation.run("library_pipeline", 1, 128, emulation.buffer(in), out, tiles);
      assertArrayEquals(
          IntStream.range(0, 128)
              .map(t -> IntStream.range(0, tiles).map(i -> in[128 * i + (t + 5) % 128]).sum())
              .toArray(),
          emulation.ints(out, 128),
          Schedules.seed());
    }
  }
}
