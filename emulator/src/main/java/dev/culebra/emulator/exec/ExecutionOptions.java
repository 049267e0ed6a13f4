package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import java.util.Set;

/**
 * How kernels are run.
 *
 * @param checkers what is looked for
 * @param counters whether what launches do is counted
 * @param workers threads that run blocks
 * @param perturbApproximations whether approximate instructions are made as wrong as they may be
 * @param instructionBudget warp instructions after which a launch is given up; 0 for no limit
 */
public record ExecutionOptions(
    Set<Checker> checkers,
    Schedule schedule,
    boolean counters,
    int workers,
    boolean perturbApproximations,
    long instructionBudget) {
  public ExecutionOptions {
    checkers = Set.copyOf(checkers);
    if (workers < 1) {
      throw new IllegalArgumentException("workers: " + workers + "; give 1 or more");
    }
  }

  /** All checkers, the fixed schedule, a worker a processor. */
  public static ExecutionOptions checked() {
    return new ExecutionOptions(
        Set.of(Checker.values()),
        new Schedule.Fixed(),
        false,
        Runtime.getRuntime().availableProcessors(),
        false,
        0);
  }

  /** No checker: as fast as it goes. */
  public static ExecutionOptions fast() {
    return checked().with(Set.of());
  }

  public ExecutionOptions with(Set<Checker> others) {
    return new ExecutionOptions(
        others, schedule, counters, workers, perturbApproximations, instructionBudget);
  }

  public ExecutionOptions with(Schedule other) {
    return new ExecutionOptions(
        checkers, other, counters, workers, perturbApproximations, instructionBudget);
  }

  public ExecutionOptions withCounters(boolean counted) {
    return new ExecutionOptions(
        checkers, schedule, counted, workers, perturbApproximations, instructionBudget);
  }

  public ExecutionOptions withWorkers(int number) {
    return new ExecutionOptions(
        checkers, schedule, counters, number, perturbApproximations, instructionBudget);
  }

  public ExecutionOptions withInstructionBudget(long budget) {
    return new ExecutionOptions(
        checkers, schedule, counters, workers, perturbApproximations, budget);
  }
}
