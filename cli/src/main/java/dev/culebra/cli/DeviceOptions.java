package dev.culebra.cli;

import dev.culebra.runtime.Device;
import dev.culebra.runtime.Devices;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options of every command that computes. */
final class DeviceOptions {
  /** More than any machine has cores; the system has no room for much more. */
  private static final int MOST_THREADS = 1024;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = {
        "Where to compute: auto, cpu, cuda[:N] or emulated[:h100|a100|rtx4090].",
        "Default: -Dculebra.device, else CULEBRA_DEVICE, else auto."
      })
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads of the CPU device; 0 for one a core. Default: ${DEFAULT-VALUE}.")
  private int threads;

  /**
   * Opens the device asked for; where the choice was left to the program, says which it took.
   *
   * @throws ParameterException if {@link #check} does
   * @throws IllegalArgumentException when the device is not there
   */
  Device open() {
    check();
    Device opened = Devices.open(name(), threads);
    if (name().equals("auto")) {
      command
          .commandLine()
          .getErr()
          .println("device: " + opened.description() + " (auto: " + Devices.reasonForAuto() + ")");
    }
    return opened;
  }

  /**
   * Looks at what was asked for, before any work.
   *
   * @throws ParameterException when no device is called so, or can have so many threads
   */
  void check() {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new ParameterException(
          command.commandLine(),
          "--threads %d is %s"
              .formatted(threads, threads < 0 ? "negative" : "more than " + MOST_THREADS));
    }
    if (!Devices.isName(name())) {
      throw new ParameterException(
          command.commandLine(), "unknown device '" + name() + "'; there are " + Devices.NAMES);
    }
  }

  private String name() {
    return device != null ? device : Devices.configuredName();
  }
}
