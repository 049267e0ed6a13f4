package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Schedules that kernels are tested under; those at random from a seed that tests print. */
final class Schedules {
  static final long SEED = Long.getLong("culebra.seed", System.nanoTime());

  private static final int RANDOM = Boolean.getBoolean("culebra.exhaustive") ? 100 : 20;

  private Schedules() {}

  static Stream<Schedule> all() {
    return Stream.concat(
        Stream.of(new Schedule.Fixed(), new Schedule.Late()),
        IntStream.range(0, RANDOM).mapToObj(i -> new Schedule.Random(SEED + i)));
  }

  /** Checkers of accesses alone, under each schedule. */
  static Stream<ExecutionOptions> checkingAccesses() {
    Set<Checker> checkers = Set.of(Checker.MEMORY, Checker.INITIALISED, Checker.ASYNC_COPY);
    return all().map(schedule -> ExecutionOptions.checked().with(checkers).with(schedule));
  }

  /** No checkers, under each schedule. */
  static Stream<ExecutionOptions> checkingNothing() {
    return all().map(schedule -> ExecutionOptions.fast().with(schedule));
  }

  static Stream<ExecutionOptions> both() {
    return Stream.of(checkingAccesses(), checkingNothing()).flatMap(options -> options);
  }

  static String seed() {
    return "-Dculebra.seed=" + SEED;
  }
}
