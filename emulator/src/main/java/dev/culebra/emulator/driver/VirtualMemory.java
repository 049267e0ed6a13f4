package dev.culebra.emulator.driver;

import dev.culebra.emulator.memory.DeviceMemory.Opened;
import dev.culebra.emulator.memory.OutOfDeviceMemoryException;
import dev.culebra.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Memory that the program puts together by itself: handles of memory without addresses, reserved
 * addresses without memory, mappings of one to the other, and who may use them. It belongs to no
 * context.
 */
final class VirtualMemory implements AutoCloseable {
  /** Sizes and addresses are multiples of this, in bytes. */
  static final long GRANULARITY = 2 << 20;

  private final Driver driver;
  private final List<Handle> handles = new ArrayList<>();
  private final TreeMap<Long, Reservation> reservations = new TreeMap<>();

  /** Memory that a program created ({@code CUmemGenericAllocationHandle}). */
  static final class Handle implements HandleTable.Resource {
    private final PhysicalMemory memory;
    private final CallSite site = CallSite.current();
    private int references = 1;

    /** Another one after all were released of memory that stayed mapped. */
    private long handle;

    private Handle(Driver driver, PhysicalMemory memory) {
      this.memory = memory;
      handle = driver.handles.add(this);
    }

    long handle() {
      return handle;
    }

    @Override
    public String what() {
      return "memory allocation";
    }
  }

  /** What a device may do with mapped memory ({@code CUmemAccess_flags}). */
  enum Access {
    NONE,
    READ,
    READ_WRITE
  }

  /** Memory at addresses. */
  private static final class Mapping {
    final long address;
    final long bytes;
    final Handle handle;
    private Access access = Access.NONE;

    private Mapping(long address, long bytes, Handle handle) {
      this.address = address;
      this.bytes = bytes;
      this.handle = handle;
    }

    long end() {
      return address + bytes;
    }
  }

  /** Addresses that a program reserved. */
  private static final class Reservation {
    final long address;
    final long bytes;
    private final CallSite site = CallSite.current();
    private final TreeMap<Long, Mapping> mappings = new TreeMap<>();

    private Reservation(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    boolean contains(long at, long length) {
      return at >= address && length <= bytes && at - address <= bytes - length;
    }
  }

  VirtualMemory(Driver driver) {
    this.driver = driver;
  }

