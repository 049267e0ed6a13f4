package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.check.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels that are right, broken by program: the checkers find what was broken, and where. */
class MutantTest {
  /** Mutants of each source that are judged, of some hundreds. */
  private static final int SAMPLE = Boolean.getBoolean("culebra.exhaustive") ? 10_000 : 60;

  /** Warp instructions; blocks that poll one another use up a part of them. */
  private static final long BUDGET = 400_000;

  /** Reads all of a result, as whatever comes after a kernel does. */
  private static final String READER =
      """

      .visible .entry reads_all(.param .u64 words, .param .u32 count) {
        .reg .pred %done;
        .reg .b32 %i, %n, %word;
        .reg .b64 %at, %rest;
        ld.param.u64 %at, [words];
        ld.param.u32 %n, [count];
        mov.u32 %i, %tid.x;
        mul.wide.u32 %rest, %i, 4;
        add.u64 %at, %at, %rest;
      next:
        setp.ge.u32 %done, %i, %n;
        @%done bra end;
        ld.global.u32 %word, [%at];
        add.u32 %i, %i, 32;
        add.u64 %at, %at, 128;
        bra next;
      end:
        ret;
      }
      """;

  /**
   * A kernel and how it is launched.
   *
   * @param in words
   * @param out words
   * @param zeroed whether the kernel adds to what is there
   */
  private record Subject(
      String kernel, Dim3 grid, Dim3 block, int in, int out, int n, boolean zeroed) {
    private Subject(String kernel, int grid, int block, int in, int out, int n) {
      this(kernel, new Dim3(grid), new Dim3(block), in, out, n, false);
    }
  }

