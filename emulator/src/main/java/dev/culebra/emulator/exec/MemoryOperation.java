package dev.culebra.emulator.exec;

import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.memory.DeviceMemory;

/**
 * An access of memory: each active lane has an address, which is checked before anything is
 * touched. No access ever leaves the device's memory, registered memory of the host, or what the
 * block has.
 */
abstract class MemoryOperation extends Operation {
  /** What an access does. */
  enum Kind {
    LOAD,
    STORE,
    ATOMIC
  }

  final Space space;
  final Kind kind;

  /** Bytes that each lane touches, a power of two; the address is a multiple of it. */
  final int bytes;

  final Site site;
  private final boolean wide;
  private final int slot;
  private final long offset;
  private final int shift;

  MemoryOperation(AddressOperand address, Kind kind, int bytes, Site site) {
    space = address.space();
    wide = address.wide();
    slot = address.slot();
    offset = address.offset();
    this.kind = kind;
    this.bytes = bytes;
    this.site = site;
    shift = Integer.numberOfTrailingZeros(bytes);
  }

  /**
   * Whether all lanes access one stretch of global memory, in order: then one check serves for all.
   *
   * @return where the first lane's bytes really are; 0 where it is not so, or not seen at once
   */
  final long contiguous(Warp warp) {
    if (!wide || space == Space.SHARED || space == Space.LOCAL) {
      return 0;
    }
    long[] base = warp.longs[slot];
    long first = base[0];
    long spread = 0;
    for (int lane = 0; lane < LANES; lane++) {
      spread |= base[lane] - first - ((long) lane << shift);
    }
    Block block = warp.block;
    long at = first + offset - DeviceMemory.BASE;
    long rest = block.deviceSpan - ((long) LANES << shift) - at;
    if (spread != 0 || (at | rest) < 0 || (at & bytes - 1) != 0) {
      return 0;
    }
    if (block.monitor != null) {
      block.monitor.contiguous(warp, this, first + offset);
    }
    return block.deviceNative + at;
  }

  /** The address of a lane, as its space has it. */
  final long address(Warp warp, int lane) {
    return wide
        ? warp.longs[slot][lane] + offset
        : warp.words[slot][lane] + (int) offset & 0xffffffffL;
  }

  /**
   * Checks the address of each active lane: afterwards {@link Warp#addresses} holds the addresses
   * and {@link Warp#natives} where the bytes really are.
   *
   * @throws KernelFaultException when a lane may not access what it wants to
   */
  final void resolve(Warp warp, int active) {
    if (active == ALL && resolveAll(warp)) {
      if (warp.block.monitor != null) {
        warp.block.monitor.access(warp, this, active);
      }
      return;
    }
    for (int left = active; left != 0; left &= left - 1) {
      int lane = Integer.numberOfTrailingZeros(left);
      long address = address(warp, lane);
      warp.addresses[lane] = address;
      warp.natives[lane] = place(warp, lane, address);
    }
    if (warp.block.monitor != null) {
      warp.block.monitor.access(warp, this, active);
    }
  }

  /** Tries to check all lanes at once; false where one needs a closer look. */
  private boolean resolveAll(Warp warp) {
    long[] addresses = warp.addresses;
    if (wide) {
      long[] base = warp.longs[slot];
      for (int lane = 0; lane < LANES; lane++) {
        addresses[lane] = base[lane] + offset;
      }
    } else {
      int[] base = warp.words[slot];
      int add = (int) offset;
      for (int lane = 0; lane < LANES; lane++) {
        addresses[lane] = base[lane] + add & 0xffffffffL;
      }
    }
    Block block = warp.block;
    return switch (space) {
      case GLOBAL, GENERIC ->
          resolveAll(warp, DeviceMemory.BASE, block.deviceSpan, block.deviceNative);
      case SHARED -> resolveAll(warp, 0, block.shared.limit, block.shared.base);
      case LOCAL -> false;
    };
  }

  private boolean resolveAll(Warp warp, long base, long span, long nativeBase) {
    long[] addresses = warp.addresses;
    long[] natives = warp.natives;
    long last = span - bytes;
    long outside = 0;
    long bits = 0;
    for (int lane = 0; lane < LANES; lane++) {
      long at = addresses[lane] - base;
      natives[lane] = nativeBase + at;
      outside |= at | last - at;
      bits |= at;
    }
    return outside >= 0 && (bits & bytes - 1) == 0;
  }

  /** Where a lane's bytes really are. */
  private long place(Warp warp, int lane, long address) {
    if ((address & bytes - 1) != 0) {
      throw warp.fault(
          KernelFault.MISALIGNED_ADDRESS,
          site,
          lane,
          what()
              + " of "
              + bytes
              + " bytes at 0x"
              + Long.toHexString(address)
              + ", which is no multiple of "
              + bytes);
    }
    return switch (space) {
      case GLOBAL -> inGlobal(warp, lane, address);
      case SHARED -> inShared(warp, lane, address);
      case LOCAL -> inLocal(warp, lane, address);
      case GENERIC -> {
        if (Windows.isShared(address)) {
          yield inShared(warp, lane, address - Windows.SHARED);
        }
        if (Windows.isLocal(address)) {
          yield inLocal(warp, lane, address - Windows.LOCAL);
        }
        if (Windows.isParam(address)) {
          yield inParameters(warp, lane, address - Windows.PARAM);
        }
        yield inGlobal(warp, lane, address);
      }
    };
  }

  private long inGlobal(Warp warp, int lane, long address) {
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
    throw illegal(warp, lane, address, "global memory", memory.describe(address));
  }

  private long inShared(Warp warp, int lane, long address) {
    if (address < 0 || address > warp.block.shared.limit - bytes) {
      throw illegal(
          warp,
          lane,
          address,
          "shared memory",
          "the block has " + warp.block.shared.limit + " bytes, what the system reserves included");
    }
    return warp.block.shared.base + address;
  }

  private long inLocal(Warp warp, int lane, long address) {
    long limit = warp.block.localBytesPerLane();
    if (address < 0 || address > limit - bytes) {
      throw illegal(warp, lane, address, "local memory", "the thread has " + limit + " bytes");
    }
    return warp.block.localNative(warp, lane) + address;
  }

  private long inParameters(Warp warp, int lane, long address) {
    Grid grid = warp.block.grid();
    int limit = grid.kernel().parameterBytes();
    if (kind != Kind.LOAD) {
      throw illegal(warp, lane, address, "parameter memory", "a kernel's parameters are read only");
    }
    if (address < 0 || address > limit - bytes) {
      throw illegal(
          warp, lane, address, "parameter memory", "the kernel has " + limit + " bytes of them");
    }
    return grid.parameters() + address;
  }

  private KernelFaultException illegal(
      Warp warp, int lane, long address, String where, String why) {
    return warp.fault(
        KernelFault.ILLEGAL_ADDRESS,
        site,
        lane,
        what()
            + " of "
            + bytes
            + " bytes at 0x"
            + Long.toHexString(address)
            + " in "
            + where
            + ": "
            + why);
  }

  /** "load", for messages. */
  final String what() {
    return switch (kind) {
      case LOAD -> "load";
      case STORE -> "store";
      case ATOMIC -> "atomic operation";
    };
  }
}
