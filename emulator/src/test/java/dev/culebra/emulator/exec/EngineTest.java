package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernels in CUDA C++, compiled by nvcc, against plain Java; under every schedule. */
class EngineTest {
  private static final long SEED = System.nanoTime();

  private final Random random = new Random(SEED);

  static Stream<ExecutionOptions> schedules() {
    List<Schedule> all =
        List.of(
            new Schedule.Fixed(),
            new Schedule.Late(),
            new Schedule.Random(SEED),
            new Schedule.Random(SEED + 1));
    return Stream.concat(
        all.stream().map(schedule -> ExecutionOptions.checked().with(schedule)),
        Stream.of(ExecutionOptions.fast(), ExecutionOptions.fast().withWorkers(1)));
  }

  private static Emulation emulation(ExecutionOptions options) {
    return new Emulation(CudaSource.module("engine.cu", 90), options);
  }

  private int[] ints(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }

  private static String seed() {
    return "seed " + SEED;
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_leave_loops_on_their_own(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      int n = 301;
      int[] in = ints(n, 1000);
      int[] expected = new int[n];
      for (int i = 0; i < n; i++) {
        long x = in[i];
        while (x > 1 && expected[i] <= 500) {
          x = x % 2 == 0 ? x / 2 : 3 * x + 1;
          expected[i]++;
        }
      }
      long out = emulation.empty(n);
      emulation.run("collatz", 4, 96, emulation.buffer(in), out, n);
      assertArrayEquals(expected, emulation.ints(out, n), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_take_their_own_case_of_a_switch(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      int n = 200;
      int[] in = ints(n, 64);
      int[] expected = new int[n];
      for (int i = 0; i < n; i++) {
        int x = in[i];
        expected[i] =
            switch (x % 8) {
              case 0 -> x * 3;
              case 1 -> x - 7;
              case 2 -> x ^ 0x55;
              case 3 -> IntStream.range(0, x).map(k -> k * k).sum();
              case 5 -> 100 - x;
              case 6 -> 100;
              case 7 -> -1;
              default -> 1;
            };
      }
      int[] minus = new int[n];
      Arrays.fill(minus, -1);
      long out = emulation.buffer(minus);
      emulation.run("switched", 2, 128, emulation.buffer(in), out, n);
      assertArrayEquals(expected, emulation.ints(out, n), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void functions_call_themselves(ExecutionOptions options) {
    int[] fibonacci = {0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377};
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(40);
      emulation.run("recursive", 1, 40, out);
      assertArrayEquals(
          IntStream.range(0, 40).map(i -> fibonacci[i % 15]).toArray(), emulation.ints(out, 40));
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void functions_take_and_give_structs(ExecutionOptions options) {
    int n = 50;
    int size = 32;
    ByteBuffer parts = ByteBuffer.allocate(n * size).order(ByteOrder.LITTLE_ENDIAN);
    random.nextBytes(parts.array());
    for (int i = 0; i < n; i++) {
      parts.putDouble(i * size + 8, i / 3.0);
    }
    try (Emulation emulation = emulation(options)) {
      long buffer = emulation.buffer(parts.array());
      emulation.run("structs", 1, n, buffer, 0.5f);
      for (int i = 0; i < n; i++) {
        int at = i * size;
        parts.putDouble(at + 8, parts.getDouble(at + 8) + 0.5f);
        int weight = at + 2 + i % 3 * 2;
        parts.putShort(weight, (short) (parts.getShort(weight) + i));
        int rest = at + 16 + i % 4 * 4;
        parts.putInt(rest, parts.getInt(rest) - i);
        parts.put(at, (byte) (parts.get(at) + 1));
      }
      byte[] got = new byte[n * size];
      emulation.memory.copyOut(java.lang.foreign.MemorySegment.ofArray(got), buffer);
      for (int i = 0; i < n; i++) {
        // A byte between tag and weights is padding.
        got[i * size + 1] = parts.get(i * size + 1);
      }
      assertArrayEquals(parts.array(), got, seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_call_different_functions_by_address(ExecutionOptions options) {
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      emulation.run("indirect", 1, 64, out);
      assertArrayEquals(
          IntStream.range(0, 64).map(i -> i % 3 == 0 ? 2 * i : i % 3 == 1 ? -i : i * i).toArray(),
          emulation.ints(out, 64));
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void variables_of_a_module_begin_as_written_and_live_on(ExecutionOptions options) {
    int[] table = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(20);
      for (int launch = 0; launch < 3; launch++) {
        int before = 5 + launch;
        emulation.run("variables", 1, 1, out);
        assertEquals(table[0] + before, emulation.ints(out, 1)[0]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void arrays_of_a_thread_are_its_own(ExecutionOptions options) {
    int threads = 70;
    int[] in = ints(threads * 64, 1000);
    int[] expected = new int[threads];
    for (int t = 0; t < threads; t++) {
      int[] counts = new int[10];
      for (int i = 0; i < 64; i++) {
        counts[in[t * 64 + i] % 10]++;
      }
      int most = 0;
      for (int i = 1; i < 10; i++) {
        most = counts[i] > counts[most] ? i : most;
      }
      expected[t] = most * 1000 + counts[most];
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(threads);
      emulation.run("local_array", 1, threads, emulation.buffer(in), out);
      assertArrayEquals(expected, emulation.ints(out, threads), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void threads_of_a_block_meet_at_barriers(ExecutionOptions options) {
    int n = 10_000;
    int blocks = 5;
    int threads = 128;
    float[] in = new float[n];
    for (int i = 0; i < n; i++) {
      in[i] = random.nextInt(100);
    }
    float[] expected = new float[blocks];
    for (int i = 0; i < n; i++) {
      expected[i / threads % blocks] += in[i];
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(blocks);
      emulation.run(
          "block_sum",
          new Dim3(blocks),
          new Dim3(threads),
          threads * 4,
          emulation.buffer(in),
          out,
          n);
      assertArrayEquals(expected, emulation.floats(out, blocks), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void tiles_are_transposed_through_shared_memory(ExecutionOptions options) {
    int rows = 70;
    int columns = 45;
    float[] in = new float[rows * columns];
    for (int i = 0; i < in.length; i++) {
      in[i] = random.nextFloat();
    }
    float[] expected = new float[in.length];
    for (int i = 0; i < in.length; i++) {
      expected[i % columns * rows + i / columns] = in[i];
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(in.length);
      emulation.run(
          "transposed",
          new Dim3(2, 3),
          new Dim3(32, 8),
          0,
          emulation.buffer(in),
          out,
          rows,
          columns);
      assertArrayEquals(expected, emulation.floats(out, in.length), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_read_one_another(ExecutionOptions options) {
    int n = 96;
    int[] in = ints(n, Integer.MAX_VALUE);
    int[] expected = new int[4 * n];
    for (int i = 0; i < n; i++) {
      int warp = i / 32 * 32;
      int lane = i % 32;
      expected[i] = in[warp + (lane * 7 + 3) % 32];
      expected[n + i] = in[lane % 8 >= 3 ? i - 3 : i];
      expected[2 * n + i] = in[lane % 16 + 5 < 16 ? i + 5 : i];
      expected[3 * n + i] = in[warp + (lane ^ 9)];
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(4 * n);
      emulation.run("shuffles", 1, n, emulation.buffer(in), out);
      assertArrayEquals(expected, emulation.ints(out, 4 * n), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void halves_of_a_warp_exchange_apart(ExecutionOptions options) {
    int[] in = ints(64, 1000);
    int[] expected = new int[64];
    for (int i = 0; i < 64; i++) {
      int lane = i % 32;
      expected[i] = lane < 16 ? in[i - lane + (lane + 1) % 16] * 2 : in[i ^ 1] + 5;
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(64);
      emulation.run("halves", 1, 64, emulation.buffer(in), out);
      assertArrayEquals(expected, emulation.ints(out, 64), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_vote(ExecutionOptions options) {
    int n = 64;
    int[] in = ints(n, 2000);
    int[] expected = new int[6 * n];
    for (int i = 0; i < n; i++) {
      int[] warp = Arrays.copyOfRange(in, i / 32 * 32, i / 32 * 32 + 32);
      int odd = 0;
      int same = 0;
      int second = 0;
      for (int j = 0; j < 32; j++) {
        odd |= (warp[j] & 1) << j;
        same |= warp[j] % 5 == in[i] % 5 ? 1 << j : 0;
        second |= (warp[j] & 2) != 0 ? 1 << j : 0;
      }
      expected[i] = odd;
      expected[n + i] = (Arrays.stream(warp).anyMatch(v -> v == 3) ? 1 : 0) | 2;
      expected[2 * n + i] = same;
      boolean all = Arrays.stream(warp).allMatch(v -> v / 1000 == warp[0] / 1000);
      expected[3 * n + i] = all ? -1 ^ 1 : 0;
      expected[4 * n + i] =
          Arrays.stream(warp).sum()
              ^ Arrays.stream(warp).min().orElseThrow()
              ^ Arrays.stream(warp).map(v -> -v).max().orElseThrow()
              ^ Arrays.stream(warp).reduce(0, (a, b) -> a ^ b);
      expected[5 * n + i] = (in[i] & 2) != 0 ? second : 0;
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(6 * n);
      emulation.run("votes", 1, n, emulation.buffer(in), out);
      int[] got = emulation.ints(out, 6 * n);
      if (options.schedule() instanceof Schedule.Random) {
        // Which lanes happen to be together is nobody's promise.
        for (int i = 5 * n; i < 6 * n; i++) {
          assertEquals(0, got[i] & ~expected[i], seed());
          got[i] = expected[i];
        }
      }
      assertArrayEquals(expected, got, seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void threads_vote_at_barriers(ExecutionOptions options) {
    int[] in = ints(80, 30);
    int odd = (int) Arrays.stream(in).filter(v -> v % 2 == 1).count();
    int some = Arrays.stream(in).anyMatch(v -> v == 17) ? 1 : 0;
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(80);
      emulation.run("barrier_votes", 1, 80, emulation.buffer(in), out);
      int[] expected = new int[80];
      Arrays.fill(expected, odd * 4 + 2 + some);
      assertArrayEquals(expected, emulation.ints(out, 80), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void named_barriers_hand_a_box_from_warp_to_warp(ExecutionOptions options) {
    int rounds = 10;
    int threads = 128;
    int[] in = ints(rounds * 32, 1000);
    int[] expected = new int[threads];
    for (int t = 32; t < threads; t++) {
      for (int r = 0; r < rounds; r++) {
        expected[t] += in[r * 32 + (t % 32 + t / 32) % 32];
      }
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(threads);
      emulation.run("producer", 1, threads, emulation.buffer(in), out, rounds);
      assertArrayEquals(expected, emulation.ints(out, threads), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void atomics_lose_nothing_in_shared_and_global_memory(ExecutionOptions options) {
    int n = 20_000;
    int[] in = ints(n, 1 << 20);
    int[] expected = new int[32];
    Arrays.stream(in).forEach(v -> expected[v & 31]++);
    try (Emulation emulation = emulation(options)) {
      long bins = emulation.buffer(new int[32]);
      emulation.run("histogram", 8, 96, emulation.buffer(in), bins, n);
      assertArrayEquals(expected, emulation.ints(bins, 32), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void lanes_of_a_warp_fight_for_a_lock_without_deadlock(ExecutionOptions options) {
    try (Emulation emulation = emulation(options.with(java.util.Set.of()))) {
      long lock = emulation.buffer(0);
      long sum = emulation.buffer(0);
      emulation.run("locked", 2, 64, lock, sum);
      assertEquals(2 * 63 * 64 / 2, emulation.ints(sum, 1)[0]);
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void the_last_block_sees_what_all_others_wrote(ExecutionOptions options) {
    int blocks = 100;
    int[] in = ints(blocks, 1000);
    try (Emulation emulation = emulation(options.with(java.util.Set.of()))) {
      long out = emulation.empty(1);
      for (int round = 0; round < 3; round++) {
        emulation.run("last_block", blocks, 64, emulation.buffer(in), emulation.empty(blocks), out);
        assertEquals(Arrays.stream(in).sum() * 2, emulation.ints(out, 1)[0], seed());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void cooperative_blocks_meet_at_the_grids_barrier(ExecutionOptions options) {
    int n = 6 * 64;
    int[] values = ints(n, 1000);
    try (Emulation emulation = emulation(options.with(java.util.Set.of()))) {
      long buffer = emulation.buffer(values);
      emulation.runCooperative("grid_sync", 6, 64, buffer, 4);
      int[] expected = values.clone();
      for (int round = 0; round < 4; round++) {
        int[] before = expected.clone();
        for (int i = 0; i < n; i++) {
          expected[i] = before[i] + before[(i + 1) % n];
        }
      }
      assertArrayEquals(expected, emulation.ints(buffer, n), seed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void blocks_wait_for_blocks_that_begin_later(ExecutionOptions options) {
    int blocks = 8;
    try (Emulation emulation = emulation(options.with(java.util.Set.of()))) {
      long flags = emulation.buffer(new int[blocks]);
      emulation.run("chain", blocks, 32, flags);
      assertArrayEquals(
          IntStream.range(0, blocks).map(i -> blocks - i).toArray(), emulation.ints(flags, blocks));
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void values_of_all_widths_are_loaded(ExecutionOptions options) {
    int n = 100;
    ByteBuffer a = ByteBuffer.allocate(8 * n).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer b = ByteBuffer.allocate(2 * n).order(ByteOrder.LITTLE_ENDIAN);
    byte[] c = new byte[n];
    random.nextBytes(c);
    random.nextBytes(b.array());
    long[] expected = new long[n];
    for (int i = 0; i < n; i++) {
      double value = random.nextDouble() * 1e6;
      a.putDouble(8 * i, value);
      expected[i] = (long) (value * 4) + b.getShort(2 * i) * (c[i] & 0xff);
    }
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(2 * n);
      emulation.run(
          "many_values",
          2,
          64,
          emulation.buffer(a.array()),
          emulation.buffer(b.array()),
          emulation.buffer(c),
          out,
          n);
      assertArrayEquals(expected, emulation.longs(out, n), seed());
    }
  }

  @Test
  void threads_know_where_they_are() {
    Dim3 grid = new Dim3(2, 2, 2);
    Dim3 block = new Dim3(5, 3, 4);
    int threads = 60;
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      long out = emulation.empty(6 * threads * 8);
      emulation.run("special", grid, block, 256, out);
      int[] got = emulation.ints(out, 6 * threads * 8);
      for (int i = 0; i < threads * 8; i++) {
        int thread = i % threads;
        assertArrayEquals(
            new int[] {thread % 32, thread / 32, (1 << thread % 32) - 1, i / threads % 132, 256, 1},
            Arrays.copyOfRange(got, 6 * i, 6 * i + 6),
            "thread " + i);
      }
    }
  }

  @Test
  void what_kernels_print_comes_in_order_when_they_end() {
    try (Emulation emulation = emulation(ExecutionOptions.checked())) {
      emulation.run("printing", 1, 40, 3);
      assertEquals(
          "thread 0 of 40:  0.00 text|ff    |a -5000000000%\n"
              + "thread 1 of 40:  0.75 text|100   |b -5000000000%\n"
              + "thread 2 of 40:  1.50 text|101   |c -5000000000%\n",
          emulation.printed());
    }
  }

  @Test
  void a_failed_assertion_ends_the_launch_and_says_where() {
    try (Emulation emulation = emulation(ExecutionOptions.fast())) {
      ExecutionResult result = emulation.launch("asserting", 2, 64, 63);
      assertEquals(KernelFault.ASSERT, result.fault());
      assertTrue(
          emulation
              .printed()
              .matches(
                  "(?s).*engine.cu:\\d+: .*asserting.*: block: \\[\\d,0,0\\], thread:"
                      + " \\[63,0,0\\] Assertion `threadIdx.x < n` failed\\.\n.*"),
          emulation.printed());
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void cooperative_groups_of_lanes_add_up(ExecutionOptions options) {
    int n = 64;
    int[] in = ints(n, 100);
    try (Emulation emulation = emulation(options)) {
      long out = emulation.empty(n);
      emulation.run("groups", 1, n, emulation.buffer(in), out);
      int[] got = emulation.ints(out, n);
      for (int i = 0; i < n; i++) {
        int sum = IntStream.range(i / 8 * 8, i / 8 * 8 + 8).map(j -> in[j]).sum();
        int warp = i / 32 * 32;
        int odd = (int) IntStream.range(warp, warp + 32).filter(j -> in[j] % 2 == 1).count();
        int before = (int) IntStream.range(warp, i).filter(j -> in[j] % 2 == 1).count();
        int expected = sum + 32 + (in[i] % 2 == 1 ? odd * 1000 + before * 100_000 : 0);
        if (!(options.schedule() instanceof Schedule.Random)) {
          assertEquals(expected, got[i], seed());
        }
      }
    }
  }

  @Test
  void one_worker_gives_the_same_instructions_every_time() {
    LongStream counts =
        LongStream.range(0, 3)
            .map(
                round -> {
                  ExecutionOptions options =
                      ExecutionOptions.fast().with(new Schedule.Random(7)).withWorkers(1);
                  try (Emulation emulation = emulation(options)) {
                    int[] in = new Random(3).ints(301, 0, 1000).toArray();
                    return emulation
                        .launch("collatz", 4, 96, emulation.buffer(in), emulation.empty(301), 301)
                        .warpInstructions();
                  }
                });
    assertEquals(1, counts.distinct().count());
  }
}
