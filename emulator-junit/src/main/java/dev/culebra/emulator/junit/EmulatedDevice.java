package dev.culebra.emulator.junit;

import dev.culebra.emulator.check.Finding;
import dev.culebra.emulator.count.LaunchCounters;
import dev.culebra.emulator.driver.EmulatedDriver;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The device that an {@link EmulatedGpu} test runs on: a parameter of the test. */
public final class EmulatedDevice {
  private final ByteArrayOutputStream output;

  EmulatedDevice(ByteArrayOutputStream output) {
    this.output = output;
  }

  /** What the checkers found so far. */
  public List<Finding> findings() {
    return EmulatedDriver.findings();
  }

  /** What the checkers found so far, as a test expects it: it does not fail for these. */
  public List<Finding> takeFindings() {
    return EmulatedDriver.takeFindings();
  }

  /**
   * What kernels did, in the order in which they ran. Wait for them first: what is still enqueued
   * has not run.
   *
   * @throws IllegalStateException where {@link EmulatedGpu#counters} does not ask for it
   */
  public List<LaunchCounters> counters() {
    if (!EmulatedDriver.options().execution().counters()) {
      throw new IllegalStateException("nothing is counted without @EmulatedGpu(counters = true)");
    }
    return EmulatedDriver.counters();
  }

  /**
   * What the last launch of a kernel did.
   *
   * @param kernel as PTX spells it or as C++ does
   * @throws IllegalStateException where no such kernel has run, or nothing is counted
   */
  public LaunchCounters counters(String kernel) {
    List<LaunchCounters> all = counters();
    return all.reversed().stream()
        .filter(counters -> counters.launch().isOf(kernel))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no launch of %s has run to its end; those that have: %s"
                        .formatted(
                            kernel,
                            all.stream().map(counters -> counters.launch().kernel()).toList())));
  }

  /** What kernels printed so far. */
  public String printed() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /** Functions that were called and instructions that were met though they are not emulated. */
  public Set<String> unsupported() {
    return EmulatedDriver.unsupported();
  }

  /** Why the calling thread's last driver call that failed did; empty where none did. */
  public String explanation() {
    return EmulatedDriver.explanation();
  }
}
