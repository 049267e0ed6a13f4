package dev.culebra.emulator.memory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Which bytes of the device's own memory and of the host's one launch touched, and how. */
public final class TouchedMemory implements AutoCloseable {
  /** How bytes were touched. */
  public enum Touch {
    READ,
    WRITE,
    /** With an operation that others' operations of that kind may meet: atomic or strong. */
    ATOMIC
  }

  /** Called for each stretch of one kind, in order of addresses. */
  public interface Visitor {
    void stretch(Touch touch, long address, long bytes);
  }

  private final DeviceMemory memory;
  private final TouchedBytes[] touched;

  /** For memory of the host that was touched since the last {@link #drain}. */
  private final Map<Allocation, TouchedBytes[]> ofHost = new ConcurrentHashMap<>();

  public TouchedMemory(DeviceMemory memory) {
    this.memory = memory;
    touched = ofEachTouch(() -> new TouchedBytes(memory));
  }

  private static TouchedBytes[] ofEachTouch(Supplier<TouchedBytes> maker) {
    TouchedBytes[] made = new TouchedBytes[Touch.values().length];
    for (int i = 0; i < made.length; i++) {
      made[i] = maker.get();
    }
    return made;
  }

  /** Notes that bytes are touched; what is neither allocated nor registered is left out. */
  public void mark(Touch touch, long address, long bytes) {
    if (memory.isDevice(address)) {
      touched[touch.ordinal()].mark(address, bytes);
      return;
    }
    Allocation host = memory.find(address);
    if (host != null && host.contains(address, bytes)) {
      ofHost
          .computeIfAbsent(
              host, key -> ofEachTouch(() -> new TouchedBytes(key.address(), key.bytes())))[
          touch.ordinal()]
          .mark(address, bytes);
    }
  }

  /** Tells of all that was marked in what is allocated or registered, and forgets it. */
  public void drain(Visitor visitor) {
    for (Allocation allocation : memory.allocations()) {
      drain(allocation, touched, visitor);
    }
    ofHost.forEach(
        (allocation, bytes) -> {
          drain(allocation, bytes, visitor);
          close(bytes);
        });
    ofHost.clear();
  }

  private static void drain(Allocation allocation, TouchedBytes[] bytes, Visitor visitor) {
    for (Touch touch : Touch.values()) {
      bytes[touch.ordinal()].drain(
          allocation, (address, count) -> visitor.stretch(touch, address, count));
    }
  }

  private static void close(TouchedBytes[] bytes) {
    for (TouchedBytes each : bytes) {
      each.close();
    }
  }

  @Override
  public void close() {
    close(touched);
    ofHost.values().forEach(TouchedMemory::close);
  }
}
