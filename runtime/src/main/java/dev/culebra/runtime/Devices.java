package dev.culebra.runtime;

import dev.culebra.runtime.cpu.CpuDevice;

/** Opens devices by name. */
public final class Devices {
  private Devices() {}

  /**
   * Opens a device.
   *
   * @param name {@code auto}, {@code cpu}, {@code cuda[:N]} or {@code emulated[:h100|a100|rtx4090]}
   * @param threads for the CPU; 0 for one a core
   * @throws IllegalArgumentException when there is no such device; the message says what there is
   */
  public static Device open(String name, int threads) {
    return switch (name) {
      case "auto", "cpu" ->
          new CpuDevice(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
      default ->
          throw new IllegalArgumentException(
              "device '" + name + "' is not available in this build; available: auto, cpu");
    };
  }
}
