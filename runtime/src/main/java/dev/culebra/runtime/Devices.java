package dev.culebra.runtime;

import dev.culebra.runtime.cpu.CpuDevice;
import java.util.regex.Pattern;

/** Opens devices by name. */
public final class Devices {
  /** What device names look like, for help texts and error messages. */
  public static final String NAMES = "auto, cpu, cuda[:N], emulated[:h100|a100|rtx4090]";

  private static final Pattern CUDA = Pattern.compile("cuda(:\\d+)?");
  private static final Pattern EMULATED = Pattern.compile("emulated(:(h100|a100|rtx4090))?");

  private Devices() {}

  /**
   * The device that a user asked for outside the command line: {@code -Dculebra.device}, else
   * {@code CULEBRA_DEVICE}, else {@code auto}.
   */
  public static String configuredName() {
    String property = System.getProperty("culebra.device");
    if (property != null && !property.isBlank()) {
      return property.strip();
    }
    String variable = System.getenv("CULEBRA_DEVICE");
    return variable == null || variable.isBlank() ? "auto" : variable.strip();
  }

  /** Whether {@link #open} knows such a name, be the device there or not. */
  public static boolean isName(String name) {
    return name.equals("auto")
        || name.equals("cpu")
        || CUDA.matcher(name).matches()
        || EMULATED.matcher(name).matches();
  }

  /** Whether a GPU can be opened as {@code cuda}. */
  public static boolean isCudaAvailable() {
    return false;
  }

  /** Why {@code auto} is the device that it is. */
  public static String reasonForAuto() {
    return "this build computes on the CPU only";
  }

  /**
   * Opens a device.
   *
   * @param name {@code auto}, {@code cpu}, {@code cuda[:N]} or {@code emulated[:h100|a100|rtx4090]}
   * @param threads for the CPU; 0 for one a core
   * @throws IllegalArgumentException when there is no such device; the message says what there is
   */
  public static Device open(String name, int threads) {
    if (name.equals("auto") || name.equals("cpu")) {
      return new CpuDevice(threads > 0 ? threads : Runtime.getRuntime().availableProcessors());
    }
    if (isName(name)) {
      throw new IllegalArgumentException(
          "device '" + name + "' is not available: " + reasonForAuto() + "; use cpu or auto");
    }
    throw new IllegalArgumentException("unknown device '" + name + "'; there are " + NAMES);
  }
}
