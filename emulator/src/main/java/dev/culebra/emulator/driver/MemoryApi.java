package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ATTACH_GLOBAL;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ATTACH_HOST;

import dev.culebra.emulator.driver.DeviceBlocks.Block;
import dev.culebra.emulator.memory.Allocation;

/** Device memory: allocated and freed at once, or in a stream's order. */
final class MemoryApi {
  private static final int SUCCESS = 0;

  /** Rows of cuMemAllocPitch begin at multiples of this. */
  private static final long PITCH_UNIT = 512;

  private MemoryApi() {}

  static int cuMemAlloc_v2(long place, long bytes) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemAlloc");
    CallerMemory.requireNonNull(place, "the place for an address");
    requireSize(bytes);
    CallerMemory.putLong(place, driver.deviceBlocks.allocate(context, bytes, null).address);
    return SUCCESS;
  }

  private static void requireSize(long bytes) {
    if (bytes == 0) {
      throw Status.INVALID_VALUE.because("an allocation of 0 bytes");
    }
    if (bytes < 0) {
      throw Status.OUT_OF_MEMORY.because(Long.toUnsignedString(bytes) + " bytes");
    }
  }

  static int cuMemAllocPitch_v2(
      long place, long pitchPlace, long width, long height, int elementBytes) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemAllocPitch");
    CallerMemory.requireNonNull(place, "the place for an address");
    CallerMemory.requireNonNull(pitchPlace, "the place for a pitch");
    if (elementBytes != 4 && elementBytes != 8 && elementBytes != 16) {
      throw Status.INVALID_VALUE.because("elements of " + elementBytes + " bytes; give 4, 8 or 16");
    }
    if (width <= 0 || height <= 0) {
      throw Status.INVALID_VALUE.because(height + " rows of " + width + " bytes");
    }
    long pitch = (width + PITCH_UNIT - 1) / PITCH_UNIT * PITCH_UNIT;
    if (Math.multiplyHigh(pitch, height) != 0 || pitch * height < 0) {
      throw Status.OUT_OF_MEMORY.because(height + " rows of " + width + " bytes");
    }
    CallerMemory.putLong(
        place, driver.deviceBlocks.allocate(context, pitch * height, null).address);
    CallerMemory.putLong(pitchPlace, pitch);
    return SUCCESS;
  }

  /** Memory of the host that both sides use at one address. */
  static int cuMemAllocManaged(long place, long bytes, int flags) {
    Driver driver = Driver.get();
    Context context = driver.contextForUnsafeCall("cuMemAllocManaged");
    CallerMemory.requireNonNull(place, "the place for an address");
    requireSize(bytes);
    if (flags != CU_MEM_ATTACH_GLOBAL() && flags != CU_MEM_ATTACH_HOST()) {
      throw Status.INVALID_VALUE.because(
          "flags of managed memory: 0x" + Integer.toHexString(flags));
    }
    HostBlocks.Block block =
        driver.hostBlocks.allocate(context, HostBlocks.Kind.MANAGED, bytes, flags);
    CallerMemory.putLong(place, block.address);
    return SUCCESS;
  }

  /** Waits for all work, since some of it may use the memory. */
  static int cuMemFree_v2(long address) {
    Driver driver = Driver.get();
    if (address == 0) {
      driver.requireInitialised();
      driver.requireWorking();
      driver.captures.refuseUnsafe(driver, "cuMemFree");
      return SUCCESS;
    }
    Context context = driver.contextForUnsafeCall("cuMemFree");
    HostBlocks.Block managed = driver.hostBlocks.at(address);
    if (managed != null && managed.kind == HostBlocks.Kind.MANAGED) {
      driver.timeline.finishAll(context);
      driver.hostBlocks.remove(managed);
      return SUCCESS;
    }
    GraphMemory ofGraph = driver.pools.unfreed.remove(address);
    if (ofGraph != null) {
      driver.timeline.finishAll(context);
      new FreeCommand(address, ofGraph.bytesAt(address), null).run(context);
      return SUCCESS;
    }
    Block block = block(driver, address, "cuMemFree");
    driver.timeline.finishAll(context);
    driver.deviceBlocks.free(block);
    return SUCCESS;
  }

  private static Block block(Driver driver, long address, String call) {
    Block block = driver.deviceBlocks.at(address);
    if (block == null || block.freeing()) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          call
              + " of 0x"
              + Long.toHexString(address)
              + (block == null ? ": " + driver.memory().describe(address) : ", freed already"));
    }
    return block;
  }

  static int cuMemGetInfo_v2(long free, long total) {
    Driver driver = Driver.get();
    driver.context();
    long capacity = driver.memory().capacity();
    CallerMemory.putLongIfWanted(free, capacity - driver.memory().used());
    CallerMemory.putLongIfWanted(total, capacity);
    return SUCCESS;
  }

  static int cuMemGetAddressRange_v2(long base, long size, long address) {
    Driver driver = Driver.get();
    driver.context();
    Allocation allocation = driver.memory().find(address);
    if (allocation == null) {
      throw Status.NOT_FOUND.because(
          "0x" + Long.toHexString(address) + ": " + driver.memory().describe(address));
    }
    CallerMemory.putLongIfWanted(base, allocation.address());
    CallerMemory.putLongIfWanted(size, allocation.bytes());
    return SUCCESS;
  }

  static int cuMemAllocAsync(long place, long bytes, long streamHandle) {
    Driver driver = Driver.get();
    Stream stream = driver.context().stream(streamHandle);
    return allocate(driver, place, bytes, stream, driver.pools.current());
  }

  static int cuMemAllocFromPoolAsync(long place, long bytes, long pool, long streamHandle) {
    Driver driver = Driver.get();
    Stream stream = driver.context().stream(streamHandle);
    return allocate(
        driver, place, bytes, stream, driver.resource(pool, MemoryPool.class, "memory pool"));
  }

  /** Nothing is given and nothing done where 0 bytes are asked for. */
  private static int allocate(
      Driver driver, long place, long bytes, Stream stream, MemoryPool pool) {
    CallerMemory.requireNonNull(place, "the place for an address");
    driver.captures.requireValid(stream);
    if (bytes == 0) {
      CallerMemory.putLong(place, 0);
      return SUCCESS;
    }
    requireSize(bytes);
    if (stream.captured != null) {
      GraphMemory memory = stream.captured.capture.graph.memory();
      long address = memory.allocate(bytes);
      stream.submit(new AllocateCommand(address, bytes));
      CallerMemory.putLong(place, address);
      return SUCCESS;
    }
    if (pool.maximumBytes != 0 && bytes > pool.maximumBytes - pool.used()) {
      throw Status.OUT_OF_MEMORY.because(
          bytes + " bytes out of a pool that holds " + pool.maximumBytes + " at most");
    }
    driver.captures.refuseImplicit(stream);
    Block block = driver.deviceBlocks.allocate(stream.context, bytes, pool);
    stream.submit(new AllocateCommand(block.address, bytes));
    CallerMemory.putLong(place, block.address);
    return SUCCESS;
  }

  static int cuMemFreeAsync(long address, long streamHandle) {
    Driver driver = Driver.get();
    Stream stream = driver.context().stream(streamHandle);
    driver.captures.requireValid(stream);
    if (address == 0) {
      return SUCCESS;
    }
    if (stream.captured != null) {
      long bytes = stream.captured.capture.graph.memory().bytesAt(address);
      if (bytes == 0) {
        throw driver.misuse(
            Status.INVALID_VALUE,
            "cuMemFreeAsync of memory that the capture did not allocate, while it goes on");
      }
      stream.submit(new FreeCommand(address, bytes, null));
      return SUCCESS;
    }
    driver.captures.refuseImplicit(stream);
    GraphMemory ofGraph = driver.pools.unfreed.remove(address);
    if (ofGraph != null) {
      stream.submit(new FreeCommand(address, ofGraph.bytesAt(address), null));
      return SUCCESS;
    }
    Block block = block(driver, address, "cuMemFreeAsync");
    block.beginFreeing();
    stream.submit(new FreeCommand(address, block.bytes, block));
    return SUCCESS;
  }
}
