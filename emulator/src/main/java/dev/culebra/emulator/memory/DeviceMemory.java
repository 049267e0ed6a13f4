package dev.culebra.emulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The memory of one device: allocations that are never adjacent, whose addresses are none of the
 * host's and are not soon used again; and memory of the host that was registered, which has the
 * host's addresses. Threads may use it at once.
 */
public final class DeviceMemory implements AutoCloseable {
  /** Device addresses begin here: above all that a process on x86-64 can address. */
  public static final long BASE = 1L << 47;

  /** Of every allocation, in bytes. */
  public static final int ALIGNMENT = 512;

  /** Unused bytes between one allocation and the next. */
  static final long GUARD = 1 << 16;

  private static final long LEAST_SPAN = 1L << 36;
  private static final int QUARANTINED = 4096;
  private static final long QUARANTINED_BYTES = 1L << 32;

  private final Arena arena = Arena.ofShared();
  private final long capacity;
  private final MemorySegment region;
  private final WrittenBytes written;
  private final ConcurrentSkipListMap<Long, Allocation> live = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Allocation> freed = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, Allocation> registered = new ConcurrentSkipListMap<>();
  private final ArrayDeque<Allocation> quarantine = new ArrayDeque<>();
  private final AddressPlaces places;
  private long quarantinedBytes;
  private long used;
  private long allocations;
  private volatile long untracked;

  /**
   * Reserves addresses; memory is taken as it is touched.
   *
   * @param capacity bytes that can be allocated in all
   */
  public DeviceMemory(long capacity) {
    if (capacity <= 0) {
      throw new IllegalArgumentException("capacity of " + capacity + " bytes");
    }
    this.capacity = capacity;
    long span = Math.max(LEAST_SPAN, Math.multiplyExact(capacity, 2));
    MemorySegment reserved = AddressSpace.reserve(span, arena);
    while (reserved == null && span > GUARD * 4) {
      span /= 2;
      reserved = AddressSpace.reserve(span, arena);
    }
    MemorySegment shadow =
        reserved == null ? null : AddressSpace.reserve(reserved.byteSize() / Byte.SIZE, arena);
    if (shadow == null) {
      arena.close();
      throw new OutOfDeviceMemoryException(
          "the system refuses to reserve addresses for the emulated device (see ulimit -v)");
    }
    region = reserved;
    places = new AddressPlaces(BASE + GUARD, BASE + region.byteSize());
    written = new WrittenBytes(shadow);
  }

  /**
   * Allocates, aligned to {@link #ALIGNMENT}; what it holds is undefined.
   *
   * @param label what reports call it
   * @return its device address
   * @throws OutOfDeviceMemoryException when there is not enough left
   */
  public long allocate(long bytes, String label) {
    return allocate(bytes, label, false).address();
  }

