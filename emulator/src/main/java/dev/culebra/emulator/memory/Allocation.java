package dev.culebra.emulator.memory;

/**
 * A stretch of memory that kernels may touch: allocated on the device, or the host's, registered.
 */
public final class Allocation {
  private final long address;
  private final long bytes;
  private final long number;
  private final String label;
  private final boolean readOnly;
  private final boolean host;

  /** Plain: the host frees between launches, never during one. */
  private boolean live = true;

  Allocation(long address, long bytes, long number, String label, boolean readOnly, boolean host) {
    this.address = address;
    this.bytes = bytes;
    this.number = number;
    this.label = label;
    this.readOnly = readOnly;
    this.host = host;
  }

  /** As kernels see it. */
  public long address() {
    return address;
  }

  public long bytes() {
    return bytes;
  }

  /** What it is called in reports. */
  public String label() {
    return label;
  }

  /** Whether kernels may not write to it: {@code .const} variables. */
  public boolean readOnly() {
    return readOnly;
  }

  /** Whether it is memory of the host, at the host's address. */
  public boolean host() {
    return host;
  }

  /** False once it was freed. */
  public boolean live() {
    return live;
  }

  /** How many came before it; negative for the host's. */
  long number() {
    return number;
  }

  /** Whether all of {@code count} bytes at {@code at} belong to it. */
  public boolean contains(long at, long count) {
    long offset = at - address;
    return offset >= 0 && count >= 0 && offset <= bytes - count;
  }

  void end() {
    live = false;
  }

  /** "activations, 4096 bytes at 0x800000010000". */
  @Override
  public String toString() {
    return label + ", " + bytes + " bytes at 0x" + Long.toHexString(address);
  }
}
