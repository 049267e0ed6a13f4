package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.HostMemory;
import dev.culebra.emulator.memory.IllegalDeviceAddressException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Copies a box of bytes. Host memory is read and written when the copy runs.
 *
 * @param width bytes of a row
 * @param height rows of a slice
 * @param depth slices
 * @param staged what the source is a copy of pageable memory in; null where it is the caller's
 */
record CopyCommand(
    Side source, Side destination, long width, long height, long depth, MemorySegment staged)
    implements Command {
  CopyCommand(Side source, Side destination, long width, long height, long depth) {
    this(source, destination, width, height, depth, null);
  }

  /** What kind of memory a caller says an address is ({@code CUmemorytype}). */
  enum Memory {
    HOST,
    DEVICE,
    /** The address tells. */
    UNIFIED
  }

  /**
   * One end of a copy.
   *
   * @param address of the first byte
   * @param pitch bytes from one row to the next
   * @param slicePitch bytes from one slice to the next
   */
  record Side(Memory memory, long address, long pitch, long slicePitch) {
    private long row(long y, long z) {
      return address + z * slicePitch + y * pitch;
    }

    /** Whether the bytes are pageable memory of the host, which the device can't reach. */
    private boolean pageable(Context context, long bytes) {
      Allocation allocation = context.driver.memory().find(address);
      return memory != Memory.DEVICE
          && !context.driver.memory().isDevice(address)
          && (allocation == null || !allocation.contains(address, bytes));
    }
  }

  /** A copy of consecutive bytes. */
  static CopyCommand of(Memory from, long source, Memory to, long destination, long bytes) {
    return new CopyCommand(
        new Side(from, source, bytes, bytes), new Side(to, destination, bytes, bytes), bytes, 1, 1);
  }

  /** The same copy out of a copy of its source, made now. */
  CopyCommand stage() {
    MemorySegment copy = Arena.ofAuto().allocate(sourceSpan());
    copy.copyFrom(bytesOfHost(source.address, sourceSpan()));
    Side other = new Side(Memory.HOST, copy.address(), source.pitch, source.slicePitch);
    return new CopyCommand(other, destination, width, height, depth, copy);
  }

  boolean empty() {
    return width == 0 || height == 0 || depth == 0;
  }

  /** Bytes from the first to the last of one side. */
  private long span(Side side) {
    return (depth - 1) * side.slicePitch + (height - 1) * side.pitch + width;
  }

  long sourceSpan() {
    return span(source);
  }

  /** Refuses what the driver would. */
  void check(Context context) {
    if (empty()) {
      return;
    }
    if (height > 1 && (source.pitch < width || destination.pitch < width)) {
      throw Status.INVALID_VALUE.because("a pitch is less than the " + width + " bytes of a row");
    }
    checkSide(context, source, "copy from");
    checkSide(context, destination, "copy to");
  }

  private void checkSide(Context context, Side side, String what) {
    CallerMemory.requireNonNull(side.address, what);
    boolean device = context.driver.memory().isDevice(side.address);
    if (side.memory == Memory.HOST && device) {
      throw context.driver.misuse(
          Status.INVALID_VALUE,
          what
              + " 0x"
              + Long.toHexString(side.address)
              + ", an address of the device where one of the host belongs");
    }
    if (side.memory == Memory.DEVICE || device) {
      DeviceRange.require(context, side.address, span(side), what);
    }
  }

  /** Whether it reads memory of the host that is not pinned. */
  boolean readsPageable(Context context) {
    return !empty() && source.pageable(context, span(source));
  }

  /** Whether it writes memory of the host that is not pinned. */
  boolean writesPageable(Context context) {
    return !empty() && destination.pageable(context, span(destination));
  }

  @Override
  public void run(Context context) {
    if (empty()) {
      return;
    }
    try {
      if (contiguous(source) && contiguous(destination)) {
        copyBytes(context, source.address, destination.address, width * height * depth);
        return;
      }
      for (long z = 0; z < depth; z++) {
        for (long y = 0; y < height; y++) {
          copyBytes(context, source.row(y, z), destination.row(y, z), width);
        }
      }
    } catch (IllegalDeviceAddressException e) {
      throw new DeviceFault(Status.ILLEGAL_ADDRESS, "copy: " + e.getMessage());
    }
  }

  private boolean contiguous(Side side) {
    return (height == 1 || side.pitch == width)
        && (depth == 1 || side.slicePitch == width * height);
  }

  private void copyBytes(Context context, long from, long to, long bytes) {
    DeviceMemory memory = context.driver.memory();
    boolean outOfHost = host(memory, source, from, bytes);
    boolean intoHost = host(memory, destination, to, bytes);
    if (outOfHost && intoHost) {
      bytesOfHost(to, bytes).copyFrom(bytesOfHost(from, bytes));
    } else if (outOfHost) {
      memory.copyIn(to, bytesOfHost(from, bytes));
    } else if (intoHost) {
      memory.copyOut(bytesOfHost(to, bytes), from);
    } else {
      memory.copy(to, from, bytes);
    }
  }

  private static boolean host(DeviceMemory memory, Side side, long address, long bytes) {
    if (side.memory == Memory.HOST) {
      return true;
    }
    if (side.memory == Memory.DEVICE || memory.isDevice(address)) {
      return false;
    }
    Allocation allocation = memory.find(address);
    return allocation == null || !allocation.contains(address, bytes);
  }

  private static MemorySegment bytesOfHost(long address, long bytes) {
    return HostMemory.ALL.asSlice(address, bytes);
  }

  @Override
  public NodeType nodeType() {
    return NodeType.MEMCPY;
  }

  @Override
  public void accesses(Context context, Consumer<MemoryAccess> sink) {
    if (empty()) {
      return;
    }
    accesses(source, false, sink);
    accesses(destination, true, sink);
  }

  private void accesses(Side side, boolean write, Consumer<MemoryAccess> sink) {
    if (contiguous(side)) {
      sink.accept(new MemoryAccess(side.address, span(side), write));
      return;
    }
    for (long z = 0; z < depth; z++) {
      for (long y = 0; y < height; y++) {
        sink.accept(new MemoryAccess(side.row(y, z), width, write));
      }
    }
  }
}
