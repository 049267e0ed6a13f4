package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEMORYTYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_ACCESS_FLAGS;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READ;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_BUFFER_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_CONTEXT;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_DEVICE_POINTER;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_HOST_POINTER;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_IS_MANAGED;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MAPPED;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MAPPING_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_RANGE_SIZE;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_RANGE_START_ADDR;
import static dev.culebra.bindings.cuda.cuda_h.CU_POINTER_ATTRIBUTE_SYNC_MEMOPS;

import dev.culebra.emulator.memory.Allocation;

/** What is known of an address. */
final class PointerApi {
  private static final int SUCCESS = 0;

  /** What the driver says of an address that it does not know. */
  private static final int UNKNOWN_DEVICE = -2;

  private PointerApi() {}

  static int cuPointerGetAttribute(long data, int attribute, long address) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    CallerMemory.requireNonNull(data, "the place for an attribute");
    if (driver.memory().find(address) == null) {
      throw Status.INVALID_VALUE.because(
          "0x" + Long.toHexString(address) + ": " + driver.memory().describe(address));
    }
    put(driver, data, attribute, address);
    return SUCCESS;
  }

  /**
   * Only CU_POINTER_ATTRIBUTE_SYNC_MEMOPS can be set: that synchronous copies and memsets of an
   * allocation wait until they are done. It is kept, and changes nothing here.
   */
  static int cuPointerSetAttribute(long value, int attribute, long address) {
    Driver driver = Driver.get();
    driver.context();
    CallerMemory.requireNonNull(value, "an attribute's value");
    HostBlocks.Block host = driver.hostBlocks.holding(address);
    DeviceBlocks.Block device = driver.deviceBlocks.holding(address);
    if (attribute != CU_POINTER_ATTRIBUTE_SYNC_MEMOPS()) {
      throw Status.INVALID_VALUE.because("attribute " + attribute + " of a pointer can't be set");
    }
    boolean synchronous = CallerMemory.getInt(value) != 0;
    if (host != null) {
      host.synchronousCopies = synchronous;
    } else if (device != null) {
      device.synchronousCopies = synchronous;
    } else {
      throw Status.INVALID_VALUE.because(
          "0x"
              + Long.toHexString(address)
              + " is not in memory that the driver gave or registered");
    }
    return SUCCESS;
  }

  /**
   * Of an address that the driver does not know, attributes are 0, but that it is the host's own
   * and in no range, the place for whose size stays as it is.
   */
  static int cuPointerGetAttributes(int count, long attributes, long data, long address) {
    Driver driver = Driver.get();
    driver.requireInitialised();
    boolean known = driver.memory().find(address) != null;
    for (int i = 0; i < count; i++) {
      int attribute = CallerMemory.getInt(attributes + (long) i * Integer.BYTES);
      long place = CallerMemory.getLong(data, i);
      if (known) {
        boolean nowhere =
            attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER()
                && driver.hostBlocks.holding(address) == null;
        if (nowhere) {
          CallerMemory.putLong(place, 0);
        } else {
          put(driver, place, attribute, address);
        }
      } else if (attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER()) {
        CallerMemory.putLong(place, address);
      } else if (attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL()) {
        CallerMemory.putInt(place, UNKNOWN_DEVICE);
      } else if (attribute != CU_POINTER_ATTRIBUTE_RANGE_SIZE()) {
        putZero(place, attribute);
      }
    }
    return SUCCESS;
  }

  private static boolean wide(int attribute) {
    return attribute == CU_POINTER_ATTRIBUTE_CONTEXT()
        || attribute == CU_POINTER_ATTRIBUTE_DEVICE_POINTER()
        || attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER()
        || attribute == CU_POINTER_ATTRIBUTE_BUFFER_ID()
        || attribute == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR()
        || attribute == CU_POINTER_ATTRIBUTE_RANGE_SIZE()
        || attribute == CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES()
        || attribute == CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE()
        || attribute == CU_POINTER_ATTRIBUTE_MAPPING_SIZE()
        || attribute == CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR()
        || attribute == CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID();
  }

  private static void putZero(long place, int attribute) {
    if (wide(attribute)) {
      CallerMemory.putLong(place, 0);
    } else {
      CallerMemory.putInt(place, 0);
    }
  }

  private static void put(Driver driver, long place, int attribute, long address) {
    if (wide(attribute)) {
      CallerMemory.putLong(place, wideValue(driver, attribute, address));
    } else {
      CallerMemory.putInt(place, narrowValue(driver, attribute, address));
    }
  }

  private static long wideValue(Driver driver, int attribute, long address) {
    Allocation allocation = driver.memory().find(address);
    HostBlocks.Block host = driver.hostBlocks.holding(address);
    DeviceBlocks.Block device = driver.deviceBlocks.holding(address);
    if (attribute == CU_POINTER_ATTRIBUTE_CONTEXT()) {
      boolean none = device == null || device.pool != null;
      return host != null ? host.context.handle : none ? 0 : device.context.handle;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_DEVICE_POINTER()) {
      return address;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_HOST_POINTER()) {
      if (host == null) {
        throw Status.INVALID_VALUE.because("memory of the device has no address on the host");
      }
      return address;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_BUFFER_ID()
        || attribute == CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID()) {
      return host != null ? host.id : device == null ? 0 : device.id;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_RANGE_START_ADDR()
        || attribute == CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR()) {
      return allocation.address();
    }
    if (attribute == CU_POINTER_ATTRIBUTE_RANGE_SIZE()
        || attribute == CU_POINTER_ATTRIBUTE_MAPPING_SIZE()) {
      return allocation.bytes();
    }
    if (attribute == CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE()) {
      return device == null || device.pool == null ? 0 : device.pool.handle;
    }
    return 0;
  }

  /** Truth values take four bytes like other numbers, whatever the manual says. */
  private static int narrowValue(Driver driver, int attribute, long address) {
    HostBlocks.Block host = driver.hostBlocks.holding(address);
    boolean managed = host != null && host.kind == HostBlocks.Kind.MANAGED;
    if (attribute == CU_POINTER_ATTRIBUTE_MEMORY_TYPE()) {
      return host == null || managed ? CU_MEMORYTYPE_DEVICE() : CU_MEMORYTYPE_HOST();
    }
    if (attribute == CU_POINTER_ATTRIBUTE_IS_MANAGED()) {
      return managed ? 1 : 0;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_MAPPED()) {
      return 1;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_ACCESS_FLAGS()) {
      return host != null && host.readOnly()
          ? CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READ()
          : CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE();
    }
    if (attribute == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS()) {
      DeviceBlocks.Block device = driver.deviceBlocks.holding(address);
      boolean synchronous =
          host != null ? host.synchronousCopies : device == null || device.synchronousCopies;
      return synchronous ? 1 : 0;
    }
    if (attribute == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL()
        || attribute == CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE()
        || attribute == CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE()
        || attribute == CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE()) {
      return 0;
    }
    throw Status.INVALID_VALUE.because("no attribute of a pointer has number " + attribute);
  }
}
