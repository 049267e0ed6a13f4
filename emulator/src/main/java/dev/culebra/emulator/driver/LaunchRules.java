package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Dim3;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.exec.Launch;
import dev.culebra.emulator.profile.DeviceProfile;

/** What a launch may ask for, of the kernel and of the device. */
final class LaunchRules {
  private LaunchRules() {}

  /** The command of a launch that {@link #check} has let pass. */
  static KernelCommand command(
      DeviceFunction function,
      Dim3 grid,
      Dim3 block,
      int sharedBytes,
      byte[] arguments,
      LaunchSettings settings) {
    Launch launch =
        new Launch(
            function.kernel,
            grid,
            block,
            sharedBytes,
            arguments,
            settings.cooperative,
            settings.cluster);
    return new KernelCommand(function, launch, settings.kept);
  }

  /**
   * Refuses what the device would.
   *
   * @throws DriverException saying what is too much
   */
  static void check(
      Driver driver,
      DeviceFunction function,
      Dim3 grid,
      Dim3 block,
      int sharedBytes,
      LaunchSettings settings) {
    checkExtent(driver, grid, block);
    checkThreads(driver, function.kernel, block);
    checkShared(driver, function, sharedBytes);
    checkCluster(function.kernel, settings.cluster);
    Occupancy occupancy = new Occupancy(driver.options.profile(), function.kernel);
    int threads = (int) block.product();
    if (settings.cooperative && grid.product() > occupancy.blocksOfDevice(threads, sharedBytes)) {
      throw driver.misuse(
          Status.COOPERATIVE_LAUNCH_TOO_LARGE,
          "a cooperative grid of "
              + grid.product()
              + " blocks; the device holds "
              + occupancy.blocksOfDevice(threads, sharedBytes)
              + " at once");
    }
    function.requireSupported();
  }

  private static void checkExtent(Driver driver, Dim3 grid, Dim3 block) {
    if (outside(grid.x(), DeviceProfile.MAX_GRID_X)
        || outside(grid.y(), DeviceProfile.MAX_GRID_YZ)
        || outside(grid.z(), DeviceProfile.MAX_GRID_YZ)) {
      throw driver.misuse(Status.INVALID_VALUE, "a grid of " + grid + " blocks");
    }
    if (outside(block.x(), DeviceProfile.MAX_BLOCK_XY)
        || outside(block.y(), DeviceProfile.MAX_BLOCK_XY)
        || outside(block.z(), DeviceProfile.MAX_BLOCK_Z)
        || block.product() > DeviceProfile.MAX_THREADS_PER_BLOCK) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          "a block of "
              + block
              + " threads; there can be "
              + DeviceProfile.MAX_THREADS_PER_BLOCK
              + ", and "
              + DeviceProfile.MAX_BLOCK_Z
              + " in z");
    }
  }

  private static boolean outside(int value, int most) {
    return value < 1 || value > most;
  }

  private static void checkThreads(Driver driver, Kernel kernel, Dim3 block) {
    Dim3 required = kernel.requiredBlock();
    if (required != null && !required.equals(block)) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          kernel.name() + " is compiled for blocks of " + required + ", not of " + block);
    }
    if (block.product() > kernel.maxThreadsPerBlock()) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          kernel.name()
              + " is compiled for "
              + kernel.maxThreadsPerBlock()
              + " threads a block at most, not for "
              + block.product());
    }
  }

  private static void checkShared(Driver driver, DeviceFunction function, int sharedBytes) {
    Kernel kernel = function.kernel;
    int most = function.maxDynamicSharedBytes();
    if (sharedBytes < 0 || sharedBytes > most) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          sharedBytes
              + " bytes of dynamic shared memory for "
              + kernel.name()
              + ", which may have "
              + most
              + "; more needs CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES");
    }
  }

  private static void checkCluster(Kernel kernel, Dim3 cluster) {
    Dim3 required = kernel.requiredCluster();
    if (cluster.product() != 1 || required != null && required.product() != 1) {
      throw Status.NOT_SUPPORTED.because(
          "clusters of more than one block are not emulated ("
              + (required == null ? cluster : required)
              + " for "
              + kernel.name()
              + ")");
    }
  }
}