  /** As {@link #allocate(long, String)}; what is read only, kernels may not write to. */
  public synchronized Allocation allocate(long bytes, String label, boolean readOnly) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("an allocation of " + bytes + " bytes");
    }
    if (bytes > capacity - used || roundUp(bytes) > capacity - used) {
      throw new OutOfDeviceMemoryException(
          bytes
              + " bytes for "
              + label
              + ", but "
              + (capacity - used)
              + " of "
              + capacity
              + " free");
    }
    long address = place(roundUp(bytes) + GUARD, ALIGNMENT);
    Allocation allocation = new Allocation(address, bytes, allocations++, label, readOnly, false);
    used += roundUp(bytes);
    live.put(address, allocation);
    return allocation;
  }

  /**
   * Frees what {@link #allocate} gave; its address is not soon given again.
   *
   * @throws IllegalDeviceAddressException when the address is not that of an allocation
   */
  public synchronized void free(long address) {
    Allocation allocation = live.remove(address);
    if (allocation == null) {
      throw new IllegalDeviceAddressException(
          "free of 0x" + hex(address) + ": " + describe(address));
    }
    allocation.end();
    long bytes = roundUp(allocation.bytes());
    used -= bytes;
    AddressSpace.discard(region, address - BASE, bytes);
    written.clear(address - BASE, bytes);
    freed.put(address, allocation);
    quarantine.add(allocation);
    quarantinedBytes += bytes;
    while (quarantine.size() > QUARANTINED || quarantinedBytes > QUARANTINED_BYTES) {
      release();
    }
  }

  private long place(long span, long alignment) {
    while (true) {
      long start = places.take(span, alignment);
      if (start >= 0) {
        return start;
      }
      if (quarantine.isEmpty()) {
        throw new OutOfDeviceMemoryException("no stretch of " + span + " addresses is left");
      }
      release();
    }
  }

  /** Gives the addresses of what was freed longest ago back for use. */
  private void release() {
    Allocation oldest = quarantine.remove();
    freed.remove(oldest.address());
    quarantinedBytes -= roundUp(oldest.bytes());
    places.giveBack(oldest.address(), roundUp(oldest.bytes()) + GUARD);
  }

  /**
   * Takes addresses that mean nothing yet.
   *
   * @param alignment a power of two
   * @throws OutOfDeviceMemoryException where there are not so many
   */
  public synchronized long reserve(long bytes, long alignment) {
    return place(Math.addExact(bytes, GUARD), alignment);
  }

  /** Ends what {@link #reserve} began; nothing may be mapped there. */
  public synchronized void unreserve(long address, long bytes) {
    places.giveBack(address, bytes + GUARD);
  }

  /**
   * Memory to be mapped by the program itself.
   *
   * @throws OutOfDeviceMemoryException when there is not enough left
   */
  public synchronized PhysicalMemory physical(long bytes) {
    if (bytes > capacity - used) {
      throw new OutOfDeviceMemoryException(
          bytes + " bytes, but " + (capacity - used) + " of " + capacity + " free");
    }
    PhysicalMemory made = new PhysicalMemory(this, bytes);
    used += bytes;
    return made;
  }

  synchronized void returned(long bytes) {
    used -= bytes;
  }

  /**
   * Mapped addresses that kernels and copies may use.
   *
   * @param readOnly whether they may only read
   */
  public record Opened(long address, long bytes, boolean readOnly) {
    private boolean is(Allocation allocation) {
      return address == allocation.address()
          && bytes == allocation.bytes()
          && readOnly == allocation.readOnly();
    }

    private boolean holds(Allocation allocation) {
      return allocation.address() >= address
          && allocation.address() + allocation.bytes() <= address + bytes
          && readOnly == allocation.readOnly();
    }
  }

  /**
   * Says what of a reserved stretch can be used from now on, and nothing else of it. What can be
   * used before and after stays live for a kernel that runs.
   */
  public synchronized void open(long address, long bytes, List<Opened> parts, String label) {
    for (Allocation before : List.copyOf(live.subMap(address, address + bytes).values())) {
      if (parts.stream().noneMatch(part -> part.is(before))) {
        live.remove(before.address());
      }
      if (parts.stream().noneMatch(part -> part.holds(before))) {
        before.end();
      }
    }
    for (Opened part : parts) {
      live.computeIfAbsent(
          part.address,
          at -> new Allocation(at, part.bytes, allocations++, label, part.readOnly, false));
    }
  }

  /** The live allocation or registered host memory that holds a byte; null where none does. */
  public Allocation find(long address) {
    Map.Entry<Long, Allocation> entry = (isDevice(address) ? live : registered).floorEntry(address);
    return entry != null && entry.getValue().contains(address, 1) ? entry.getValue() : null;
  }

  /** All live allocations on the device, by address. */
  public List<Allocation> allocations() {
    return List.copyOf(live.values());
  }

  /** Makes memory of the host accessible to kernels, at its own address. */
  public synchronized void registerHost(long hostAddress, long bytes, String label) {
    if (bytes <= 0 || hostAddress <= 0 || isDevice(hostAddress)) {
      throw new IllegalDeviceAddressException("no host memory: 0x" + hex(hostAddress));
    }
    Map.Entry<Long, Allocation> before = registered.lowerEntry(hostAddress + bytes);
    if (before != null && before.getKey() + before.getValue().bytes() > hostAddress) {
      throw new IllegalDeviceAddressException(
          "host memory at 0x" + hex(hostAddress) + " overlaps " + before.getValue());
    }
    registered.put(hostAddress, new Allocation(hostAddress, bytes, -1, label, false, true));
  }

  /** Ends what {@link #registerHost} began. */
  public synchronized void unregisterHost(long hostAddress) {
    Allocation allocation = registered.remove(hostAddress);
    if (allocation == null) {
      throw new IllegalDeviceAddressException(
          "host memory at 0x" + hex(hostAddress) + " is not registered");
    }
    allocation.end();
  }

  /**
   * The bytes themselves, of one allocation or registered memory, usable until this is closed.
   *
   * @throws IllegalDeviceAddressException when not all of them belong to one
   */
  @SuppressWarnings("restricted")
  public MemorySegment segment(long address, long bytes) {
    Allocation allocation = find(address);
    if (allocation == null || !allocation.contains(address, bytes)) {
      throw new IllegalDeviceAddressException(
          bytes
              + " bytes at 0x"
              + hex(address)
              + ": "
              + describe(address + Math.max(0, bytes - 1)));
    }
    return allocation.host()
        ? MemorySegment.ofAddress(address).reinterpret(bytes)
        : region.asSlice(address - BASE, bytes);
  }

  /** Copies from the host. */
  public void copyIn(long to, MemorySegment from) {
    segment(to, from.byteSize()).copyFrom(from);
    markWritten(to, from.byteSize());
  }

  /** Copies to the host. */
  public void copyOut(MemorySegment to, long from) {
    to.copyFrom(segment(from, to.byteSize()));
  }

  /** Copies, also between overlapping stretches; what nobody wrote stays so. */
  public void copy(long to, long from, long bytes) {
    if (bytes == 0) {
      return;
    }
    segment(to, bytes).copyFrom(segment(from, bytes));
    if (isDevice(to)) {
      if (isDevice(from)) {
        written.copy(to - BASE, from - BASE, bytes);
      } else {
        markWritten(to, bytes);
      }
    }
  }

  /** Fills {@code count} elements of {@code width} bytes (1, 2 or 4), as cuMemsetD8, 16, 32 do. */
  public void fill(long address, int value, int width, long count) {
    if (count == 0) {
      return;
    }
    MemorySegment target = segment(address, Math.multiplyExact(count, width));
    switch (width) {
      case 1 -> target.fill((byte) value);
      case 2, 4 -> {
        for (long i = 0; i < count; i++) {
          if (width == 2) {
            target.setAtIndex(HostMemory.SHORT, i, (short) value);
          } else {
            target.setAtIndex(HostMemory.INT, i, value);
          }
        }
      }
      default -> throw new IllegalArgumentException("elements of " + width + " bytes");
    }
    markWritten(address, count * width);
  }

  /** Notes that bytes have a value; host memory always has. */
  public void markWritten(long address, long bytes) {
    if (isDevice(address)) {
      written.mark(address - BASE, bytes);
    }
  }

  /** Notes that bytes have no value (again). */
  public void markUnwritten(long address, long bytes) {
    if (isDevice(address)) {
      written.clear(address - BASE, bytes);
    }
  }

  /** The first of these bytes that nobody wrote; -1 where all were. */
  public long firstUnwritten(long address, long bytes) {
    if (!isDevice(address)) {
      return -1;
    }
    long offset = written.firstClear(address - BASE, bytes);
    return offset < 0 ? -1 : BASE + offset;
  }

  public boolean isWritten(long address, long bytes) {
    return firstUnwritten(address, bytes) < 0;
  }

  /**
   * From now on, nobody notes what kernels write: of what is allocated so far, all counts as
   * written.
   */
  public void assumeWritten() {
    untracked = allocations;
  }

  /** Whether it is known which bytes of an allocation were written. */
  public boolean tracks(Allocation allocation) {
    return allocation.number() >= untracked;
  }

  /** Which bytes have a value, by offset from {@link #BASE}. */
  public WrittenBytes written() {
    return written;
  }

  /** Whether an address is one of the device's own. */
  public boolean isDevice(long address) {
    return address - BASE >= 0 && address - BASE < region.byteSize();
  }

  /** Addresses that the device's own memory spans, allocated or not: the first is {@link #BASE}. */
  public long span() {
    return region.byteSize();
  }

  /** Where the byte at {@link #BASE} really is. */
  public long nativeBase() {
    return region.address();
  }

  /** Where a byte of the device's own memory really is; the address is not checked. */
  public long nativeAddress(long address) {
    return address - BASE + region.address();
  }

  /** Bytes allocated. */
  public synchronized long used() {
    return used;
  }

  /** Bytes that can be allocated in all. */
  public long capacity() {
    return capacity;
  }

  /** What an address is, for reports: "4 bytes after weights, 4096 bytes at 0x...". */
  public String describe(long address) {
    List<String> neighbours = new ArrayList<>();
    ConcurrentSkipListMap<Long, Allocation> map = isDevice(address) ? live : registered;
    Map.Entry<Long, Allocation> before = map.floorEntry(address);
    if (before != null && before.getValue().contains(address, 1)) {
      return "byte " + (address - before.getKey()) + " of " + before.getValue();
    }
    if (!isDevice(address)) {
      return "not an address of the device or of registered host memory";
    }
    Map.Entry<Long, Allocation> gone = freed.floorEntry(address);
    if (gone != null && gone.getValue().contains(address, 1)) {
      return "byte " + (address - gone.getKey()) + " of " + gone.getValue() + ", which was freed";
    }
    if (before != null) {
      long end = before.getKey() + before.getValue().bytes();
      neighbours.add((address - end) + " bytes after the end of " + before.getValue());
    }
    Map.Entry<Long, Allocation> next = map.higherEntry(address);
    if (next != null) {
      neighbours.add((next.getKey() - address) + " bytes before " + next.getValue());
    }
    return neighbours.isEmpty() ? "nothing is allocated" : String.join("; ", neighbours);
  }

  /** Gives all memory back; segments of it can't be used any more. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static long roundUp(long bytes) {
    return Math.addExact(bytes, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static String hex(long address) {
    return Long.toHexString(address);
  }
}
