package dev.culebra.emulator.driver;

import dev.culebra.bindings.cuda.CUlaunchConfig;
import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.profile.DeviceProfile;

/** How many blocks of a kernel fit, and which size of block fills the device best. */
final class OccupancyApi {
  private static final int SUCCESS = 0;
  private static final int DISABLE_CACHING_OVERRIDE = 1;

  private OccupancyApi() {}

  static int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long blocks, long handle, int blockSize, long dynamicBytes) {
    return cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
        blocks, handle, blockSize, dynamicBytes, 0);
  }

  static int cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      long blocks, long handle, int blockSize, long dynamicBytes, int flags) {
    DeviceFunction function = function(handle);
    checkFlags(flags);
    if (blockSize <= 0 || dynamicBytes < 0) {
      throw Status.INVALID_VALUE.because(
          "blocks of " + blockSize + " threads and " + dynamicBytes + " bytes");
    }
    CallerMemory.putInt(blocks, blocks(function, blockSize, dynamicBytes));
    return SUCCESS;
  }

  static int cuOccupancyAvailableDynamicSMemPerBlock(
      long bytes, long handle, int blocks, int blockSize) {
    Occupancy occupancy = occupancy(function(handle).kernel);
    if (blocks <= 0 || blockSize <= 0 || occupancy.blocks(blockSize, 0) < blocks) {
      throw Status.INVALID_VALUE.because(
          blocks + " blocks of " + blockSize + " threads do not fit a multiprocessor");
    }
    CallerMemory.putLong(bytes, occupancy.dynamicSharedBytes(blocks));
    return SUCCESS;
  }

  static int cuOccupancyMaxPotentialBlockSize(
      long grid, long block, long handle, long bytesOfBlock, long dynamicBytes, int limit) {
    return cuOccupancyMaxPotentialBlockSizeWithFlags(
        grid, block, handle, bytesOfBlock, dynamicBytes, limit, 0);
  }

  /** The size that keeps most threads resident; of several the largest. */
  static int cuOccupancyMaxPotentialBlockSizeWithFlags(
      long grid,
      long block,
      long handle,
      long bytesOfBlock,
      long dynamicBytes,
      int limit,
      int flags) {
    DeviceFunction function = function(handle);
    checkFlags(flags);
    CallerMemory.requireNonNull(grid, "the place for a grid's size");
    CallerMemory.requireNonNull(block, "the place for a block's size");
    int most = function.kernel.maxThreadsPerBlock();
    int largest = limit <= 0 ? most : Math.min(limit, most);
    int bestThreads = 0;
    int bestBlock = 0;
    int bestBlocks = 0;
    int roundedUp = (largest + DeviceProfile.WARP_SIZE - 1) / DeviceProfile.WARP_SIZE;
    for (int warps = roundedUp; warps > 0; warps--) {
      int threads = Math.min(largest, warps * DeviceProfile.WARP_SIZE);
      long bytes =
          bytesOfBlock == 0 ? dynamicBytes : HostFunctions.sharedBytes(bytesOfBlock, threads);
      int blocks = blocks(function, threads, bytes);
      if (blocks * threads > bestThreads) {
        bestThreads = blocks * threads;
        bestBlock = threads;
        bestBlocks = blocks;
      }
    }
    CallerMemory.putInt(block, bestBlock);
    CallerMemory.putInt(grid, bestBlocks * Driver.get().options.profile().multiprocessors());
    return SUCCESS;
  }

  /** Clusters of one block each, which is what there is. */
  static int cuOccupancyMaxActiveClusters(long clusters, long handle, long config) {
    DeviceFunction function = function(handle);
    var struct = CallerMemory.struct(config, CUlaunchConfig.layout());
    int threads =
        CUlaunchConfig.blockDimX(struct)
            * CUlaunchConfig.blockDimY(struct)
            * CUlaunchConfig.blockDimZ(struct);
    if (threads <= 0) {
      throw Status.INVALID_VALUE.because("blocks of " + threads + " threads");
    }
    LaunchSettings.read(struct);
    int blocks = blocks(function, threads, CUlaunchConfig.sharedMemBytes(struct));
    CallerMemory.putInt(clusters, blocks * Driver.get().options.profile().multiprocessors());
    return SUCCESS;
  }

  static int cuOccupancyMaxPotentialClusterSize(long size, long handle, long config) {
    function(handle);
    CallerMemory.struct(config, CUlaunchConfig.layout());
    CallerMemory.putInt(size, 1);
    return SUCCESS;
  }

  private static DeviceFunction function(long handle) {
    Driver driver = Driver.get();
    driver.context();
    return FunctionApi.function(driver, handle);
  }

  /** None for more shared memory than the function has opted in to; less than usual is no bound. */
  private static int blocks(DeviceFunction function, int threads, long dynamicBytes) {
    int usual = Driver.get().options.profile().multiprocessor().sharedBytesPerBlock();
    int withoutOptIn = usual - function.kernel.staticSharedBytes();
    return dynamicBytes > Math.max(withoutOptIn, function.maxDynamicSharedBytes())
        ? 0
        : occupancy(function.kernel).blocks(threads, dynamicBytes);
  }

  private static Occupancy occupancy(Kernel kernel) {
    return new Occupancy(Driver.get().options.profile(), kernel);
  }

  private static void checkFlags(int flags) {
    if ((flags & ~DISABLE_CACHING_OVERRIDE) != 0) {
      throw Status.INVALID_VALUE.because("occupancy flags 0x" + Integer.toHexString(flags));
    }
  }
}