  /** Where kernels come from. */
  enum Source {
    COMPILED(
        new Subject("matmul", new Dim3(2, 2), new Dim3(8, 8), 144, 144, 12, false),
        new Subject("block_sum", 3, 128, 1000, 3, 1000),
        new Subject("warp_sum", 1, 32, 32, 32, 5),
        new Subject("transpose", new Dim3(3, 2), new Dim3(8, 8), 240, 240, 12, false),
        new Subject("ring", 1, 64, 256 * 5, 64, 5),
        new Subject("double_buffer", 1, 64, 64 * 5, 64, 5),
        new Subject("mbarrier_pipeline", 1, 96, 32 * 5, 64, 5),
        new Subject("mbarrier_copies", 1, 64, 64 * 4, 64, 4),
        new Subject("bulk", 1, 64, 64 * 5, 64 * 5, 5),
        new Subject("softmax", 2, 64, 200, 200, 100),
        new Subject("layer_norm", 2, 64, 200, 200, 100),
        new Subject("hand_over", 1, 128, 64 * 4, 64 * 4, 4),
        new Subject("histogram", new Dim3(3), new Dim3(64), 1000, 32, 1000, true),
        new Subject("scan", 1, 96, 96, 96, 96),
        new Subject("look_back", 4, 32, 4, 4, 1),
        new Subject("last_block", new Dim3(4), new Dim3(32), 128, 1, 3, true),
        new Subject("grid_barrier", 3, 64, 192, 192, 2)) {
      @Override
      String module() {
        return CudaSource.ptx("mutated.cu", 90);
      }
    },
    BY_HAND(
        new Subject("sums", 3, 64, 150, 3, 150),
        new Subject("copies", 1, 32, 32 * 5, 32, 5),
        new Subject("boxes", 1, 64, 32 * 4, 32, 4),
        new Subject("chain", 4, 32, 4, 4, 1)) {
      @Override
      String module() {
        try (InputStream text = MutantTest.class.getResourceAsStream("mutated.ptx")) {
          return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };

    private final List<Subject> subjects;

    Source(Subject... subjects) {
      this.subjects = List.of(subjects);
    }

    abstract String module();

    /** For each kernel a module of it, and the reader. */
    List<String> modules() {
      return subjects.stream().map(this::module).toList();
    }

    /** A module of one of the kernels, and the reader. */
    String module(Subject subject) {
      Matcher entry =
          Pattern.compile("(?ms)^\\.visible \\.entry (\\w+)\\(.*?^}\\n").matcher(module());
      return entry.replaceAll(
              match ->
                  subject.kernel.equals(match.group(1))
                      ? Matcher.quoteReplacement(match.group())
                      : "")
          + READER;
    }
  }

  /** What a launch, and a look at its result, came to. */
  private record Outcome(List<Finding> findings, int[] result) {}

  /** Numbers are bits of floats from 1 to 2, which do for integers too. */
  private static Outcome run(String module, Subject subject, Schedule schedule) {
    ExecutionOptions options =
        ExecutionOptions.checked().with(schedule).withWorkers(1).withInstructionBudget(BUDGET);
    try (Emulation emulation = new Emulation(module, options)) {
      int[] numbers =
          new Random(5).ints(subject.in, 0, 1 << 20).map(i -> 0x3f80_0000 | i << 3).toArray();
      long in = emulation.buffer(numbers);
      long out =
          subject.zeroed ? emulation.buffer(new int[subject.out]) : emulation.empty(subject.out);
      List<Finding> findings =
          emulation
              .launch(subject.kernel, subject.grid, subject.block, 0, true, in, out, subject.n)
              .findings();
      if (findings.isEmpty()) {
        findings = emulation.launch("reads_all", 1, 32, out, subject.out).findings();
      }
      return new Outcome(findings, emulation.ints(out, subject.out));
    }
  }

  @ParameterizedTest
  @EnumSource
  void clean_kernels_pass_in_silence(Source source) {
    for (Subject subject : source.subjects) {
      String module = source.module(subject);
      int[] expected = run(module, subject, new Schedule.Fixed()).result;
      for (Schedule schedule : Schedules.all().toList()) {
        Outcome outcome = run(module, subject, schedule);
        assertEquals(List.of(), outcome.findings, subject + " " + schedule);
        assertArrayEquals(expected, outcome.result, subject + " " + schedule);
      }
    }
  }

  /** What became of a mutant. */
  private enum Verdict {
    CAUGHT,
    WRONG_RESULT,
    /** What the change touches is never met, or never makes a difference. */
    EQUIVALENT,
    SAME_RESULT
  }

  private record Judged(Subject subject, Mutant mutant, Verdict verdict, Finding finding) {}

  private record Candidate(Subject subject, String module, Mutant mutant) {}

  private static Judged judge(Candidate candidate) {
    Subject subject = candidate.subject;
    Mutant mutant = candidate.mutant;
    List<int[]> results = new ArrayList<>();
    for (Schedule schedule : Schedules.all().limit(3).toList()) {
      Outcome outcome = run(mutant.text(), subject, schedule);
      if (!outcome.findings.isEmpty()) {
        return new Judged(subject, mutant, Verdict.CAUGHT, outcome.findings.getFirst());
      }
      results.add(outcome.result);
    }
    int[] expected = run(candidate.module, subject, new Schedule.Fixed()).result;
    boolean right = results.stream().allMatch(result -> Arrays.equals(expected, result));
    Verdict verdict =
        !right
            ? Verdict.WRONG_RESULT
            : run(mutant.witness(), subject, new Schedule.Fixed()).findings.isEmpty()
                ? Verdict.EQUIVALENT
                : Verdict.SAME_RESULT;
    return new Judged(subject, mutant, verdict, null);
  }

  /**
   * That a thread polls with an acquire and passes a barrier before others read what was released:
   * barriers make known what strong reads saw, as kernels that are known to be right rely on.
   */
  private static boolean accepted(Judged judged) {
    return judged.subject.kernel.equals("grid_barrier")
        && judged.mutant.mutation() == Mutation.ORDER_WEAKENED
        && judged.mutant.before().startsWith("ld.acquire");
  }

  @ParameterizedTest
  @EnumSource
  void what_is_always_a_defect_is_caught_in_its_line(Source source) {
    List<Candidate> candidates = new ArrayList<>();
    for (Subject subject : source.subjects) {
      String module = source.module(subject);
      Mutant.of(module, subject.kernel)
          .forEach(mutant -> candidates.add(new Candidate(subject, module, mutant)));
    }
    Collections.shuffle(candidates, new Random(Schedules.SEED));
    List<Judged> all = candidates.stream().limit(SAMPLE).map(MutantTest::judge).toList();
    print(source, candidates.size(), all);
    for (Judged judged : all) {
      Mutation mutation = judged.mutant.mutation();
      if (mutation.alwaysDefect && judged.verdict != Verdict.EQUIVALENT && !accepted(judged)) {
        assertEquals(Verdict.CAUGHT, judged.verdict, judged + " " + Schedules.seed());
      }
      if (judged.verdict == Verdict.CAUGHT) {
        assertPlaced(judged);
      }
    }
  }

  /** A finding has a line, and names the change where that is an access or an exchange. */
  private static void assertPlaced(Judged judged) {
    Finding finding = judged.finding;
    assertNotNull(finding.position(), finding.toString());
    boolean later = finding.kernel().equals("reads_all");
    boolean compiled = judged.mutant.text().contains("\t.file\t");
    assertEquals(compiled && !later, finding.source() != null, finding.toString());
    boolean named =
        switch (judged.mutant.mutation()) {
          case ATOMIC_SPLIT, MASK_NARROWED -> true;
          case STORE_OFF_BY_ONE, LOAD_OFF_BY_ONE -> finding.checker() == Checker.MEMORY;
          default -> false;
        };
    if (named) {
      assertTrue(
          finding.toString().contains("test.ptx:" + judged.mutant.line() + ":"),
          judged + " " + Schedules.seed());
    }
  }

  private static void print(Source source, int mutants, List<Judged> all) {
    Map<Mutation, int[]> counts = new EnumMap<>(Mutation.class);
    for (Judged judged : all) {
      counts
          .computeIfAbsent(judged.mutant.mutation(), key -> new int[Verdict.values().length])[
          judged.verdict.ordinal()]++;
    }
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            "%s: %d of %d mutants, %s%n%-24s caught  wrong  equivalent  same result%n",
            source, all.size(), mutants, Schedules.seed(), ""));
    counts.forEach(
        (mutation, count) ->
            table.append(
                String.format(
                    "%-24s %6d %6d %11d %12d%n",
                    mutation, count[0], count[1], count[2], count[3])));
    System.out.print(table);
  }
}
