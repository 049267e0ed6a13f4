package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_GRAPH_MEM_ATTR_USED_MEM_HIGH;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMPOOL_ATTR_USED_MEM_HIGH;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ALLOCATION_TYPE_PINNED;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_HANDLE_TYPE_NONE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_INVALID;

import dev.culebra.bindings.cuda.CUmemAccessDesc;
import dev.culebra.bindings.cuda.CUmemLocation;
import dev.culebra.bindings.cuda.CUmemPoolProps;
import java.lang.foreign.MemorySegment;

/** Pools of stream-ordered memory. */
final class MemoryPoolApi {
  private static final int SUCCESS = 0;

  private MemoryPoolApi() {}

  static int cuDeviceGetDefaultMemPool(long place, int device) {
    CallerMemory.putLong(place, DeviceApi.driver(device).pools.own().handle);
    return SUCCESS;
  }

  static int cuDeviceGetMemPool(long place, int device) {
    CallerMemory.putLong(place, DeviceApi.driver(device).pools.current().handle);
    return SUCCESS;
  }

  static int cuDeviceSetMemPool(int device, long handle) {
    Driver driver = DeviceApi.driver(device);
    driver.pools.use(pool(driver, handle));
    return SUCCESS;
  }

  private static MemoryPool pool(Driver driver, long handle) {
    driver.requireInitialised();
    return driver.resource(handle, MemoryPool.class, "memory pool");
  }

  /** A pool, for calls that an ongoing capture may forbid. */
  private static MemoryPool poolForUnsafeCall(long handle, String what) {
    Driver driver = Driver.get();
    MemoryPool pool = pool(driver, handle);
    driver.captures.refuseUnsafe(driver, what);
    return pool;
  }

