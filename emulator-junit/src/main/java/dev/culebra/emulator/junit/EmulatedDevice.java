package dev.culebra.emulator.junit;

import dev.culebra.emulator.check.Finding;
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
