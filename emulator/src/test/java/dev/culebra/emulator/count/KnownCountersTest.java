package dev.culebra.emulator.count;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.culebra.emulator.count.LaunchCounters.Atomics;
import dev.culebra.emulator.count.LaunchCounters.Executed;
import dev.culebra.emulator.count.LaunchCounters.GlobalTraffic;
import dev.culebra.emulator.count.LaunchCounters.SharedTraffic;
import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.ExecutionResult;
import dev.culebra.emulator.exec.KernelFault;
import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.memory.Footprint;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Counters of kernels that one can count by hand, written in PTX and as nvcc compiles them. */
class KnownCountersTest {
  private static final int LANES = 32;

  @ParameterizedTest
  @EnumSource
  void a_coalesced_copy_uses_all_of_its_sectors(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("copy", 4, 256, kernels.ints(1000), kernels.ints(1000), 1000);
      // 31 warps of 32 lanes, and one of 8.
      GlobalTraffic copied = new GlobalTraffic(32, 4000, 31 * 4 + 1, 4000, 0);
      assertEquals(copied, counters.global(AccessKind.LOAD));
      assertEquals(copied, counters.global(AccessKind.STORE));
      assertEquals(1.0, counters.allGlobal().usedShare());
      assertEquals(250.0 / 64, counters.allGlobal().sectorsPerRequest());
      assertEquals(new Footprint.Size(4000, 4000, 8000, 125, 125), counters.footprint());
      assertEquals(8000, counters.footprint().leastMovedBytes());
      assertEquals(32, counters.control().branches());
      assertEquals(1, counters.control().divergentBranches());
      assertEquals(64, counters.executed(InstructionClass.GLOBAL_MEMORY).warp());
      assertEquals(0, counters.allShared().requests());
      assertEquals(Bound.MEMORY, counters.bound().binding().name());
      assertEquals(8000 / 3.35232e12, counters.bound().seconds(), 1e-18);
    }
  }

  @Test
  void each_instruction_of_a_copy_is_of_its_class() {
    try (CountedKernels kernels = new CountedKernels(CountedKernels.Source.BY_HAND)) {
      LaunchCounters counters =
          kernels.run("copy", 4, 256, kernels.ints(1000), kernels.ints(1000), 1000);
      // Ten instructions are for all, five for those before the end; lanes meet again at ret.
      assertEquals(new Executed(32 * 15, 1024 * 10 + 1000 * 5), counters.executed());
      assertEquals(executed(3), counters.executed(InstructionClass.CONSTANT_MEMORY));
      assertEquals(executed(3), counters.executed(InstructionClass.MOVE));
      assertEquals(executed(2), counters.executed(InstructionClass.CONTROL));
      assertEquals(
          new Executed(32 * 5, 1024 * 2 + 1000 * 3), counters.executed(InstructionClass.INTEGER));
      assertEquals(new Executed(64, 2000), counters.executed(InstructionClass.GLOBAL_MEMORY));
      assertEquals(5, counters.classes().size());
    }
  }

  /** So many instructions of 32 whole warps. */
  private static Executed executed(int instructions) {
    return new Executed(32L * instructions, 1024L * instructions);
  }

  @ParameterizedTest
  @EnumSource
  void a_strided_copy_touches_more_sectors_than_it_uses(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      int[] strides = {1, 2, 4, 8, 16};
      int[] sectorsPerRequest = {4, 8, 16, 32, 32};
      for (int i = 0; i < strides.length; i++) {
        int stride = strides[i];
        LaunchCounters counters =
            kernels.run(
                "copy_strided", 4, 256, kernels.ints(1024 * stride), kernels.ints(1024), stride);
        int sectors = 32 * sectorsPerRequest[i];
        assertEquals(
            new GlobalTraffic(32, 4096, sectors, 4096, sectors - 128),
            counters.global(AccessKind.LOAD));
        assertEquals(
            new GlobalTraffic(32, 4096, 32 * 4, 4096, 0), counters.global(AccessKind.STORE));
        assertEquals(new Footprint.Size(4096, 4096, 8192, sectors, 128), counters.footprint());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_copy_that_begins_inside_a_sector_touches_one_more(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("copy", 1, 64, kernels.ints(65) + 4, kernels.ints(64), 64);
      assertEquals(new GlobalTraffic(2, 256, 10, 256, 2), counters.global(AccessKind.LOAD));
      // The sector that both warps touch is moved once.
      assertEquals(new Footprint.Size(256, 256, 512, 9, 8), counters.footprint());
    }
  }

  @ParameterizedTest
  @EnumSource
  void lanes_that_read_one_address_ask_for_more_than_they_use(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("copy_strided", 1, 32, kernels.ints(1), kernels.ints(32), 0);
      assertEquals(new GlobalTraffic(1, 128, 1, 4, 0), counters.global(AccessKind.LOAD));
      assertEquals(0.125, counters.global(AccessKind.LOAD).usedShare());
    }
  }

  @ParameterizedTest
  @EnumSource
  void vectors_ask_for_sixteen_sectors_a_request(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("copy_vectors", 2, 64, kernels.ints(512), kernels.ints(512));
      GlobalTraffic copied = new GlobalTraffic(4, 2048, 64, 2048, 0);
      assertEquals(copied, counters.global(AccessKind.LOAD));
      assertEquals(copied, counters.global(AccessKind.STORE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_is_updated_in_place_moves_both_ways(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      int n = 1 << 12;
      LaunchCounters counters =
          kernels.run("saxpy", n / 256, 256, 2f, kernels.ints(n), kernels.ints(n));
      assertEquals(2L * n, counters.operations(Pipe.FP32));
      assertEquals(new Footprint.Size(8L * n, 4L * n, 8L * n, n / 4, n / 8), counters.footprint());
      assertEquals(12L * n, counters.footprint().leastMovedBytes());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_transpose_conflicts_in_all_banks_unless_its_rows_are_padded(CountedKernels.Source source) {
    int n = 64;
    int warps = n * n / LANES;
    try (CountedKernels kernels = new CountedKernels(source)) {
      for (boolean padded : List.of(false, true)) {
        LaunchCounters counters =
            kernels.run(
                padded ? "transpose_padded" : "transpose",
                new Dim3(2, 2),
                new Dim3(32, 32),
                kernels.ints(n * n),
                kernels.ints(n * n),
                n);
        assertEquals(
            new SharedTraffic(warps, 128L * warps, warps, 0, warps),
            counters.shared(AccessKind.STORE));
        int steps = padded ? 1 : 32;
        assertEquals(
            new SharedTraffic(
                warps,
                128L * warps,
                (long) steps * warps,
                (steps - 1L) * warps,
                (long) steps * warps),
            counters.shared(AccessKind.LOAD));
        assertEquals(
            new GlobalTraffic(2 * warps, 256L * warps, 8L * warps, 256L * warps, 0),
            counters.allGlobal());
        assertEquals(4, counters.control().barriers());
        assertEquals(warps, counters.control().barrierArrivals());
        // Each of 4 multiprocessors serves a wavefront a clock.
        Bound.Limit shared =
            counters.bound().limits().stream()
                .filter(limit -> limit.name().equals(Bound.SHARED))
                .findFirst()
                .orElseThrow();
        assertEquals((steps + 1.0) * warps / (4 * 1.98e9), shared.seconds(), 1e-15);
        assertEquals(shared, counters.bound().binding());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_tiled_product_reads_each_tile_as_often_as_there_are_blocks_in_a_row(
      CountedKernels.Source source) {
    int n = 64;
    int tiles = n / 16;
    int blocks = tiles * tiles;
    int warps = blocks * 8;
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters = matmul(kernels, n);
      assertEquals(2L * n * n * n, counters.operations(Pipe.FP32));
      assertEquals(0, counters.operations(Pipe.SPECIAL));
      // A warp is two rows of 16 floats: two stretches of two sectors.
      long loads = 2L * warps * tiles;
      assertEquals(
          new GlobalTraffic(loads, 128 * loads, 4 * loads, 128 * loads, 0),
          counters.global(AccessKind.LOAD));
      assertEquals(
          new GlobalTraffic(warps, 128L * warps, 4L * warps, 128L * warps, 0),
          counters.global(AccessKind.STORE));
      assertEquals(
          new Footprint.Size(8L * n * n, 4L * n * n, 12L * n * n, n * n / 4, n * n / 8),
          counters.footprint());
      assertEquals(
          new SharedTraffic(loads, 128 * loads, loads, 0, loads),
          counters.shared(AccessKind.STORE));
      // Of A, two words are given to 16 lanes each; of B, 16 words to two lanes each.
      long reads = 2L * warps * n;
      assertEquals(
          new SharedTraffic(reads, 128 * reads, reads, 0, reads), counters.shared(AccessKind.LOAD));
      assertEquals(2L * tiles * blocks, counters.control().barriers());
      assertEquals(2L * tiles * warps, counters.control().barrierArrivals());
      assertEquals(0, counters.control().divergentBranches());
    }
  }

  private static LaunchCounters matmul(CountedKernels kernels, int n) {
    return kernels.run(
        "matmul",
        new Dim3(n / 16, n / 16),
        new Dim3(16, 16),
        kernels.ints(n * n),
        kernels.ints(n * n),
        kernels.ints(n * n),
        n);
  }

  @ParameterizedTest
  @EnumSource
  void a_reduction_diverges_in_its_last_five_steps(CountedKernels.Source source) {
    int blocks = 3;
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("reduce", blocks, 256, kernels.ints(256 * blocks), kernels.ints(blocks));
      assertEquals(255L * blocks, counters.operations(Pipe.FP32));
      // Steps of 128, 64, 32 and fewer lanes: 4, 2, 1 ... 1 warps.
      long steps = 4 + 2 + 6;
      assertEquals(blocks * (2 * steps + 1), counters.shared(AccessKind.LOAD).requests());
      assertEquals(blocks * (8 + steps), counters.shared(AccessKind.STORE).requests());
      assertEquals(4 * blocks * (2 * 255 + 1), counters.shared(AccessKind.LOAD).bytes());
      assertEquals(0, counters.allShared().bankConflicts());
      // 16, 8, 4, 2 and 1 lanes of a warp, then the one that stores.
      assertEquals(6 * blocks, counters.control().divergentBranches());
      assertEquals(9 * blocks, counters.control().barriers());
      assertEquals(
          new GlobalTraffic(blocks, 4 * blocks, blocks, 4 * blocks, 0),
          counters.global(AccessKind.STORE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_reduction_by_shuffles_exchanges_five_times(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters =
          kernels.run("reduce_warps", 2, 128, kernels.ints(256), kernels.ints(256));
      assertEquals(8 * 5, counters.executed(InstructionClass.EXCHANGE).warp());
      assertEquals(256 * 5, counters.operations(Pipe.FP32));
      assertEquals(0, counters.allShared().requests());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_product_of_tiles_is_two_operations_for_each_of_its_products(CountedKernels.Source source) {
    int depth = 10;
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters = kernels.run("multiply_tiles", 2, 64, kernels.ints(64), depth);
      assertEquals(4L * depth, counters.executed(InstructionClass.TENSOR).warp());
      assertEquals(4L * depth * 2 * 16 * 8 * 16, counters.operations(Pipe.TENSOR_FP16));
      assertEquals(0, counters.operations(Pipe.FP32));
    }
  }

  @ParameterizedTest
  @EnumSource
  void atomics_that_share_an_address_collide(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters spread = kernels.run("count_global", 4, 256, kernels.ints(1024), 1024);
      assertEquals(new Atomics(1024, 0, 1024, 1), spread.globalAtomics());
      LaunchCounters few = kernels.run("count_global", 4, 256, kernels.ints(4), 4);
      assertEquals(new Atomics(1024, 32 * 28, 4, 256), few.globalAtomics());
      assertEquals(new GlobalTraffic(32, 4096, 32, 32 * 16, 0), few.global(AccessKind.ATOMIC));
      assertEquals(new Footprint.Size(16, 16, 16, 1, 1), few.footprint());
      assertEquals(32, few.executed(InstructionClass.ATOMIC).warp());
    }
  }

  @ParameterizedTest
  @EnumSource
  void atomics_of_shared_memory_have_the_addresses_of_their_block(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters = kernels.run("count_shared", 2, 128, kernels.ints(64), 8);
      assertEquals(new Atomics(256, 8 * 24, 2 * 8, 16), counters.sharedAtomics());
      assertEquals(new SharedTraffic(8, 1024, 8, 0, 8), counters.shared(AccessKind.ATOMIC));
      assertEquals(new Atomics(0, 0, 0, 0), counters.globalAtomics());
      // One warp of each block clears and stores.
      assertEquals(2, counters.shared(AccessKind.STORE).requests());
      assertEquals(2, counters.global(AccessKind.STORE).requests());
      assertEquals(0, counters.control().divergentBranches());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_branch_by_parity_diverges_in_every_warp(CountedKernels.Source source) {
    int steps = 7;
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters counters = kernels.run("diverge", 1, 64, kernels.ints(64), steps);
      assertEquals(2 * steps, counters.control().divergentBranches());
    }
  }

  @Test
  void lanes_that_went_different_ways_execute_apart_and_meet_again() {
    int steps = 7;
    try (CountedKernels kernels = new CountedKernels(CountedKernels.Source.BY_HAND)) {
      LaunchCounters counters = kernels.run("diverge", 1, 64, kernels.ints(64), steps);
      // 5 before the loop, 4 + 2 + 1 + 3 of each step, 3 behind it.
      assertEquals(2 * (5 + 10 * steps + 3), counters.executed().warp());
      assertEquals(64 * (5 + 7 * steps + 3) + 32 * 3 * steps, counters.executed().lanes());
      assertEquals(2 * steps * 3, counters.control().branches());
    }
  }

  @ParameterizedTest
  @EnumSource
  void asynchronous_copies_count_in_both_memories(CountedKernels.Source source) {
    try (CountedKernels kernels = new CountedKernels(source)) {
      LaunchCounters whole =
          kernels.run("copy_async", 1, 64, kernels.ints(256), kernels.ints(256), 1024);
      assertEquals(new GlobalTraffic(2, 1024, 32, 1024, 0), whole.global(AccessKind.ASYNC_COPY));
      assertEquals(new SharedTraffic(2, 1024, 8, 0, 8), whole.shared(AccessKind.ASYNC_COPY));
      assertEquals(new SharedTraffic(2, 1024, 8, 0, 8), whole.shared(AccessKind.LOAD));
      // All of a warp, then 9 lanes and half of what another asks for, zeros for the rest.
      LaunchCounters part =
          kernels.run("copy_async", 1, 64, kernels.ints(256), kernels.ints(256), 512 + 152);
      assertEquals(new GlobalTraffic(2, 664, 21, 664, 0), part.global(AccessKind.ASYNC_COPY));
      assertEquals(new SharedTraffic(2, 1024, 8, 0, 8), part.shared(AccessKind.ASYNC_COPY));
      assertEquals(664, part.footprint().readBytes());
      assertEquals(21, part.footprint().readSectors());
    }
  }

  @ParameterizedTest
  @EnumSource
  void counters_are_the_same_whatever_the_workers(CountedKernels.Source source) {
    ExecutionOptions fast = ExecutionOptions.fast();
    List<ExecutionOptions> all =
        List.of(
            fast.withWorkers(1),
            fast.withWorkers(4),
            fast.withWorkers(4),
            fast.withWorkers(4).with(new Schedule.Late()),
            ExecutionOptions.checked().withWorkers(3));
    LaunchCounters first = null;
    for (ExecutionOptions options : all) {
      try (CountedKernels kernels = new CountedKernels(source, options)) {
        LaunchCounters counters = matmul(kernels, 64);
        first = first == null ? counters : first;
        assertEquals(first, counters);
        // What the launch before touched is forgotten.
        assertEquals(first, matmul(kernels, 64));
        assertNotEquals(first, matmul(kernels, 48));
      }
    }
  }

  @Test
  void what_failed_has_no_counters_and_leaves_none_behind() {
    try (CountedKernels kernels = new CountedKernels(CountedKernels.Source.BY_HAND)) {
      long in = kernels.ints(1000);
      long out = kernels.ints(1000);
      LaunchCounters before = kernels.run("copy", 4, 256, in, out, 1000);
      ExecutionResult failed = kernels.launch("copy", new Dim3(4), new Dim3(256), in, out, 1024);
      assertEquals(KernelFault.ILLEGAL_ADDRESS, failed.fault());
      assertNull(failed.counters());
      assertEquals(before, kernels.run("copy", 4, 256, in, out, 1000));
    }
  }

  @Test
  void what_is_found_does_not_keep_a_launch_from_counting() {
    try (CountedKernels kernels = new CountedKernels(CountedKernels.Source.BY_HAND)) {
      ExecutionResult unwritten =
          kernels.launch(
              "copy", new Dim3(1), new Dim3(32), kernels.unwritten(32), kernels.ints(32), 32);
      assertEquals(KernelFault.CHECKER, unwritten.fault());
      assertEquals(
          new GlobalTraffic(1, 128, 4, 128, 0), unwritten.counters().global(AccessKind.LOAD));
    }
  }
}
