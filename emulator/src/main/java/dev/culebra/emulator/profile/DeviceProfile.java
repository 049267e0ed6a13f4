package dev.culebra.emulator.profile;

import java.util.List;

/**
 * The device that is emulated: what its attributes say, what it refuses, and how fast no device of
 * its kind can be exceeded.
 *
 * @param name what options call it: {@code h100}
 * @param displayName what {@code cuDeviceGetName} says
 * @param major of the compute capability
 * @param minor of the compute capability
 * @param multiprocessors how many there are
 * @param clockKilohertz boost clock
 * @param memoryBytes what {@code cuDeviceTotalMem} says
 * @param memoryClockKilohertz half the rate of transfers of one pin
 * @param memoryBusBits width of the path to memory
 * @param l2Bytes size of the second-level cache
 * @param persistingL2Bytes how much of it can be set aside
 * @param copyEngines that can move data while kernels run
 */
public record DeviceProfile(
    String name,
    String displayName,
    int major,
    int minor,
    int multiprocessors,
    int clockKilohertz,
    long memoryBytes,
    int memoryClockKilohertz,
    int memoryBusBits,
    int l2Bytes,
    int persistingL2Bytes,
    int copyEngines,
    MultiprocessorLimits multiprocessor,
    Rates rates,
    TensorCoreModel tensorCores) {

  /** Lanes of a warp, on every device. */
  public static final int WARP_SIZE = 32;

  /** Threads of a block, on every device. */
  public static final int MAX_THREADS_PER_BLOCK = 1024;

  /** Largest x and y of a block. */
  public static final int MAX_BLOCK_XY = 1024;

  /** Largest z of a block. */
  public static final int MAX_BLOCK_Z = 64;

  /** Largest x of a grid. */
  public static final int MAX_GRID_X = Integer.MAX_VALUE;

  /** Largest y and z of a grid. */
  public static final int MAX_GRID_YZ = 65535;

  /** Registers that one thread may use. */
  public static final int MAX_REGISTERS_PER_THREAD = 255;

  /** Bytes of {@code .const} memory of a module. */
  public static final int CONSTANT_BYTES = 65536;

  private static final double KILO = 1000;

  /** NVIDIA A100 SXM4 80GB, compute capability 8.0. */
  public static final DeviceProfile A100 =
      new DeviceProfile(
          "a100",
          "NVIDIA A100-SXM4-80GB",
          8,
          0,
          108,
          1_410_000,
          81_153L << 20,
          1_593_000,
          5120,
          40 << 20,
          30 << 20,
          3,
          new MultiprocessorLimits(2048, 32, 65536, 167936, 49152, 166912, 1024, 256, 4),
          new Rates(128, 64, 512, 64, 16, 128, 2048, 1024, 0, 4096, 128, 1),
          TensorCoreModel.AMPERE);

  /** NVIDIA GeForce RTX 4090, compute capability 8.9. */
  public static final DeviceProfile RTX4090 =
      new DeviceProfile(
          "rtx4090",
          "NVIDIA GeForce RTX 4090",
          8,
          9,
          128,
          2_520_000,
          24_217L << 20,
          10_501_000,
          384,
          72 << 20,
          50 << 20,
          2,
          new MultiprocessorLimits(1536, 24, 65536, 102400, 49152, 101376, 1024, 256, 4),
          new Rates(256, 4, 256, 64, 16, 128, 512, 256, 1024, 2048, 4, 2),
          TensorCoreModel.AMPERE);

  /** NVIDIA H100 SXM5 80GB, compute capability 9.0. */
  public static final DeviceProfile H100 =
      new DeviceProfile(
          "h100",
          "NVIDIA H100 80GB HBM3",
          9,
          0,
          132,
          1_980_000,
          81_079L << 20,
          2_619_000,
          5120,
          50 << 20,
          32_768_000,
          3,
          new MultiprocessorLimits(2048, 32, 65536, 233472, 49152, 232448, 1024, 256, 4),
          new Rates(256, 128, 512, 64, 16, 128, 4096, 2048, 8192, 8192, 256, 1),
          TensorCoreModel.HOPPER);

  /** All profiles. */
  public static final List<DeviceProfile> ALL = List.of(A100, RTX4090, H100);

  /**
   * The profile of that {@link #name}.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static DeviceProfile byName(String name) {
    for (DeviceProfile profile : ALL) {
      if (profile.name.equals(name)) {
        return profile;
      }
    }
    throw new IllegalArgumentException(
        "no device profile is called '"
            + name
            + "'; there are "
            + String.join(", ", ALL.stream().map(DeviceProfile::name).toList()));
  }

  /** Compute capability as {@code sm_90} has it: 90. */
  public int architecture() {
    return major * 10 + minor;
  }

  /** Bytes a second that memory can move at most: two transfers a clock on each pin. */
  public double memoryBytesPerSecond() {
    return 2 * KILO * memoryClockKilohertz * memoryBusBits / Byte.SIZE;
  }

  /** Operations a second of all multiprocessors for a rate per clock out of {@link #rates}. */
  public double perSecond(int perClock) {
    return KILO * clockKilohertz * multiprocessors * perClock;
  }
}
