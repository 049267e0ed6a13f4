package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.count.LaunchCounters;
import java.util.List;

/**
 * How a launch ended.
 *
 * @param fault null when it ran to its end
 * @param warpInstructions executed in all
 * @param counters null where nobody asked for them, or the kernel did not run to its end
 */
public record ExecutionResult(
    List<Finding> findings, KernelFault fault, long warpInstructions, LaunchCounters counters) {
  public boolean clean() {
    return fault == null && findings.isEmpty();
  }
}
