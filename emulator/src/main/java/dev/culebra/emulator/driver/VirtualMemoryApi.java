package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_READ;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOC_GRANULARITY_MINIMUM;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOC_GRANULARITY_RECOMMENDED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_HANDLE_TYPE_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_INVALID;

import dev.culebra.bindings.cuda.CUmemAccessDesc;
import dev.culebra.bindings.cuda.CUmemAllocationProp;
import dev.culebra.bindings.cuda.CUmemLocation;
import dev.culebra.emulator.driver.VirtualMemory.Access;
import dev.culebra.emulator.driver.VirtualMemory.Handle;
import java.lang.foreign.MemorySegment;

/** Virtual memory management: memory, addresses, and mappings of one to the other. */
final class VirtualMemoryApi {
  private static final int SUCCESS = 0;

  private VirtualMemoryApi() {}

  private static VirtualMemory memory() {
    Driver driver = Driver.get();
    driver.requireInitialised();
    if (driver.failure() != null) {
      throw driver.failure().because("an earlier kernel or copy failed");
    }
    return driver.virtualMemory;
  }

  private static Handle handle(long handle) {
    Driver driver = Driver.get();
    Handle found = driver.handles.find(handle, Handle.class);
    if (found == null) {
      throw driver.misuse(
          Status.INVALID_VALUE,
          "expected a memory allocation, got " + driver.handles.describe(handle));
    }
    return found;
  }

  static int cuMemGetAllocationGranularity(long place, long properties, int option) {
    memory();
    CallerMemory.requireNonNull(place, "the place for a granularity");
    requireProperties(properties);
    if (option != CU_MEM_ALLOC_GRANULARITY_MINIMUM()
        && option != CU_MEM_ALLOC_GRANULARITY_RECOMMENDED()) {
      throw Status.INVALID_VALUE.because("no granularity has number " + option);
    }
    CallerMemory.putLong(place, VirtualMemory.GRANULARITY);
    return SUCCESS;
  }

  private static void requireProperties(long address) {
    MemorySegment properties = CallerMemory.struct(address, CUmemAllocationProp.layout());
    if (CUmemAllocationProp.type(properties) != CU_MEM_ALLOCATION_TYPE_PINNED()) {
      throw Status.INVALID_VALUE.because("memory to be mapped is of type PINNED");
    }
    if (CUmemAllocationProp.requestedHandleTypes(properties) != CU_MEM_HANDLE_TYPE_NONE()) {
      throw Status.NOT_SUPPORTED.because("memory for other processes is not emulated");
    }
    requireDevice(CUmemAllocationProp.location(properties));
  }

  private static void requireDevice(MemorySegment location) {
    int type = CUmemLocation.type(location);
    if (type == CU_MEM_LOCATION_TYPE_INVALID()) {
      throw Status.INVALID_VALUE.because("a location of type INVALID");
    }
    if (type != CU_MEM_LOCATION_TYPE_DEVICE()) {
      throw Status.NOT_SUPPORTED.because("mappings of host memory are not emulated");
    }
    if (CUmemLocation.id(location) != 0) {
      throw Status.INVALID_DEVICE.because("device " + CUmemLocation.id(location));
    }
  }

  static int cuMemCreate(long place, long bytes, long properties, long flags) {
    VirtualMemory memory = memory();
    CallerMemory.requireNonNull(place, "the place for a handle");
    requireProperties(properties);
    requireNoFlags(flags);
    CallerMemory.putLong(place, memory.create(bytes).handle());
    return SUCCESS;
  }

  private static void requireNoFlags(long flags) {
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags have to be 0, not " + flags);
    }
  }

  static int cuMemRelease(long handle) {
    memory().release(handle(handle));
    return SUCCESS;
  }

  static int cuMemRetainAllocationHandle(long place, long address) {
    VirtualMemory memory = memory();
    CallerMemory.requireNonNull(place, "the place for a handle");
    CallerMemory.putLong(place, memory.retain(address).handle());
    return SUCCESS;
  }

  static int cuMemGetAllocationPropertiesFromHandle(long place, long handle) {
    memory();
    MemorySegment properties = CallerMemory.struct(place, CUmemAllocationProp.layout());
    handle(handle);
    properties.fill((byte) 0);
    CUmemAllocationProp.type(properties, CU_MEM_ALLOCATION_TYPE_PINNED());
    CUmemLocation.type(CUmemAllocationProp.location(properties), CU_MEM_LOCATION_TYPE_DEVICE());
    return SUCCESS;
  }

  /** The address wished for is a hint, which is not followed. */
  static int cuMemAddressReserve(long place, long bytes, long alignment, long wished, long flags) {
    VirtualMemory memory = memory();
    CallerMemory.requireNonNull(place, "the place for an address");
    requireNoFlags(flags);
    CallerMemory.putLong(place, memory.reserve(bytes, alignment));
    return SUCCESS;
  }

  static int cuMemAddressFree(long address, long bytes) {
    memory().free(address, bytes);
    return SUCCESS;
  }

  static int cuMemMap(long address, long bytes, long offset, long handle, long flags) {
    VirtualMemory memory = memory();
    requireNoFlags(flags);
    if (offset != 0) {
      throw Status.NOT_SUPPORTED.because("memory is mapped as a whole, from its first byte on");
    }
    memory.map(address, bytes, handle(handle));
    return SUCCESS;
  }

  static int cuMemUnmap(long address, long bytes) {
    memory().unmap(address, bytes);
    return SUCCESS;
  }

  static int cuMemSetAccess(long address, long bytes, long descriptions, long count) {
    VirtualMemory memory = memory();
    if (count <= 0) {
      throw Status.INVALID_VALUE.because(count + " descriptions of access");
    }
    for (long i = 0; i < count; i++) {
      MemorySegment description =
          CallerMemory.struct(
              descriptions == 0 ? 0 : descriptions + i * CUmemAccessDesc.layout().byteSize(),
              CUmemAccessDesc.layout());
      requireDevice(CUmemAccessDesc.location(description));
      memory.allow(address, bytes, access(CUmemAccessDesc.flags(description)));
    }
    return SUCCESS;
  }

  private static Access access(int flags) {
    if (flags == CU_MEM_ACCESS_FLAGS_PROT_NONE()) {
      return Access.NONE;
    }
    if (flags == CU_MEM_ACCESS_FLAGS_PROT_READ()) {
      return Access.READ;
    }
    if (flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE()) {
      return Access.READ_WRITE;
    }
    throw Status.INVALID_VALUE.because("access of kind " + flags);
  }

  static int cuMemGetAccess(long place, long location, long address) {
    VirtualMemory memory = memory();
    CallerMemory.requireNonNull(place, "the place for flags");
    requireDevice(CallerMemory.struct(location, CUmemLocation.layout()));
    CallerMemory.putLong(
        place,
        switch (memory.access(address)) {
          case NONE -> CU_MEM_ACCESS_FLAGS_PROT_NONE();
          case READ -> CU_MEM_ACCESS_FLAGS_PROT_READ();
          case READ_WRITE -> CU_MEM_ACCESS_FLAGS_PROT_READWRITE();
        });
    return SUCCESS;
  }
}
