package dev.culebra.emulator.exec;

import dev.culebra.emulator.check.Checker;
import dev.culebra.emulator.memory.Allocation;
import dev.culebra.emulator.memory.DeviceMemory;
import dev.culebra.emulator.memory.TouchedMemory;
import dev.culebra.emulator.memory.WrittenBytes;
import dev.culebra.emulator.ptx.Operand;
import java.util.List;
import java.util.Set;

/**
 * Checks the accesses of a block's threads before they happen: that they hit what is allocated,
 * read what was written, and leave alone what is in flight; and tells an observer of them.
 */
final class CheckingMonitor extends AccessMonitor {
  /** A stretch that is longer is not looked at as a whole. */
  private static final long GLANCED_BYTES = 1024;

  private final Block block;
  private final DeviceMemory memory;
  private final boolean bounds;
  private final WrittenBytes written;
  private final WrittenBytes sharedWritten;
  private final InFlight inFlight;
  private final BlockObserver observer;
  private final TouchedMemory touched;

  /**
   * @param inFlight null where nobody asks for it
   * @param observer null for none
   */
  CheckingMonitor(Block block, Set<Checker> checkers, InFlight inFlight, BlockObserver observer) {
    this.block = block;
    memory = block.grid().memory();
    bounds = checkers.contains(Checker.MEMORY);
    boolean initialised = checkers.contains(Checker.INITIALISED);
    written = initialised ? memory.written() : null;
    sharedWritten = initialised ? block.shared.written() : null;
    this.inFlight = inFlight;
    this.observer = observer;
    touched = block.grid().touched();
  }

  @Override
  void contiguous(Warp warp, MemoryOperation operation, long address) {
    long bytes = (long) Operation.LANES * operation.bytes;
    Allocation allocation = operation.recent;
    if (allocation == null
        || !allocation.contains(address, bytes)
        || !allocation.live()
        || operation.kind != MemoryOperation.Kind.LOAD && allocation.readOnly()) {
      for (int lane = 0; lane < Operation.LANES; lane++) {
        long at = address + (long) lane * operation.bytes;
        allocation = allocation(warp, operation, lane, at, operation.bytes);
      }
      operation.recent = allocation;
    }
    if (touched != null) {
      touched.mark(touch(operation), address, bytes);
    }
    if (written != null && allocation != null) {
      written(warp, operation, address, bytes, allocation);
    }
    if (observer != null) {
      observer.contiguous(warp, operation, address);
    }
  }

  private void written(
      Warp warp, MemoryOperation operation, long address, long bytes, Allocation allocation) {
    if (operation.kind == MemoryOperation.Kind.STORE) {
      written.mark(address - DeviceMemory.BASE, bytes);
    } else if (memory.tracks(allocation)) {
      long missing = written.firstClear(address - DeviceMemory.BASE, bytes);
      for (int lane = 0; missing >= 0 && lane < Operation.LANES; lane++) {
        long at = address + (long) lane * operation.bytes;
        if (written.firstClear(at - DeviceMemory.BASE, operation.bytes) >= 0) {
          unwritten(warp, operation, lane, written, at - DeviceMemory.BASE, operation.bytes);
        }
      }
    }
  }

  @Override
  void access(Warp warp, MemoryOperation operation, int lanes) {
    if (operation.space != Space.SHARED || !passesAtAGlance(warp, operation, lanes)) {
      for (int left = lanes; left != 0; left &= left - 1) {
        int lane = Integer.numberOfTrailingZeros(left);
        check(warp, operation, lane, warp.addresses[lane], operation.bytes);
      }
    }
    if (observer != null) {
      observer.access(warp, operation, lanes);
    }
  }

  /**
   * Whether an access of shared memory is good, and leaves what is known of it as it is: nothing is
   * in flight, and all is written from the lowest of its bytes to the highest.
   */
  private boolean passesAtAGlance(Warp warp, MemoryOperation operation, int lanes) {
    if (inFlight != null && inFlight.any()) {
      return false;
    }
    long low = Long.MAX_VALUE;
    long high = 0;
    long[] addresses = warp.addresses;
    if (lanes == Operation.ALL) {
      for (int lane = 0; lane < Operation.LANES; lane++) {
        low = Math.min(low, addresses[lane]);
        high = Math.max(high, addresses[lane]);
      }
    } else {
      for (int left = lanes; left != 0; left &= left - 1) {
        long address = addresses[Integer.numberOfTrailingZeros(left)];
        low = Math.min(low, address);
        high = Math.max(high, address);
      }
    }
    long bytes = high - low + operation.bytes;
    return (!bounds || low >= block.sharedFloor())
        && (sharedWritten == null
            || bytes <= GLANCED_BYTES && sharedWritten.firstClear(low, bytes) < 0);
  }

  @Override
  void stretch(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    check(warp, operation, lane, address, bytes);
    if (observer != null) {
      observer.stretch(warp, operation, lane, address, bytes);
    }
  }

  private void check(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    switch (operation.space) {
      case GLOBAL -> global(warp, operation, lane, address, bytes);
      case SHARED -> shared(warp, operation, lane, (int) address, bytes);
      case LOCAL -> local(warp, operation, lane, address);
      case GENERIC -> {
        if (Windows.isShared(address)) {
          shared(warp, operation, lane, (int) (address - Windows.SHARED), bytes);
        } else if (Windows.isLocal(address)) {
          local(warp, operation, lane, address - Windows.LOCAL);
        } else if (!Windows.isParam(address)) {
          global(warp, operation, lane, address, bytes);
        }
      }
    }
  }

