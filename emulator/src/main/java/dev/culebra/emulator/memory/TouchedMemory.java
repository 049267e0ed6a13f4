package dev.culebra.emulator.memory;

/** Which bytes of the device's own memory one launch touched, and how. */
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
  private final TouchedBytes[] touched = new TouchedBytes[Touch.values().length];

  public TouchedMemory(DeviceMemory memory) {
    this.memory = memory;
    for (int i = 0; i < touched.length; i++) {
      touched[i] = new TouchedBytes(memory);
    }
  }

  /** Notes that bytes are touched; what is not the device's own is left out. */
  public void mark(Touch touch, long address, long bytes) {
    if (memory.isDevice(address)) {
      touched[touch.ordinal()].mark(address, bytes);
    }
  }

  /** Tells of all that was marked in what is allocated, and forgets it. */
  public void drain(Visitor visitor) {
    for (Allocation allocation : memory.allocations()) {
      for (Touch touch : Touch.values()) {
        touched[touch.ordinal()].drain(
            allocation, (address, bytes) -> visitor.stretch(touch, address, bytes));
      }
    }
  }

  @Override
  public void close() {
    for (TouchedBytes bytes : touched) {
      bytes.close();
    }
  }
}
