package dev.culebra.emulator.exec;

import dev.culebra.emulator.profile.DeviceProfile;

/** What a launch may ask for (CUDA C++ Programming Guide, technical specifications). */
final class LaunchLimits {
  private LaunchLimits() {}

  static void check(Launch launch, DeviceProfile profile, int parameterBytes) {
    Kernel kernel = launch.kernel();
    Dim3 block = launch.block();
    Dim3 grid = launch.grid();
    require(
        block.x() > 0 && block.y() > 0 && block.z() > 0,
        launch,
        "a block of " + block + " threads");
    require(grid.x() > 0 && grid.y() > 0 && grid.z() > 0, launch, "a grid of " + grid + " blocks");
    require(
        block.x() <= DeviceProfile.MAX_BLOCK_XY
            && block.y() <= DeviceProfile.MAX_BLOCK_XY
            && block.z() <= DeviceProfile.MAX_BLOCK_Z
            && block.product() <= DeviceProfile.MAX_THREADS_PER_BLOCK,
        launch,
        "a block of " + block + " threads; the device has 1024, 64 in z");
    require(
        block.product() <= kernel.maxThreadsPerBlock(),
        launch,
        "a block of "
            + block
            + " threads; the kernel was compiled for "
            + kernel.maxThreadsPerBlock());
    require(
        kernel.requiredBlock() == null || kernel.requiredBlock().equals(block),
        launch,
        "a block of " + block + "; the kernel requires " + kernel.requiredBlock());
    require(
        grid.y() <= DeviceProfile.MAX_GRID_YZ && grid.z() <= DeviceProfile.MAX_GRID_YZ,
        launch,
        "a grid of " + grid + "; y and z may be 65535 at most");
    int shared = profile.multiprocessor().sharedBytesPerBlockOptIn();
    require(
        launch.dynamicSharedBytes() >= 0
            && (long) kernel.staticSharedBytes() + launch.dynamicSharedBytes() <= shared,
        launch,
        kernel.staticSharedBytes()
            + " static and "
            + launch.dynamicSharedBytes()
            + " dynamic bytes of shared memory; a block has "
            + shared);
    require(
        launch.parameters().length == kernel.parameterBytes()
            && launch.parameters().length <= parameterBytes,
        launch,
        launch.parameters().length
            + " bytes of parameters; the kernel takes "
            + kernel.parameterBytes());
    require(
        launch.cluster() == null || launch.cluster().product() == 1,
        launch,
        "clusters of " + launch.cluster() + " blocks; clusters of one are emulated");
  }

  private static void require(boolean condition, Launch launch, String what) {
    if (!condition) {
      throw new IllegalArgumentException("launch of " + launch.kernel().name() + " with " + what);
    }
  }
}
