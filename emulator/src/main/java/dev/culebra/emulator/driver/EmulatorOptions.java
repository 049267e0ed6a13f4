package dev.culebra.emulator.driver;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.exec.ExecutionOptions;
import dev.culebra.emulator.exec.Schedule;
import dev.culebra.emulator.profile.DeviceProfile;
import java.io.OutputStream;
import java.io.PrintStream;

/**
 * What device stands behind the driver's functions, and how it runs.
 *
 * @param memoryBytes of device memory; the profile's when 0
 * @param deviceOutput where what kernels print goes
 * @param log where findings and functions that are not emulated are told, a line each; and
 *     counters, where they are asked for, a table a launch
 */
public record EmulatorOptions(
    DeviceProfile profile,
    ExecutionOptions execution,
    long memoryBytes,
    PrintStream deviceOutput,
    PrintStream log) {

  private static final String PREFIX = "culebra.emulator.";

  /** An H100, all checkers, the fixed schedule. */
  public static EmulatorOptions defaults() {
    return new EmulatorOptions(
        DeviceProfile.H100, ExecutionOptions.checked(), 0, System.out, System.err);
  }

  /**
   * The {@link #defaults}, changed by the system properties {@code culebra.emulator.profile} (a
   * profile's name), {@code .schedule} ({@code fixed}, {@code late}, {@code random:SEED}), {@code
   * .check} (checkers by name with commas between, {@code all} or {@code none}), {@code .counters}
   * ({@code none} or {@code table}), {@code .workers} (threads) and {@code .memory} (bytes).
   *
   * @throws IllegalArgumentException naming the property whose value is wrong
   */
  public static EmulatorOptions ofSystemProperties() {
    EmulatorOptions options = defaults();
    String property = PREFIX + "profile";
    try {
      options = options.with(DeviceProfile.byName(value(property, options.profile.name())));
      property = PREFIX + "schedule";
      options = options.with(Schedule.parse(value(property, "fixed")));
      property = PREFIX + "check";
      options = options.with(options.execution.with(Checker.parse(value(property, "all"))));
      property = PREFIX + "counters";
      options = options.with(options.execution.withCounters(tables(value(property, "none"))));
      property = PREFIX + "workers";
      int workers = Integer.parseInt(value(property, "" + options.execution.workers()));
      options = options.with(options.execution.withWorkers(workers));
      property = PREFIX + "memory";
      return options.withMemory(Long.parseLong(value(property, "0")));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("system property " + property + ": " + e.getMessage(), e);
    }
  }

  private static boolean tables(String value) {
    return switch (value) {
      case "none" -> false;
      case "table" -> true;
      default -> throw new IllegalArgumentException("'" + value + "': give none or table");
    };
  }

  private static String value(String property, String otherwise) {
    return System.getProperty(property, otherwise);
  }

  public EmulatorOptions with(DeviceProfile other) {
    return new EmulatorOptions(other, execution, memoryBytes, deviceOutput, log);
  }

  public EmulatorOptions with(ExecutionOptions other) {
    return new EmulatorOptions(profile, other, memoryBytes, deviceOutput, log);
  }

  public EmulatorOptions with(Schedule other) {
    return with(execution.with(other));
  }

  public EmulatorOptions withMemory(long bytes) {
    return new EmulatorOptions(profile, execution, bytes, deviceOutput, log);
  }

  /** Says nothing: findings are kept all the same. */
  public EmulatorOptions quiet() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new EmulatorOptions(profile, execution, memoryBytes, deviceOutput, nowhere);
  }

  /** What kernels print goes there. */
  public EmulatorOptions withDeviceOutput(PrintStream output) {
    return new EmulatorOptions(profile, execution, memoryBytes, output, log);
  }
}
