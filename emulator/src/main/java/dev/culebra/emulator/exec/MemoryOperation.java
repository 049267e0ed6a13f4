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
    LOAD("load"),
    STORE("store"),
    ATOMIC("atomic operation"),
    ASYNC_READ("asynchronous read"),
    ASYNC_WRITE("asynchronous write"),
    /** On the object of an mbarrier. */
    BARRIER("mbarrier operation");

    private final String description;

    Kind(String description) {
      this.description = description;
    }

    /** Whether it may change what is there. */
    boolean writes() {
      return this != LOAD && this != ASYNC_READ;
    }

    /** For messages. */
    @Override
    public String toString() {
      return description;
    }
  }

  final Space space;
  final Kind kind;

  /** Bytes that each lane touches, a power of two; the address is a multiple of it. */
  final int bytes;

  final Site site;

  /** What was accessed last, by whatever thread: a hint where to look first. */
  Allocation recent;

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

  /** Whether an address, as {@link Warp#addresses} has it, is one of shared memory. */
  final boolean isShared(long address) {
    return space == Space.SHARED || space == Space.GENERIC && Windows.isShared(address);
  }

  /** An address of shared memory, from its start. */
  final int sharedAddress(long address) {
    return (int) (space == Space.SHARED ? address : address - Windows.SHARED);
  }

  /** How it is ordered with others' accesses. */
  MemoryOrder order() {
    return MemoryOrder.WEAK;
  }

  /** Whether it writes only where it finds what its thread has read before. */
  boolean tries() {
    return false;
  }

  /** Whether what a lane is about to write is at {@link Warp#natives} already. */
  boolean leavesAsIs(Warp warp, int lane) {
    return false;
  }

  /** What a lane is about to write: of one instruction, as good as never the same for others. */
  long value(Warp warp, int lane) {
    return 0;
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

  /** Says for all lanes where they access one stretch of the device's own memory, in order. */
  final void spread(Warp warp, long first) {
    long real = warp.block.deviceNative + (first - DeviceMemory.BASE);
    for (int lane = 0; lane < LANES; lane++) {
      warp.addresses[lane] = first + ((long) lane << shift);
      warp.natives[lane] = real + ((long) lane << shift);
    }
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
      warp.natives[lane] = Places.find(warp, lane, space, address, bytes, kind, site);
    }
    if (warp.block.monitor != null) {
      warp.block.monitor.access(warp, this, active);
    }
  }

  /** Tries to check all lanes at once; false where one needs a closer look. */
  private boolean resolveAll(Warp warp) {
    if (space == Space.SHARED && !wide) {
      return resolveShared(warp);
    }
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

  /** As {@link #resolveAll(Warp)}, for shared memory by 32-bit addresses. */
  private boolean resolveShared(Warp warp) {
    int[] base = warp.words[slot];
    int add = (int) offset;
    int last = warp.block.shared.limit - bytes;
    int outside = 0;
    int bits = 0;
    for (int lane = 0; lane < LANES; lane++) {
      int at = base[lane] + add;
      outside |= at | last - at;
      bits |= at;
    }
    if (last < 0 || outside < 0 || (bits & bytes - 1) != 0) {
      return false;
    }
    long[] addresses = warp.addresses;
    long[] natives = warp.natives;
    long start = warp.block.shared.base;
    for (int lane = 0; lane < LANES; lane++) {
      long at = base[lane] + add;
      addresses[lane] = at;
      natives[lane] = start + at;
    }
    return true;
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
}
