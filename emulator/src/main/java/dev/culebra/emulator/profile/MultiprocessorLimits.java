package dev.culebra.emulator.profile;

/**
 * What one multiprocessor holds, and what one block may take of it (CUDA C++ Programming Guide,
 * technical specifications per compute capability).
 *
 * @param threads that can be resident
 * @param blocks that can be resident
 * @param registers of 32 bits
 * @param sharedBytes shared memory, the part reserved by the system included
 * @param sharedBytesPerBlock without opting in to more
 * @param sharedBytesPerBlockOptIn with {@code CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}
 * @param reservedSharedBytesPerBlock taken by the system for each resident block
 * @param registerAllocationUnit registers are given to a warp in multiples of this
 * @param schedulers that warps are divided among
 */
public record MultiprocessorLimits(
    int threads,
    int blocks,
    int registers,
    int sharedBytes,
    int sharedBytesPerBlock,
    int sharedBytesPerBlockOptIn,
    int reservedSharedBytesPerBlock,
    int registerAllocationUnit,
    int schedulers) {

  /** Warps that can be resident. */
  public int warps() {
    return threads / DeviceProfile.WARP_SIZE;
  }
}
