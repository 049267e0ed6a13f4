package dev.culebra.emulator.driver;

import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_ACCESSED_BY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_PREFERRED_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_SET_READ_MOSTLY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_UNSET_ACCESSED_BY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_ADVISE_UNSET_READ_MOSTLY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_DEVICE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_HOST;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_HOST_NUMA;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_LOCATION_TYPE_INVALID;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE;
import static dev.culebra.bindings.cuda.cuda_h.CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY;

import dev.culebra.emulator.driver.HostBlocks.Kind;
import dev.culebra.emulator.driver.ManagedHints.Hint;
import dev.culebra.emulator.driver.ManagedHints.Place;

/** Hints about managed memory: it is where it is, for both sides at once. */
final class MemoryHintApi {
  private static final int SUCCESS = 0;

  /** {@code CU_DEVICE_CPU} and {@code CU_DEVICE_INVALID}. */
  private static final int HOST = -1;

  private static final int NOWHERE = -2;

  private MemoryHintApi() {}

  /** A {@code CUmemLocation}, passed in a register: the type, and the number above it. */
  private static Place place(long location) {
    int type = (int) location;
    int number = (int) (location >>> Integer.SIZE);
    if (type == CU_MEM_LOCATION_TYPE_DEVICE()) {
      if (number != 0) {
        throw Status.INVALID_DEVICE.because("device " + number + "; there is device 0 alone");
      }
      return Place.DEVICE;
    }
    if (type == CU_MEM_LOCATION_TYPE_HOST()
        || type == CU_MEM_LOCATION_TYPE_HOST_NUMA()
        || type == CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT()) {
      return Place.HOST;
    }
    throw Status.INVALID_VALUE.because("a location of type " + type);
  }

  static int cuMemAdvise_v2(long address, long bytes, int advice, long location) {
    ManagedHints hints = managed(address, bytes).hints();
    if (advice == CU_MEM_ADVISE_SET_READ_MOSTLY()) {
      hints.say(address, bytes, Hint.READ_MOSTLY, 1);
    } else if (advice == CU_MEM_ADVISE_UNSET_READ_MOSTLY()) {
      hints.say(address, bytes, Hint.READ_MOSTLY, 0);
    } else if (advice == CU_MEM_ADVISE_SET_PREFERRED_LOCATION()) {
      hints.say(address, bytes, Hint.PREFERRED, place(location).ordinal());
    } else if (advice == CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION()) {
      hints.say(address, bytes, Hint.PREFERRED, Place.NOWHERE.ordinal());
    } else if (advice == CU_MEM_ADVISE_SET_ACCESSED_BY()) {
      hints.say(address, bytes, accessedBy(location), 1);
    } else if (advice == CU_MEM_ADVISE_UNSET_ACCESSED_BY()) {
      hints.say(address, bytes, accessedBy(location), 0);
    } else {
      throw Status.INVALID_VALUE.because("no advice has number " + advice);
    }
    return SUCCESS;
  }

  private static Hint accessedBy(long location) {
    return place(location) == Place.DEVICE ? Hint.ACCESSED_BY_DEVICE : Hint.ACCESSED_BY_HOST;
  }

  static int cuMemPrefetchAsync_v2(
      long address, long bytes, long location, int flags, long streamHandle) {
    HostBlocks.Block block = managed(address, bytes);
    if (flags != 0) {
      throw Status.INVALID_VALUE.because("flags of a prefetch have to be 0");
    }
    Place to = place(location);
    Driver.get().context().stream(streamHandle).submit(new EmptyCommand());
    block.hints().say(address, bytes, Hint.PREFETCHED, to.ordinal());
    return SUCCESS;
  }

  static int cuStreamAttachMemAsync(long streamHandle, long address, long bytes, int flags) {
    managed(address, Math.max(1, bytes));
    Driver.get().context().stream(streamHandle).submit(new EmptyCommand());
    return SUCCESS;
  }

  static int cuMemRangeGetAttribute(
      long data, long dataBytes, int attribute, long address, long bytes) {
    ManagedHints hints = managed(address, bytes).hints();
    CallerMemory.requireNonNull(data, "the place for an attribute");
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY()) {
      putAccessedBy(data, dataBytes, hints, address, bytes);
      return SUCCESS;
    }
    if (dataBytes != Integer.BYTES) {
      throw Status.INVALID_VALUE.because("an attribute of 4 bytes into " + dataBytes);
    }
    CallerMemory.putInt(data, value(hints, attribute, address, bytes));
    return SUCCESS;
  }

  private static void putAccessedBy(
      long data, long dataBytes, ManagedHints hints, long address, long bytes) {
    if (dataBytes <= 0 || dataBytes % Integer.BYTES != 0) {
      throw Status.INVALID_VALUE.because("device numbers into " + dataBytes + " bytes");
    }
    long at = data;
    long end = data + dataBytes;
    if (hints.said(address, bytes, Hint.ACCESSED_BY_DEVICE) != 0) {
      CallerMemory.putInt(at, 0);
      at += Integer.BYTES;
    }
    if (at < end && hints.said(address, bytes, Hint.ACCESSED_BY_HOST) != 0) {
      CallerMemory.putInt(at, HOST);
      at += Integer.BYTES;
    }
    for (; at < end; at += Integer.BYTES) {
      CallerMemory.putInt(at, NOWHERE);
    }
  }

  private static int value(ManagedHints hints, int attribute, long address, long bytes) {
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY()) {
      return hints.said(address, bytes, Hint.READ_MOSTLY);
    }
    Place preferred = Place.values()[hints.said(address, bytes, Hint.PREFERRED)];
    Place prefetched = Place.values()[hints.said(address, bytes, Hint.PREFETCHED)];
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION()) {
      return device(preferred);
    }
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION()) {
      return device(prefetched);
    }
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE()) {
      return type(preferred);
    }
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE()) {
      return type(prefetched);
    }
    if (attribute == CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID()
        || attribute == CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID()) {
      return 0;
    }
    throw Status.INVALID_VALUE.because("no attribute of a range has number " + attribute);
  }

  private static int device(Place place) {
    return switch (place) {
      case DEVICE -> 0;
      case HOST -> HOST;
      case NOWHERE -> NOWHERE;
    };
  }

  private static int type(Place place) {
    return switch (place) {
      case DEVICE -> CU_MEM_LOCATION_TYPE_DEVICE();
      case HOST -> CU_MEM_LOCATION_TYPE_HOST();
      case NOWHERE -> CU_MEM_LOCATION_TYPE_INVALID();
    };
  }

  static int cuMemRangeGetAttributes(
      long data, long dataBytes, long attributes, long count, long address, long bytes) {
    Driver.get().context();
    if (count <= 0 || data == 0 || dataBytes == 0 || attributes == 0) {
      throw Status.INVALID_VALUE.because(count + " attributes without their arrays");
    }
    for (int i = 0; i < count; i++) {
      cuMemRangeGetAttribute(
          CallerMemory.getLong(data, i),
          CallerMemory.getLong(dataBytes, i),
          CallerMemory.getInt(attributes + (long) i * Integer.BYTES),
          address,
          bytes);
    }
    return SUCCESS;
  }

  private static HostBlocks.Block managed(long address, long bytes) {
    Driver driver = Driver.get();
    driver.context();
    HostBlocks.Block block = driver.hostBlocks.holding(address);
    if (block == null
        || block.kind != Kind.MANAGED
        || bytes <= 0
        || address - block.address > block.bytes - bytes) {
      throw Status.INVALID_VALUE.because(
          bytes + " bytes at 0x" + Long.toHexString(address) + " are no managed memory");
    }
    return block;
  }
}
