package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels that are right in unusual ways: under no schedule does a checker complain, and the result
 * is always the same.
 */
class SoundKernelTest {
  private static final Random RANDOM = new Random(Schedules.SEED);

  /**
   * A kernel and how it is launched.
   *
   * @param in words
   * @param out words, zeros before the launch
   */
  private record Subject(String kernel, int grid, int block, int in, int out, int n) {}

  static Stream<Subject> subjects() {
    return Stream.of(
        new Subject("tiles", 2, 128, 128, 128, 3),
        new Subject("large_tiles", 1, 128, 128, 128, 3),
        new Subject("aggregated", 3, 64, 192, 1, 2),
        new Subject("grid_of_groups", 3, 64, 192, 192, 2),
        new Subject("fence_reduction", 5, 64, 320, 6, 3),
        new Subject("look_back", 8, 32, 8, 256, 3),
        new Subject("volatile_flag", 4, 32, 1, 3, 7),
        new Subject("library_atomics", 4, 32, 2, 3, 7),
        new Subject("grid_by_hand", 3, 32, 96, 96, 2),
        new Subject("locks", 4, 64, 4, 2, 3),
        new Subject("warp_synchronous", 1, 128, 128, 1, 3),
        new Subject("half_warps", 1, 64, 64, 64, 3),
        new Subject("voting", 1, 96, 96, 96, 3),
        new Subject("early_return", 1, 128, 75, 75, 75),
        new Subject("shared_room", 1, 64, 64, 64, 3),
        new Subject("producer_warp", 1, 96, 160, 96, 5),
        new Subject("library_copies", 1, 64, 192, 64, 3),
        new Subject("copy_behind_flag", 1, 64, 1, 64, 3),
        new Subject("latched", 1, 64, 64, 64, 3),
        new Subject("cas_loops", 3, 64, 192, 2, 3),
        new Subject("leaders", 1, 128, 512, 16, 4),
        new Subject("drawn_tiles", 3, 32, 224, 224, 7),
        new Subject("guide_bulk", 3, 64, 192, 192, 7),
        new Subject("pipeline_roles", 1, 96, 384, 64, 6));
  }

  private static int[] run(Subject subject, int[] in, Schedule schedule) {
    ExecutionOptions options = ExecutionOptions.checked().with(schedule);
    try (Emulation emulation = new Emulation(CudaSource.module("sound.cu", 90), options)) {
      long out = emulation.buffer(new int[subject.out]);
      ExecutionResult result =
          emulation.launch(
              subject.kernel,
              new Dim3(subject.grid),
              new Dim3(subject.block),
              0,
              true,
              emulation.buffer(in),
              out,
              subject.n);
      assertEquals(List.of(), result.findings(), schedule + ", " + Schedules.seed());
      return emulation.ints(out, subject.out);
    }
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void no_checker_complains_of_what_is_right(Subject subject) {
    int[] in = RANDOM.ints(subject.in, 0, 1000).toArray();
    int[] expected = run(subject, in, new Schedule.Fixed());
    Schedules.all()
        .skip(1)
        .forEach(
            schedule ->
                assertArrayEquals(
                    expected, run(subject, in, schedule), schedule + ", " + Schedules.seed()));
  }
}
