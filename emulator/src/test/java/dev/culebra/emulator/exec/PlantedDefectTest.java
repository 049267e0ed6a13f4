package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.ptx.SourceLine;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels with one defect each: under every schedule a checker finds it, in a line that is marked
 * with the kernel's name; and of the twin without it, no checker says anything.
 */
class PlantedDefectTest {
  private static final String SOURCE = "planted.cu";
  private static final int WORDS = 512;

  private final int[] in = new Random(Schedules.SEED).ints(WORDS, 0, 1000).toArray();

  /**
   * A defect and how its kernel is launched.
   *
   * @param finding what matches a part of the finding
   */
  private record Defect(String kernel, String finding, int grid, int block, int n) {}

  static Stream<Defect> defects() {
    return Stream.of(
        new Defect("misaligned_shared", "memory: .*no multiple of 16", 1, 32, 0),
        new Defect("beyond_local", "memory: .*in local memory", 1, 8, 8),
        new Defect("writes_parameter", "memory: .*parameter", 1, 32, 0),
        new Defect("unwritten_copy", "initialised: .*nobody wrote", 1, 32, 0),
        new Defect("same_slot", "race: .*nothing orders", 1, 64, 0),
        new Defect("counted_too_early", "race: .*nothing orders", 1, 64, 0),
        new Defect("one_reader_forgotten", "race: .*nothing orders", 1, 96, 5),
        new Defect("overlapping_tiles", "race: .*nothing orders", 3, 64, 0),
        new Defect("flag_without_fence", "race: .*nothing orders", 3, 32, 0),
        new Defect("shuffle_for_barrier", "race: .*nothing orders", 1, 32, 0),
        new Defect("barrier_in_branches", "barrier: .*different barriers", 1, 64, 0),
        new Defect("barrier_for_some", "barrier: .*different barriers", 1, 64, 99),
        new Defect("two_barriers", "barrier: .*deadlock", 1, 64, 0),
        new Defect("count_differs", "barrier: .*while others wait there for", 1, 96, 0),
        new Defect("arrival_missing", "barrier: .*deadlock", 1, 64, 0),
        new Defect("mask_without_me", "barrier: .*does not name it", 1, 32, 0),
        new Defect("lanes_never_come", "barrier: .*deadlock", 1, 32, 0),
        new Defect("shuffle_from_absent", "barrier: .*lane", 1, 32, 0),
        new Defect("mbarrier_not_made", "barrier: .*no mbarrier was initialised", 1, 32, 0),
        new Defect(
            "mbarrier_made_late", "race: .*nothing orders|no mbarrier was initialised", 1, 64, 0),
        new Defect("mbarrier_made_twice", "barrier: .*initialised again", 1, 32, 0),
        new Defect("too_many_arrivals", "barrier: .*arrivals, but the phase", 1, 32, 0),
        new Defect("bytes_never_come", "barrier: .*deadlock", 1, 32, 0),
        new Defect("never_waited", "async-copy: .*nobody has waited", 1, 32, 0),
        new Defect("not_committed", "async-copy: .*nobody has waited", 1, 32, 0),
        new Defect("waits_behind_barrier", "async-copy: .*wait", 1, 32, 0),
        new Defect("fence_for_barrier", "race: .*nothing orders", 1, 32, 0),
        new Defect("refilled_too_early", "race: .*nothing orders", 1, 64, 3),
        new Defect("no_proxy_fence", "async-copy: .*fence.proxy.async", 1, 64, 0),
        new Defect("ends_too_early", "async-copy: .*the block ends", 1, 64, 0),
        new Defect("row_reused", "async-copy: .*reads", 1, 64, 3));
  }

  private List<Finding> run(Defect defect, String twin, Schedule schedule) {
    ExecutionOptions options = ExecutionOptions.checked().with(schedule);
    try (Emulation emulation = new Emulation(CudaSource.module(SOURCE, 90), options)) {
      long out = emulation.empty(WORDS);
      Object[] arguments =
          defect.kernel.equals("writes_parameter")
              ? new Object[] {new byte[16], out}
              : new Object[] {emulation.buffer(in), out, defect.n};
      Dim3 grid = new Dim3(defect.grid);
      Dim3 block = new Dim3(defect.block);
      return emulation.launch(defect.kernel + twin, grid, block, 0, true, arguments).findings();
    }
  }

  /** The lines that a finding is in: its own, and those that it was inlined at. */
  private static List<Integer> lines(Finding finding) {
    return Stream.iterate(finding.source(), line -> line != null, SourceLine::inlinedAt)
        .map(SourceLine::line)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("defects")
  void a_planted_defect_is_found_in_its_line_and_its_clean_twin_passes(Defect defect) {
    List<Integer> marked = CudaSource.lines(SOURCE, "// " + defect.kernel);
    Pattern expected = Pattern.compile(defect.finding);
    Schedules.all()
        .forEach(
            schedule -> {
              String where = schedule + ", " + Schedules.seed();
              List<Finding> findings = run(defect, "_wrong", schedule);
              assertTrue(
                  findings.stream()
                      .anyMatch(
                          finding ->
                              expected.matcher(finding.toString()).find()
                                  && !Collections.disjoint(marked, lines(finding))),
                  () -> where + ", lines " + marked + ": " + findings);
              assertEquals(List.of(), run(defect, "_right", schedule), where);
            });
  }
}