  static int cuMemPoolCreate(long place, long properties) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    CallerMemory.requireNonNull(place, "the place for a memory pool");
    MemorySegment struct = CallerMemory.struct(properties, CUmemPoolProps.layout());
    if (CUmemPoolProps.allocType(struct) != CU_MEM_ALLOCATION_TYPE_PINNED()) {
      throw Status.INVALID_VALUE.because("a pool's allocations are of type PINNED");
    }
    if (CUmemPoolProps.handleTypes(struct) != CU_MEM_HANDLE_TYPE_NONE()) {
      throw Status.NOT_SUPPORTED.because("pools for other processes are not emulated");
    }
    requireDevice(CUmemPoolProps.location(struct));
    MemoryPool pool = new MemoryPool(driver, CUmemPoolProps.maxSize(struct));
    CallerMemory.putLong(place, pool.handle);
    return SUCCESS;
  }

  private static void requireDevice(MemorySegment location) {
    int type = CUmemLocation.type(location);
    if (type != CU_MEM_LOCATION_TYPE_DEVICE()) {
      throw type == CU_MEM_LOCATION_TYPE_INVALID()
          ? Status.INVALID_VALUE.because("a location of type INVALID")
          : Status.NOT_SUPPORTED.because("pools of host memory are not emulated");
    }
    if (CUmemLocation.id(location) != 0) {
      throw Status.INVALID_DEVICE.because("device " + CUmemLocation.id(location));
    }
  }

  static int cuMemGetDefaultMemPool(long place, long location, int type) {
    Driver driver = at(location, type);
    CallerMemory.putLong(place, driver.pools.own().handle);
    return SUCCESS;
  }

  static int cuMemGetMemPool(long place, long location, int type) {
    Driver driver = at(location, type);
    CallerMemory.putLong(place, driver.pools.current().handle);
    return SUCCESS;
  }

  static int cuMemSetMemPool(long location, int type, long handle) {
    Driver driver = at(location, type);
    driver.pools.use(pool(driver, handle));
    return SUCCESS;
  }

  private static Driver at(long location, int type) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    requireDevice(CallerMemory.struct(location, CUmemLocation.layout()));
    if (type != CU_MEM_ALLOCATION_TYPE_PINNED()) {
      throw Status.NOT_SUPPORTED.because("only pools of pinned allocations are emulated");
    }
    return driver;
  }

  static int cuMemPoolDestroy(long handle) {
    Driver driver = Driver.get();
    MemoryPool pool = pool(driver, handle);
    if (pool == driver.pools.own()) {
      throw driver.misuse(Status.INVALID_VALUE, "the device's own memory pool can't be destroyed");
    }
    driver.pools.destroyed(pool);
    pool.release();
    return SUCCESS;
  }

  /** Nothing is held back that could be given up: memory goes when it is freed. */
  static int cuMemPoolTrimTo(long handle, long bytes) {
    pool(Driver.get(), handle);
    return SUCCESS;
  }

  static int cuMemPoolGetAttribute(long handle, int attribute, long value) {
    MemoryPool pool = poolForUnsafeCall(handle, "cuMemPoolGetAttribute");
    CallerMemory.requireNonNull(value, "the place for an attribute");
    if (reuse(attribute)) {
      CallerMemory.putInt(value, pool.reuse[attribute - 1]);
    } else if (attribute == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD()) {
      CallerMemory.putLong(value, pool.releaseThreshold);
    } else if (attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT()
        || attribute == CU_MEMPOOL_ATTR_USED_MEM_CURRENT()) {
      CallerMemory.putLong(value, pool.used());
    } else if (high(attribute)) {
      CallerMemory.putLong(value, pool.usedHigh());
    } else {
      throw Status.INVALID_VALUE.because("no attribute of a pool has number " + attribute);
    }
    return SUCCESS;
  }

  private static boolean reuse(int attribute) {
    return attribute >= CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES()
        && attribute <= CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES();
  }

  private static boolean high(int attribute) {
    return attribute == CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH()
        || attribute == CU_MEMPOOL_ATTR_USED_MEM_HIGH();
  }

  static int cuMemPoolSetAttribute(long handle, int attribute, long value) {
    MemoryPool pool = poolForUnsafeCall(handle, "cuMemPoolSetAttribute");
    CallerMemory.requireNonNull(value, "an attribute's value");
    if (reuse(attribute)) {
      pool.reuse[attribute - 1] = CallerMemory.getInt(value);
    } else if (attribute == CU_MEMPOOL_ATTR_RELEASE_THRESHOLD()) {
      pool.releaseThreshold = CallerMemory.getLong(value);
    } else if (high(attribute) && CallerMemory.getLong(value) == 0) {
      pool.resetHigh();
    } else {
      throw Status.INVALID_VALUE.because("attribute " + attribute + " of a pool can't be set so");
    }
    return SUCCESS;
  }

  static int cuDeviceGetGraphMemAttribute(int device, int attribute, long value) {
    MemoryPool graphs = DeviceApi.driver(device).pools.ofGraphs();
    CallerMemory.requireNonNull(value, "the place for an attribute");
    if (attribute == CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT()
        || attribute == CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT()) {
      CallerMemory.putLong(value, graphs.used());
    } else if (graphsHigh(attribute)) {
      CallerMemory.putLong(value, graphs.usedHigh());
    } else {
      throw Status.INVALID_VALUE.because("no attribute of graphs' memory is " + attribute);
    }
    return SUCCESS;
  }

  private static boolean graphsHigh(int attribute) {
    return attribute == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH()
        || attribute == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH();
  }

  static int cuDeviceSetGraphMemAttribute(int device, int attribute, long value) {
    MemoryPool graphs = DeviceApi.driver(device).pools.ofGraphs();
    if (!graphsHigh(attribute) || CallerMemory.getLong(value) != 0) {
      throw Status.INVALID_VALUE.because("only the high marks can be set, and only to 0");
    }
    graphs.resetHigh();
    return SUCCESS;
  }

  /** Nothing is held back that could be given up. */
  static int cuDeviceGraphMemTrim(int device) {
    DeviceApi.driver(device);
    return SUCCESS;
  }

  static int cuMemPoolGetAccess(long flags, long handle, long location) {
    pool(Driver.get(), handle);
    requireDevice(CallerMemory.struct(location, CUmemLocation.layout()));
    CallerMemory.putInt(flags, CU_MEM_ACCESS_FLAGS_PROT_READWRITE());
    return SUCCESS;
  }

  /** The one device always has access to its own memory. */
  static int cuMemPoolSetAccess(long handle, long descriptions, long count) {
    pool(Driver.get(), handle);
    for (long i = 0; i < count; i++) {
      MemorySegment description =
          CallerMemory.struct(
              descriptions == 0 ? 0 : descriptions + i * CUmemAccessDesc.layout().byteSize(),
              CUmemAccessDesc.layout());
      requireDevice(CUmemAccessDesc.location(description));
      if (CUmemAccessDesc.flags(description) != CU_MEM_ACCESS_FLAGS_PROT_READWRITE()) {
        throw Status.INVALID_VALUE.because("a device can't be kept out of its own memory");
      }
    }
    return SUCCESS;
  }
}
