package dev.culebra.emulator.driver;

import dev.culebra.emulator.exec.Kernel;
import dev.culebra.emulator.profile.DeviceProfile;
import dev.culebra.emulator.profile.MultiprocessorLimits;

/**
 * How many blocks of a kernel a multiprocessor holds: what is left of threads, blocks, registers
 * and shared memory when each block has taken its share, in the units in which they are given out.
 */
final class Occupancy {
  /** Shared memory is given to blocks in multiples of this. */
  private static final int SHARED_UNIT = 128;

  private final DeviceProfile profile;
  private final Kernel kernel;

  Occupancy(DeviceProfile profile, Kernel kernel) {
    this.profile = profile;
    this.kernel = kernel;
  }

  /** Blocks of {@code threads} that are resident at once on one multiprocessor; 0 for none. */
  int blocks(int threads, long dynamicSharedBytes) {
    MultiprocessorLimits limits = profile.multiprocessor();
    if (threads > kernel.maxThreadsPerBlock()
        || threads > DeviceProfile.MAX_THREADS_PER_BLOCK
        || kernel.staticSharedBytes() + dynamicSharedBytes > limits.sharedBytesPerBlockOptIn()) {
      return 0;
    }
    int warps = ceilDivide(threads, DeviceProfile.WARP_SIZE);
    int byWarps = limits.warps() / warps;
    int byShared = (int) (limits.sharedBytes() / sharedBytes(dynamicSharedBytes));
    int byRegisters = Math.max(1, warpsByRegisters() / warps);
    return Math.min(Math.min(byWarps, limits.blocks()), Math.min(byShared, byRegisters));
  }

  /** Blocks that the whole device holds at once. */
  long blocksOfDevice(int threads, long dynamicSharedBytes) {
    return (long) blocks(threads, dynamicSharedBytes) * profile.multiprocessors();
  }

  /**
   * Warps for whose registers there is room: each scheduler has its own share of them. How many
   * they are is an estimate, and no reason to say that not even one block fits.
   */
  private int warpsByRegisters() {
    MultiprocessorLimits limits = profile.multiprocessor();
    int unit = limits.registerAllocationUnit();
    int ofWarp = ceilDivide(kernel.registers() * DeviceProfile.WARP_SIZE, unit) * unit;
    return limits.registers() / limits.schedulers() / ofWarp * limits.schedulers();
  }

  private long sharedBytes(long dynamicSharedBytes) {
    long bytes =
        kernel.staticSharedBytes()
            + dynamicSharedBytes
            + profile.multiprocessor().reservedSharedBytesPerBlock();
    return (bytes + SHARED_UNIT - 1) / SHARED_UNIT * SHARED_UNIT;
  }

  /**
   * Dynamic shared memory that each of {@code blocks} on a multiprocessor can have. As drivers do,
   * it leaves out what is reserved for each block, so that fewer blocks may fit when all is used.
   */
  long dynamicSharedBytes(int blocks) {
    MultiprocessorLimits limits = profile.multiprocessor();
    long ofBlock = limits.sharedBytes() / blocks / SHARED_UNIT * SHARED_UNIT;
    long free = ofBlock - kernel.staticSharedBytes();
    long most = limits.sharedBytesPerBlockOptIn() - kernel.staticSharedBytes();
    return Math.max(0, Math.min(free, most));
  }

  private static int ceilDivide(int value, int unit) {
    return (value + unit - 1) / unit;
  }
}