  private void global(Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    Allocation allocation = operation.recent;
    if (allocation == null
        || !allocation.contains(address, bytes)
        || !allocation.live()
        || !reads(operation) && allocation.readOnly()) {
      allocation = allocation(warp, operation, lane, address, bytes);
      operation.recent = allocation;
    }
    if (touched != null) {
      touched.mark(touch(operation), address, bytes);
    }
    if (written == null || allocation == null || allocation.host()) {
      return;
    }
    boolean tracked = memory.tracks(allocation);
    if (tracked
        && operation.kind != MemoryOperation.Kind.STORE
        && operation.kind != MemoryOperation.Kind.ASYNC_WRITE) {
      long missing = written.firstClear(address - DeviceMemory.BASE, bytes);
      if (missing >= 0) {
        unwritten(warp, operation, lane, written, address - DeviceMemory.BASE, bytes);
      }
    }
    if (!reads(operation)) {
      written.mark(address - DeviceMemory.BASE, bytes);
    }
  }

  private static TouchedMemory.Touch touch(MemoryOperation operation) {
    if (operation.order().strong()) {
      return TouchedMemory.Touch.ATOMIC;
    }
    return operation.kind.writes() ? TouchedMemory.Touch.WRITE : TouchedMemory.Touch.READ;
  }

  private static boolean reads(MemoryOperation operation) {
    return operation.kind == MemoryOperation.Kind.LOAD
        || operation.kind == MemoryOperation.Kind.ASYNC_READ;
  }

  /** The allocation that a lane may touch; null where that is not looked after. */
  private Allocation allocation(
      Warp warp, MemoryOperation operation, int lane, long address, long bytes) {
    Allocation allocation = memory.find(address);
    if (allocation != null && allocation.contains(address, bytes)) {
      if (bounds && allocation.readOnly() && !reads(operation)) {
        throw illegal(warp, operation, lane, address, bytes, allocation + " is constant memory");
      }
      return allocation;
    }
    if (bounds) {
      long bad = allocation == null ? address : allocation.address() + allocation.bytes();
      throw illegal(warp, operation, lane, address, bytes, memory.describe(bad));
    }
    return null;
  }

  private static KernelFaultException illegal(
      Warp warp, MemoryOperation operation, int lane, long address, long bytes, String why) {
    return warp.fault(
        KernelFault.ILLEGAL_ADDRESS,
        operation.site,
        lane,
        operation.kind + " of " + bytes + " bytes at 0x" + Long.toHexString(address) + ": " + why);
  }

  /**
   * A lane reads bytes not all of which were written: a load may have no use for these. An integer
   * of which the first 1, 2 or 4 bytes were written is taken for a structure's member and padding.
   */
  private void unwritten(
      Warp warp,
      MemoryOperation operation,
      int lane,
      WrittenBytes region,
      long offset,
      long bytes) {
    if (!(operation instanceof LoadOperation load)) {
      String message = unwritten(operation, region, region.firstClear(offset, bytes), bytes);
      block.report(Checker.INITIALISED, operation.site, warp, lane, message);
      return;
    }
    Operand target = operation.site.instruction().operands().getFirst();
    List<Operand> elements =
        target instanceof Operand.Vector(List<Operand> all) ? all : List.of(target);
    boolean floats = operation.site.instruction().modifiers().getLast().startsWith("f");
    for (int i = 0; i < elements.size(); i++) {
      long first = offset + (long) i * load.elementBytes;
      long missing = region.firstClear(first, load.elementBytes);
      boolean padded = !floats && Long.bitCount(missing - first) == 1;
      if (missing >= 0 && !padded) {
        if (warp.undefined == null) {
          warp.undefined = new UndefinedValues();
        }
        String message = unwritten(operation, region, missing, bytes);
        warp.undefined.loaded(warp, elements.get(i), operation.site, lane, message);
      }
    }
  }

  private String unwritten(
      MemoryOperation operation, WrittenBytes region, long missing, long bytes) {
    String what = operation.kind + " of " + bytes + " bytes";
    if (region == sharedWritten) {
      return what + " of shared memory: nobody wrote the one at 0x" + Long.toHexString(missing);
    }
    long at = missing + DeviceMemory.BASE;
    return what
        + ": nobody wrote the one at 0x"
        + Long.toHexString(at)
        + ", "
        + memory.describe(at);
  }

  private void local(Warp warp, MemoryOperation operation, int lane, long address) {
    Frame frame = warp.current.frame;
    long end = frame.localBase + frame.code.localBytes();
    if (bounds && address + operation.bytes > end) {
      throw illegal(
          warp,
          operation,
          lane,
          address,
          operation.bytes,
          "the function's local variables end at 0x" + Long.toHexString(end));
    }
  }

  private void shared(Warp warp, MemoryOperation operation, int lane, int address, long bytes) {
    if (bounds && address < block.sharedFloor()) {
      throw illegal(
          warp,
          operation,
          lane,
          address,
          bytes,
          "shared memory of the kernel begins at 0x" + Integer.toHexString(block.sharedFloor()));
    }
    if (sharedWritten != null) {
      switch (operation.kind) {
        case LOAD, ATOMIC, ASYNC_READ -> {
          if (sharedWritten.firstClear(address, bytes) >= 0) {
            unwritten(warp, operation, lane, sharedWritten, address, bytes);
          }
          if (operation.kind == MemoryOperation.Kind.ATOMIC) {
            sharedWritten.mark(address, bytes);
          }
        }
        case STORE, ASYNC_WRITE, BARRIER -> sharedWritten.mark(address, bytes);
      }
    }
    if (inFlight != null) {
      inFlight.check(warp, operation, lane, address, bytes);
    }
  }
}
