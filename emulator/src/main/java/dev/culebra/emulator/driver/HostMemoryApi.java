package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_DEVICEMAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_PORTABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTALLOC_WRITECOMBINED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTREGISTER_DEVICEMAP;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTREGISTER_PORTABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMHOSTREGISTER_READ_ONLY;

import dev.culebra.emulator.driver.HostBlocks.Block;
import dev.culebra.emulator.driver.HostBlocks.Kind;

/** Memory of the host that the device reaches at the host's own address. */
final class HostMemoryApi {
  private static final int SUCCESS = 0;
  private static final int ALLOCATION_FLAGS =
      CU_MEMHOSTALLOC_PORTABLE() | CU_MEMHOSTALLOC_DEVICEMAP() | CU_MEMHOSTALLOC_WRITECOMBINED();
  private static final int REGISTRATION_FLAGS =
      CU_MEMHOSTREGISTER_PORTABLE()
          | CU_MEMHOSTREGISTER_DEVICEMAP()
          | CU_MEMHOSTREGISTER_READ_ONLY();

  private HostMemoryApi() {}

  static int cuMemAllocHost_v2(long place, long bytes) {
    return allocate(place, bytes, 0, "cuMemAllocHost");
  }

  static int cuMemHostAlloc(long place, long bytes, int flags) {
    if ((flags & ~ALLOCATION_FLAGS) != 0) {
      throw Status.INVALID_VALUE.because("flags of pinned memory: 0x" + Integer.toHexString(flags));
    }
    return allocate(place, bytes, flags, "cuMemHostAlloc");
  }

  private static int allocate(long place, long bytes, int flags, String call) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall(call);
    CallerMemory.requireNonNull(place, "the place for an address");
    if (bytes == 0) {
      CallerMemory.putLong(place, 0);
      return SUCCESS;
    }
    if (bytes < 0) {
      throw Status.OUT_OF_MEMORY.because(Long.toUnsignedString(bytes) + " bytes");
    }
    CallerMemory.putLong(
        place, driver.hostBlocks.allocate(context, Kind.PINNED, bytes, flags).address);
    return SUCCESS;
  }

  static int cuMemFreeHost(long address) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemFreeHost");
    if (address == 0) {
      return SUCCESS;
    }
    Block block = driver.hostBlocks.at(address);
    if (block == null || block.kind != Kind.PINNED) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          "cuMemFreeHost of 0x"
              + Long.toHexString(address)
              + ", which cuMemHostAlloc did not give");
    }
    driver.timeline.finishAll(context);
    driver.hostBlocks.remove(block);
    return SUCCESS;
  }

  static int cuMemHostRegister_v2(long address, long bytes, int flags) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemHostRegister");
    CallerMemory.requireNonNull(address, "the memory to register");
    if (bytes <= 0 || (flags & ~REGISTRATION_FLAGS) != 0) {
      throw Status.INVALID_VALUE.because(
          bytes + " bytes to register with flags 0x" + Integer.toHexString(flags));
    }
    if (driver.memory().isDevice(address)) {
      throw Status.INVALID_VALUE.because("an address of the device can't be registered");
    }
    driver.hostBlocks.register(context, address, bytes, flags);
    return SUCCESS;
  }

  static int cuMemHostUnregister(long address) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemHostUnregister");
    CallerMemory.requireNonNull(address, "the registered memory");
    Block block = driver.hostBlocks.at(address);
    if (block == null || block.kind != Kind.REGISTERED) {
      boolean known = driver.hostBlocks.holding(address) != null;
      throw driver.misuse(
          known ? Status.INVALID_VALUE : Status.HOST_MEMORY_NOT_REGISTERED,
          "0x" + Long.toHexString(address) + " is not the beginning of registered memory");
    }
    driver.timeline.finishAll(context);
    driver.hostBlocks.remove(block);
    return SUCCESS;
  }

  /** Unified addressing: the same address. */
  static int cuMemHostGetDevicePointer_v2(long place, long address, int flags) {
    Driver driver = Driver.get();
    driver.context();
    Block block = driver.hostBlocks.holding(address);
    if (flags != 0 || block == null || block.kind == Kind.MANAGED) {
      throw Status.INVALID_VALUE.because(
          "0x" + Long.toHexString(address) + " is not in pinned or registered memory");
    }
    CallerMemory.putLong(place, address);
    return SUCCESS;
  }

  /**
   * Memory is mapped whether that was asked for or not. That it is portable is told only where it
   * was; that it can only be read, never.
   */
  static int cuMemHostGetFlags(long flags, long address) {
    Driver driver = Driver.get();
    driver.context();
    Block block = driver.hostBlocks.holding(address);
    if (block == null) {
      throw Status.INVALID_VALUE.because(
          "0x" + Long.toHexString(address) + " is not in memory of the host that the driver knows");
    }
    int given = block.kind == Kind.MANAGED ? 0 : block.flags & ALLOCATION_FLAGS;
    boolean mapped = (given & CU_MEMHOSTALLOC_DEVICEMAP()) != 0;
    int told = mapped ? given : given & ~CU_MEMHOSTALLOC_PORTABLE();
    CallerMemory.putInt(flags, told | CU_MEMHOSTALLOC_DEVICEMAP());
    return SUCCESS;
  }
}
