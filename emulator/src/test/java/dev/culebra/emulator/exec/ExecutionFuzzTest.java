package dev.culebra.emulator.exec;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.ptx.PtxException;
import dev.culebra.emulator.ptx.PtxModule;
import dev.culebra.emulator.ptx.PtxMutator;
import dev.culebra.emulator.ptx.PtxParser;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kernels that were broken at random and still parse: each is refused with a line, or runs until it
 * ends, faults in a line or has used up its budget. Nothing else is ever thrown, and it is soon.
 */
class ExecutionFuzzTest {
  private static final boolean EXHAUSTIVE = Boolean.getBoolean("culebra.exhaustive");
  private static final int ROUNDS = EXHAUSTIVE ? 100_000 : 400;
  private static final Duration LIMIT = Duration.ofMinutes(EXHAUSTIVE ? 60 : 3);

  /** Warp instructions that a mutant may execute. */
  private static final long BUDGET = 20_000;

  private static final int WORDS = 1024;

  /** What became of a mutant. */
  private enum Fate {
    NOT_PARSED,
    REFUSED,
    CLEAN,
    FOUND
  }

  private static Fate fate(String text, ExecutionOptions options, SplittableRandom random) {
    PtxModule module;
    try {
      module = PtxParser.parse("mutant.ptx", text);
    } catch (PtxException refused) {
      return Fate.NOT_PARSED;
    }
    try (DeviceMemory memory = new DeviceMemory(1L << 28);
        Executor executor =
            new Executor(
                memory,
                Emulation.PROFILE,
                options,
                new PrintStream(OutputStream.nullOutputStream()))) {
      Program program = loaded(module, memory);
      if (program == null) {
        return Fate.REFUSED;
      }
      try (program) {
        Fate fate = Fate.CLEAN;
        for (Kernel kernel : program.kernels()) {
          Fate next = run(kernel, executor, memory, random);
          fate = next.compareTo(fate) > 0 || fate == Fate.CLEAN ? next : fate;
        }
        return fate;
      }
    }
  }

  private static Program loaded(PtxModule module, DeviceMemory memory) {
    return refusedWithItsPlace(() -> Program.load(module, memory, Emulation.PROFILE));
  }

  /** What something gives; null where it refuses what it is given, saying where. */
  private static <T> T refusedWithItsPlace(Supplier<T> action) {
    try {
      return action.get();
    } catch (UnsupportedPtxException refused) {
      String message = refused.getMessage();
      assertTrue(message.matches("(?s).*mutant\\.ptx(:\\d+:\\d+.*| has addresses of .*)"), message);
      return null;
    }
  }

  private static Fate run(
      Kernel kernel, Executor executor, DeviceMemory memory, SplittableRandom random) {
    byte[] parameters =
        refusedWithItsPlace(
            () -> {
              kernel.requireSupported();
              return arguments(kernel, memory);
            });
    if (parameters == null) {
      return Fate.REFUSED;
    }
    int threads = Math.min(kernel.maxThreadsPerBlock(), 32 * random.nextInt(1, 4));
    Dim3 block = kernel.requiredBlock() != null ? kernel.requiredBlock() : new Dim3(threads);
    Launch launch = new Launch(kernel, new Dim3(random.nextInt(1, 4)), block, 0, parameters);
    ExecutionResult result = refusedWithItsPlace(() -> launched(executor, launch));
    if (result == null) {
      return Fate.REFUSED;
    }
    for (Finding finding : result.findings()) {
      assertTrue(finding.position() != null && finding.position().line() > 0, finding.toString());
    }
    return result.findings().isEmpty() ? Fate.CLEAN : Fate.FOUND;
  }

  /** Null where the kernel needs more than a block may have. */
  private static ExecutionResult launched(Executor executor, Launch launch) {
    try {
      return executor.run(launch);
    } catch (IllegalArgumentException refused) {
      assertTrue(refused.getMessage().startsWith("launch of "), refused.getMessage());
      return null;
    }
  }

  /** Buffers where there is room for a pointer, the number 64 elsewhere. */
  private static byte[] arguments(Kernel kernel, DeviceMemory memory) {
    ByteBuffer bytes = ByteBuffer.allocate(kernel.parameterBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < bytes.capacity(); at += Long.BYTES) {
      if (at + Long.BYTES <= bytes.capacity()) {
        long buffer = memory.allocate(WORDS * 4L, "buffer");
        memory.fill(buffer, 0x01010101, 4, WORDS);
        bytes.putLong(at, buffer);
      } else if (at + Integer.BYTES <= bytes.capacity()) {
        bytes.putInt(at, 64);
      }
    }
    return bytes.array();
  }

  @ParameterizedTest
  @EnumSource
  void mutants_that_parse_end_with_a_line(MutantTest.Source source) {
    long seed = Schedules.SEED;
    SplittableRandom random = new SplittableRandom(seed);
    List<PtxMutator> mutators =
        source.modules().stream().map(text -> new PtxMutator(text, random)).toList();
    AtomicReference<String> mutant = new AtomicReference<>();
    int[] fates = new int[Fate.values().length];
    try {
      assertTimeoutPreemptively(
          LIMIT,
          () -> {
            for (int i = 0; i < ROUNDS; i++) {
              PtxMutator mutator = mutators.get(random.nextInt(mutators.size()));
              mutant.set(random.nextInt(8) == 0 ? mutator.mutate() : mutator.mutateOnce());
              fates[fate(mutant.get(), options(random), random).ordinal()]++;
            }
          });
    } catch (Throwable failure) {
      fail(Schedules.seed() + ", mutant:\n" + mutant.get(), failure);
    }
    System.out.printf(
        "Execution fuzz, %s: %s, %,d mutants: %,d not parsed, %,d refused, %,d ran clean, %,d"
            + " found%n",
        source, Schedules.seed(), ROUNDS, fates[0], fates[1], fates[2], fates[3]);
    assertTrue(fates[2] + fates[3] > ROUNDS / 20, "hardly any mutant runs: this tests too little");
  }

  private static ExecutionOptions options(SplittableRandom random) {
    ExecutionOptions options =
        random.nextInt(4) == 0 ? ExecutionOptions.fast() : ExecutionOptions.checked();
    Schedule schedule =
        switch (random.nextInt(3)) {
          case 0 -> new Schedule.Fixed();
          case 1 -> new Schedule.Late();
          default -> new Schedule.Random(random.nextLong());
        };
    return options.with(schedule).withWorkers(1).withInstructionBudget(BUDGET);
  }
}
