package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.memory.DeviceMemory;

/** Where the bytes that a lane addresses really are, one lane at a time; or why it may not. */
final class Places {
  private Places() {}

  /**
   * @param bytes a power of two
   * @throws KernelFaultException when the lane may not access them
   */
  static long find(
      Warp warp,
      int lane,
      Space space,
      long address,
      int bytes,
      MemoryOperation.Kind kind,
      Site site) {
    if ((address & bytes - 1) != 0) {
      throw warp.fault(
          KernelFault.MISALIGNED_ADDRESS,
          site,
          lane,
          kind
              + " of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + ", which is no multiple of "
              + bytes);
    }
    return stretch(warp, lane, space, address, bytes, kind, site);
  }

  /** As {@link #find}, for any number of bytes, aligned or not. */
  static long stretch(
      Warp warp,
      int lane,
      Space space,
      long address,
      long bytes,
      MemoryOperation.Kind kind,
      Site site) {
    Access access = new Access(warp, lane, address, bytes, kind, site);
    return switch (space) {
      case GLOBAL -> access.inGlobal();
      case SHARED -> access.inShared(address);
      case LOCAL -> access.inLocal(address);
      case GENERIC -> {
        if (Windows.isShared(address)) {
          yield access.inShared(address - Windows.SHARED);
        }
        if (Windows.isLocal(address)) {
          yield access.inLocal(address - Windows.LOCAL);
        }
        if (Windows.isParam(address)) {
          yield access.inParameters(address - Windows.PARAM);
        }
        yield access.inGlobal();
      }
    };
  }

  private record Access(
      Warp warp, int lane, long address, long bytes, MemoryOperation.Kind kind, Site site) {
    private long inGlobal() {
      Block block = warp.block;
      long at = address - DeviceMemory.BASE;
      if (at >= 0 && at <= block.deviceSpan - bytes) {
        return block.deviceNative + at;
      }
      DeviceMemory memory = block.grid().memory();
      Allocation allocation = memory.find(address);
      if (allocation != null && allocation.contains(address, bytes)) {
        return address;
      }
      throw illegal("global memory", memory.describe(address));
    }

    private long inShared(long offset) {
      int limit = warp.block.shared.limit;
      if (offset < 0 || offset > limit - bytes) {
        throw illegal(
            "shared memory",
            "the block has " + limit + " bytes, what the system reserves included");
      }
      return warp.block.shared.base + offset;
    }

    private long inLocal(long offset) {
      long limit = warp.block.localBytesPerLane();
      if (kind != MemoryOperation.Kind.LOAD && kind != MemoryOperation.Kind.STORE) {
        throw warp.fault(
            KernelFault.INVALID_ADDRESS_SPACE,
            site,
            lane,
            kind + " at 0x" + Long.toHexString(address) + " in local memory");
      }
      if (offset < 0 || offset > limit - bytes) {
        throw illegal("local memory", "the thread has " + limit + " bytes");
      }
      return warp.block.localNative(warp, lane) + offset;
    }

    private long inParameters(long offset) {
      Grid grid = warp.block.grid();
      int limit = grid.kernel().parameterBytes();
      if (kind != MemoryOperation.Kind.LOAD && kind != MemoryOperation.Kind.ASYNC_READ) {
        throw illegal("parameter memory", "a kernel's parameters are read only");
      }
      if (offset < 0 || offset > limit - bytes) {
        throw illegal("parameter memory", "the kernel has " + limit + " bytes of them");
      }
      return grid.parameters() + offset;
    }

    private KernelFaultException illegal(String where, String why) {
      return warp.fault(
          KernelFault.ILLEGAL_ADDRESS,
          site,
          lane,
          kind
              + " of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + " in "
              + where
              + ": "
              + why);
    }
  }
}