  Handle create(long bytes) {
    requireUnits(bytes, "memory");
    try {
      Handle made = new Handle(driver, driver.memory().physical(bytes));
      handles.add(made);
      return made;
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
  }

  private static void requireUnits(long number, String what) {
    if (number <= 0 || number % GRANULARITY != 0) {
      throw Status.INVALID_VALUE.because(
          what + " of " + number + " bytes, which is no multiple of " + GRANULARITY);
    }
  }

  /** Memory stays while it is mapped. */
  void release(Handle handle) {
    handle.references--;
    if (handle.references == 0) {
      driver.handles.free(handle.handle);
    }
    drop(handle);
  }

  private void drop(Handle handle) {
    if (handle.references == 0 && !handle.memory.mapped()) {
      handles.remove(handle);
      handle.memory.close();
    }
  }

  /** The handle of what is mapped at an address, which has to be released once more. */
  Handle retain(long address) {
    Handle handle = mappingAt(address).handle;
    if (handle.references == 0) {
      handle.handle = driver.handles.add(handle);
    }
    handle.references++;
    return handle;
  }

  long reserve(long bytes, long alignment) {
    requireUnits(bytes, "addresses");
    if (Long.bitCount(alignment) > 1 || alignment < 0) {
      throw Status.INVALID_VALUE.because("an alignment of " + alignment);
    }
    try {
      long address = driver.memory().reserve(bytes, Math.max(GRANULARITY, alignment));
      reservations.put(address, new Reservation(address, bytes));
      return address;
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
  }

  void free(long address, long bytes) {
    Reservation reservation = reservations.get(address);
    if (reservation == null || reservation.bytes != bytes) {
      throw driver.misuse(
          Status.INVALID_VALUE, hex(address) + ": not all of one reservation of addresses");
    }
    if (!reservation.mappings.isEmpty()) {
      throw driver.misuse(
          Status.INVALID_VALUE, hex(address) + ": memory is still mapped to these addresses");
    }
    reservations.remove(address);
    driver.memory().unreserve(address, bytes);
  }

  private Reservation reservation(long address, long bytes) {
    Map.Entry<Long, Reservation> entry = reservations.floorEntry(address);
    if (entry == null || !entry.getValue().contains(address, bytes)) {
      throw driver.misuse(
          Status.INVALID_VALUE, bytes + " bytes at " + hex(address) + " are not reserved");
    }
    return entry.getValue();
  }

  void map(long address, long bytes, Handle handle) {
    Reservation reservation = reservation(address, bytes);
    requireUnits(bytes, "a mapping");
    if (address % GRANULARITY != 0) {
      throw Status.INVALID_VALUE.because("memory mapped to " + hex(address));
    }
    if (bytes != handle.memory.bytes()) {
      throw Status.NOT_SUPPORTED.because(
          "memory is mapped as a whole, not " + bytes + " of " + handle.memory.bytes() + " bytes");
    }
    Map.Entry<Long, Mapping> before = reservation.mappings.lowerEntry(address + bytes);
    if (before != null && before.getValue().end() > address) {
      throw driver.misuse(Status.INVALID_VALUE, hex(address) + ": something is mapped there");
    }
    try {
      handle.memory.map(address, bytes);
    } catch (OutOfDeviceMemoryException e) {
      throw Status.OUT_OF_MEMORY.because(e.getMessage());
    }
    reservation.mappings.put(address, new Mapping(address, bytes, handle));
  }

  /** The mappings in a stretch, none of them in part; there may be gaps. */
  private List<Mapping> whole(Reservation reservation, long address, long bytes) {
    List<Mapping> found = new ArrayList<>();
    for (Mapping mapping : reservation.mappings.values()) {
      boolean apart = mapping.end() <= address || mapping.address >= address + bytes;
      if (!apart && (mapping.address < address || mapping.end() > address + bytes)) {
        throw driver.misuse(
            Status.INVALID_VALUE, bytes + " bytes at " + hex(address) + " cut a mapping in two");
      }
      if (!apart) {
        found.add(mapping);
      }
    }
    return found;
  }

  /**
   * Unmaps what is mapped in a stretch, be it nothing. Waits for all work, since some of it may use
   * the memory.
   */
  void unmap(long address, long bytes) {
    Reservation reservation = reservation(address, bytes);
    List<Mapping> ended = whole(reservation, address, bytes);
    for (Context context : List.copyOf(driver.contexts)) {
      driver.timeline.finishAllQuietly(context);
    }
    for (Mapping mapping : ended) {
      reservation.mappings.remove(mapping.address);
    }
    open(reservation);
    for (Mapping mapping : ended) {
      mapping.handle.memory.unmap(mapping.address, mapping.bytes);
      drop(mapping.handle);
    }
  }

  void allow(long address, long bytes, Access access) {
    Reservation reservation = reservation(address, bytes);
    List<Mapping> mappings = whole(reservation, address, bytes);
    if (mappings.isEmpty()) {
      throw driver.misuse(
          Status.INVALID_VALUE, bytes + " bytes at " + hex(address) + ": nothing is mapped there");
    }
    for (Mapping mapping : mappings) {
      mapping.access = access;
    }
    open(reservation);
  }

  Access access(long address) {
    return mappingAt(address).access;
  }

  private Mapping mappingAt(long address) {
    Map.Entry<Long, Mapping> entry = reservation(address, 1).mappings.floorEntry(address);
    if (entry == null || entry.getValue().end() <= address) {
      throw Status.INVALID_VALUE.because("nothing is mapped to " + hex(address));
    }
    return entry.getValue();
  }

  /** Lets the device use what it may: neighbours of one kind are one stretch to it. */
  private void open(Reservation reservation) {
    List<Opened> parts = new ArrayList<>();
    for (Mapping mapping : reservation.mappings.values()) {
      if (mapping.access == Access.NONE) {
        continue;
      }
      boolean readOnly = mapping.access == Access.READ;
      Opened last = parts.isEmpty() ? null : parts.getLast();
      boolean joins =
          last != null
              && last.address() + last.bytes() == mapping.address
              && last.readOnly() == readOnly;
      if (joins) {
        parts.removeLast();
        parts.add(new Opened(last.address(), last.bytes() + mapping.bytes, readOnly));
      } else {
        parts.add(new Opened(mapping.address, mapping.bytes, readOnly));
      }
    }
    driver
        .memory()
        .open(
            reservation.address,
            reservation.bytes,
            parts,
            "memory mapped to the addresses of " + reservation.site);
  }

  private static String hex(long address) {
    return "0x" + Long.toHexString(address);
  }

  /** Tells of what was not released, and gives it back. */
  @Override
  public void close() {
    for (Handle handle : List.copyOf(handles)) {
      if (driver.checksHostApi() && driver.failure() == null) {
        driver.reportLeak(
            handle.memory.bytes() + " bytes of mappable memory, created at " + handle.site);
      }
      handle.memory.close();
    }
    handles.clear();
  }
}
