package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Finding;
import java.util.List;

/**
 * How a launch ended.
 *
 * @param fault null when it ran to its end
 * @param warpInstructions executed in all
 */
public record ExecutionResult(List<Finding> findings, KernelFault fault, long warpInstructions) {
  public boolean clean() {
    return fault == null && findings.isEmpty();
  }
}
